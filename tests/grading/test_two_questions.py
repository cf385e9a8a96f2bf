"""The bench's task through the real runner, with and without a container around the kernel: the same grades."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.bench.classroom import students, wrong
from labs.bench.metered import run_lanes
from labs.bench.two_questions import Labs

pytestmark = pytest.mark.engine


@pytest.mark.full
@pytest.mark.parametrize("isolated", [True, False])
def test_labs_gives_one_student_of_each_kind_the_points_that_are_theirs(
    isolated: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = tmp_path / "own-course"
    course.mkdir()
    monkeypatch.setenv("LABS_COURSE", str(course))
    each = list({student.kind: student for student in students()}.values())
    grader = Labs(jobs=1, isolated=isolated)
    folder = tmp_path / "class"
    grader.prepare(folder, each)
    run_lanes(grader.lanes(folder, each), folder, grader.environment())
    grades = grader.grades(folder)
    assert set(grades) == {student.name for student in each}, (folder / "log").read_text()
    assert wrong(grades, each) == []
    assert grader.kept(folder) == len(each)
