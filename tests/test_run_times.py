"""What `make test` says of its time, and the refusal of processes to unit tests."""

from __future__ import annotations

import json
import os
import subprocess
from types import SimpleNamespace

import pytest

from tests import run_times
from tests.run_times import RunTimes, folder_of, lesson_of
from tests.unit_limits import refuse_processes

SLUGS = ("run-a-registry", "serve-a-swarm", "keep-a-swarm-serving")


def report(nodeid: str, duration: float) -> SimpleNamespace:
    return SimpleNamespace(nodeid=nodeid, duration=duration)


@pytest.mark.parametrize(
    ("nodeid", "folder"),
    [
        ("tests/cli/test_grade.py::test_a", "tests/cli"),
        ("tests/grading/sandbox/test_confined.py::test_a[b/c]", "tests/grading"),
        ("tests/test_ci.py::test_a", "tests"),
    ],
)
def test_folder_of_a_test_is_the_first_below_tests(nodeid: str, folder: str) -> None:
    assert folder_of(nodeid) == folder


@pytest.mark.parametrize(
    ("nodeid", "lesson"),
    [
        ("tests/lessons/test_lessons.py::test_a[run-a-registry-nothing]", "run-a-registry"),
        ("tests/lessons/test_keep_a_swarm_serving.py::test_a", "keep-a-swarm-serving"),
        ("tests/notebooks/test_solutions.py::test_a[07-serve-a-swarm]", "serve-a-swarm"),
        ("tests/lessons/test_coverage.py::test_a", None),
        ('tests/cli/test_grade.py::test_a[did you mean "run-a-registry"]', None),
    ],
)
def test_lesson_of_a_test_is_the_slug_in_its_name(nodeid: str, lesson: str | None) -> None:
    assert lesson_of(nodeid, SLUGS) == lesson


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> RunTimes:
    """A run of two lessons, the first of them over its share."""
    monkeypatch.setattr(run_times, "shares", lambda: {"run-a-registry": 50, "serve-a-swarm": 120})
    monkeypatch.setattr(run_times, "_commit", lambda: {"commit": "1234", "dirty": False})
    times = RunTimes()
    for nodeid, duration in (
        ("tests/lessons/test_lessons.py::test_a[run-a-registry-nothing]", 40.0),
        ("tests/notebooks/test_solutions.py::test_b[01-run-a-registry]", 10.5),
        ("tests/notebooks/test_solutions.py::test_b[07-serve-a-swarm]", 110.0),
        ("tests/cli/test_grade.py::test_a", 0.5),
    ):
        times.pytest_runtest_logreport(report(nodeid, duration))
    return times


def test_lesson_over_its_share_is_listed(times: RunTimes) -> None:
    assert times.lines() == [
        "  120.5 s  tests/notebooks",
        "   40.0 s  tests/lessons",
        "  110.0 s  lesson serve-a-swarm",
        "   50.5 s  lesson run-a-registry: over its share of 50 s",
    ]


def test_record_of_a_run_is_json_with_commit_counts_and_seconds(times: RunTimes) -> None:
    data = json.loads(json.dumps(times.to_json({"passed": 4}, before_s=100.0)))
    assert (data["commit"], data["dirty"], data["counts"]) == ("1234", False, {"passed": 4})
    assert data["seconds"] >= data["seconds_before_pytest"] == 100.0
    assert data["folders"] == {"tests/notebooks": 120.5, "tests/lessons": 40.0, "tests/cli": 0.5}
    assert data["lessons"] == {"serve-a-swarm": 110.0, "run-a-registry": 50.5}
    assert data["over"] == ["run-a-registry"]


@pytest.mark.parametrize(
    "start",
    [lambda: subprocess.run(["true"]), lambda: os.fork(), lambda: os.system("true")],
)
def test_process_in_a_unit_test_is_refused_and_kept(start, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = refuse_processes(monkeypatch)
    with pytest.raises(pytest.fail.Exception, match="without the marker `process`"):
        start()
    assert len(tried) == 1
