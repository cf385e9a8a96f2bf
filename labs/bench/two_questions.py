"""The task of the class in `classroom`, as a lesson of two exercises without a playground, and its grading.

Run as a program it grades a folder that `prepare` has filled, the way `labs grade` does.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from labs.bench.classroom import CELL_S, DIGEST, TOTAL_BYTES, Student
from labs.bench.metered import Lanes
from labs.lesson import Exercise, Finding, Lesson, not_attempted, not_yet, passed

if TYPE_CHECKING:
    from labs.grading import Handout
    from labs.playground import Playground

_MODULE = "labs.bench.two_questions"
_UNISOLATED = "labs.bench.unisolated_kernel"
SLUG = "two-questions"
# The request of a check cell alone, without `labs.open`: the task has no playground.
_HAND_IN = """from labs.graded.remote_playground import GraderClient

def hand_in(exercise, **answers):
    GraderClient().ask("check", exercise=exercise, answers=answers)"""
_STUB = "# YOUR CODE HERE"
_VALUES = {"90.1": ("digest", DIGEST), "90.2": ("total", TOTAL_BYTES)}


def _check(id: str) -> Callable[[Playground, Mapping[str, Any]], Finding]:
    name, wanted = _VALUES[id]

    def check(_playground: Playground, answers: Mapping[str, Any]) -> Finding:
        given = answers.get(name)
        if given is None:
            return not_attempted(f"give {name}")
        # Exactly: True equals 1, and a type of the student's could equal anything.
        if type(given) is type(wanted) and given == wanted:
            return passed()
        return not_yet(f"{name} is {given!r}")

    return check


def all_lessons() -> list[Lesson]:
    """The one lesson; what a worker of the grader asks a module for."""
    exercises = tuple(
        Exercise(id, name, _check(id), (), _cell("answer", id)) for id, (name, _) in _VALUES.items()
    )
    return [
        Lesson(90, SLUG, "Two questions", 5, "A digest and a sum.", nodes=0, exercises=exercises)
    ]


def _cell(kind: str, id: str) -> str:
    return f"{kind}-{id.replace('.', '-')}"


def _notebook(answers: Sequence[str]) -> Any:
    cells = [new_code_cell(_HAND_IN, id="open")]  # type: ignore[no-untyped-call]
    for (id, (name, _)), answer in zip(_VALUES.items(), answers, strict=True):
        check = f'hand_in("{id}", {name}={name})'
        cells.append(new_code_cell(answer, id=_cell("answer", id)))  # type: ignore[no-untyped-call]
        cells.append(new_code_cell(check, id=_cell("check", id)))  # type: ignore[no-untyped-call]
    return new_notebook(cells=cells)  # type: ignore[no-untyped-call]


def _write(path: Path, answers: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(_notebook(answers), path)  # type: ignore[no-untyped-call]


def handout(folder: Path) -> Handout:
    """The course of one lesson in a folder."""
    from labs.grading import Handout

    return Handout(folder / "course", {each.slug: each for each in all_lessons()})


@dataclass(frozen=True)
class Labs:
    """`labs grade`, each submission in a container; or, for the comparison, in a process like any other."""

    jobs: int = 2
    isolated: bool = True

    @property
    def name(self) -> str:
        where = "isolated" if self.isolated else "not isolated"
        return f"labs grade, {where}, {self.jobs} jobs"

    def prepare(self, folder: Path, students: Sequence[Student]) -> None:
        """Write the course and what was handed in."""
        stem = all_lessons()[0].file_stem
        _write(folder / f"course/notebooks/{stem}.ipynb", [_STUB, _STUB])
        _write(folder / f"course/solutions/{stem}.ipynb", students[0].answers)
        for student in students:
            _write(folder / "submissions" / student.name / SLUG / f"{stem}.ipynb", student.answers)

    def lanes(self, folder: Path, students: Sequence[Student]) -> Lanes:
        """One command."""
        how = "isolated" if self.isolated else "unisolated"
        return [[[sys.executable, "-m", _MODULE, str(folder), str(self.jobs), how]]]

    def environment(self) -> dict[str, str]:
        """The environment of this process."""
        return dict(os.environ)

    def grades(self, folder: Path) -> dict[str, float]:
        """From grades.csv."""
        found: dict[str, float] = defaultdict(float)
        file = folder / "grades" / "grades.csv"
        if file.is_file():
            for row in csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()):
                found[row["student"]] += float(row["points"] or 0)  # none where the machine failed
        return dict(found)

    def kept(self, folder: Path) -> int:
        """How many submissions need not be graded again: grades.csv is only written at the end of a run."""
        return len(list((folder / "grades" / ".done").glob("*.json")))


def main(folder: Path, jobs: int, how: str) -> None:
    """Grade a folder that `Labs.prepare` has filled."""
    from labs.grading import KERNEL, GradingRequest, Limits, LocalRunner, grade

    course = handout(folder)
    limits = Limits(cell_s=CELL_S, whole_s=10 * CELL_S)
    request = GradingRequest(folder / "submissions", folder / "grades", jobs=jobs, limits=limits)

    def runner() -> LocalRunner:
        return LocalRunner(
            course, jobs=jobs, module=_MODULE, kernel=_UNISOLATED if how == "unisolated" else KERNEL
        )

    grade(request, runner, _Silent(), handout=course)


class _Silent:
    """A `RunObserver` that prints nothing."""

    def begin(self, total: int, done: int) -> None:
        """Nothing."""

    def finished(self, result: object) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
