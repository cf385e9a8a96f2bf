"""Lessons, a swarm and a graded submission on cgroup v2, which most students have, with mapped ids and without."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from labs import images
from labs.engine import Engine
from tests.second_engine import SecondEngine, second_engine

pytestmark = [pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(900)]


@pytest.fixture(scope="module", params=[True, False], ids=["mapped", "not mapped"])
def second(request: pytest.FixtureRequest, engine: Engine) -> Iterator[SecondEngine]:
    if engine.client.info()["CgroupVersion"] == "2":
        pytest.skip("this machine's engine has cgroup v2 itself: all tests use it")
    if os.geteuid():
        pytest.skip("a second engine needs root")
    images.ensure(engine.client, print, purpose="grading")
    names = [stock.image.name for stock in images.stock(engine.client, extra=True) if stock.present]
    with second_engine(engine, names, mapped=request.param) as second:
        yield second


def test_doctor_finds_nothing_that_keeps_lessons_from_running(second: SecondEngine):
    said = json.loads(second.python("-m", "labs.cli", "doctor", "--json"))
    seen = {each["subject"]: each["seen"] for each in said["findings"]}
    assert said["ok"], said
    assert "cgroup v2" in seen["kernel"]


@pytest.mark.parametrize(
    ("file", "case"),
    [
        ("lessons/test_lessons.py", "run-a-registry and not full"),
        ("playground/swarm/test_swarm.py", "ready or waited_for or images"),
        ("playground/test_isolation.py", "test"),
        ("lessons/test_lessons.py", "keep-a-swarm-serving and stored_outputs_and"),
    ],
)
def test_what_runs_on_this_machine_runs_there(second: SecondEngine, file: str, case: str):
    said = second.python(
        "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider", f"tests/{file}", "-k", case
    )
    assert " passed" in said


def test_a_submission_is_graded(second: SecondEngine):
    assert "all passed" in second.python("-m", "labs.cli", "rehearse", "run-a-registry")
