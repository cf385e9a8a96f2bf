"""The class of forty: its kinds, what counts as a wrong grade, and that both questions can be judged."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from labs.bench.classroom import DIGEST, TOTAL_BYTES, students, wrong
from labs.bench.metered import metered, run_lanes
from labs.bench.two_questions import Labs, all_lessons, handout


def test_students_are_forty_of_five_kinds_each_with_a_name_of_its_own() -> None:
    found = students()
    kinds = Counter(student.kind for student in found)
    assert kinds == {"honest": 30, "wrong": 3, "kills": 3, "endless": 2, "attack": 2}
    assert len({student.name for student in found}) == 40


def test_wrong_names_who_has_other_points_than_expected() -> None:
    points = {s.name: float(s.points or 0) for s in students()}
    assert wrong(points, students()) == []
    attacker = next(s.name for s in students() if s.kind == "attack")
    endless = next(s.name for s in students() if s.kind == "endless")
    honest = next(s.name for s in students() if s.kind == "honest")
    given = {**points, attacker: 2.0, endless: 1.0}
    del given[honest]
    assert sorted(wrong(given, students())) == sorted([attacker, honest])


@pytest.mark.parametrize(
    ("id", "answers", "outcome"),
    [
        ("90.1", {"digest": DIGEST}, "passed"),
        ("90.1", {"digest": DIGEST.removeprefix("sha256:")}, "not yet"),
        ("90.1", {}, "not attempted"),
        ("90.2", {"total": TOTAL_BYTES}, "passed"),
        ("90.2", {"total": float(TOTAL_BYTES)}, "not yet"),
        ("90.2", {"total": True}, "not yet"),
    ],
)
def test_checks_of_two_questions(id: str, answers: dict[str, object], outcome: str) -> None:
    plain = json.loads(json.dumps(answers))
    assert all_lessons()[0].task(id).check(None, plain).outcome == outcome


def test_prepare_writes_submissions_that_the_grader_reads(tmp_path: Path) -> None:
    Labs().prepare(tmp_path, students())
    read = list(read_all_of(tmp_path))
    assert [each.problem for each in read] == [""] * 40
    answers = {s.name: list(s.answers) for s in students()}
    assert {each.student: list(each.answers.values()) for each in read} == answers


def read_all_of(folder: Path):
    from labs.grading.submissions.folder import lessons_of, list_folder, read_all

    course = handout(folder)
    listing = list_folder(folder / "submissions")
    return read_all(listing, lessons_of(listing, course), course)


@pytest.mark.process
def test_run_lanes_after_a_kill_leaves_no_process_and_what_was_written(tmp_path: Path) -> None:
    lanes = [[["sh", "-c", "echo one >one; sleep 600 & sleep 600"]]]
    with metered() as cost:
        run_lanes(lanes, tmp_path, {"PATH": "/usr/bin:/bin"}, kill_after_s=0.5)
    assert (tmp_path / "one").read_text() == "one\n"
    assert cost.seconds < 60
