"""`overrides.csv`: points by hand and comments, which hold whatever the checks say.

    student,lesson,exercise,points,comment
    ann,run-a-registry,1.3,4,shown to me in class
    bob,run-a-registry,,12,half of the work was lost by the upload

Without an exercise, the points are those of the whole lesson, and no late penalty is taken from them. Without points, a
line is a comment alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from labs.grading.adjustments.instructor_table import People, TableRow, nearest, read_table
from labs.grading.models import Mark, Result, points_of

if TYPE_CHECKING:
    from labs.lesson import Lesson

COLUMNS = ("student",)
OPTIONAL = ("lesson", "exercise", "points", "comment")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


@dataclass(frozen=True)
class Override:
    """Points and a comment of the instructor's; `points` is None where only the comment is."""

    points: float | None
    comment: str


class Overrides:
    """All overrides of a class, by student, lesson, and exercise or ""."""

    def __init__(self, found: dict[tuple[str, str, str], Override] | None = None) -> None:
        self._found = found or {}

    @classmethod
    def read(cls, path: Path, people: People, lessons: Sequence[Lesson]) -> Overrides:
        """The overrides in a file.

        Raises:
            GradingError: A line names someone or something unknown, is there twice, or has points that cannot be given.
        """
        found: dict[tuple[str, str, str], Override] = {}
        lines: dict[tuple[str, str, str], int] = {}
        for row in read_table(path, COLUMNS, OPTIONAL):
            student = people.student(row)
            lesson = _lesson(row, people, lessons)
            out_of = _out_of(row, lesson)
            key = (student, lesson.slug, row["exercise"])
            if key in lines:
                raise row.error(f"the same as line {lines[key]}", "keep one of them")
            if not row["points"] and not row["comment"]:
                raise row.error("no points and no comment", "remove the line, or write one of them")
            points = _points(row, out_of) if row["points"] else None
            found[key], lines[key] = Override(points, row["comment"]), row.line
        return cls(found)

    def applied(self, result: Result) -> Result:
        """The result with the instructor's points and comments."""
        marks = tuple(self._mark(mark, result) for mark in result.marks)
        whole = self._found.get((result.student, result.slug, ""))
        if whole is None:
            return replace(result, marks=marks)
        return replace(result, marks=marks, points_by_hand=whole.points, comment=whole.comment)

    def _mark(self, mark: Mark, result: Result) -> Mark:
        found = self._found.get((result.student, result.slug, mark.exercise))
        if found is None:
            return mark
        if found.points is None:
            return replace(mark, comment=found.comment)
        return replace(mark, points=found.points, by_hand=True, comment=found.comment)


def _lesson(row: TableRow, people: People, lessons: Sequence[Lesson]) -> Lesson:
    """The lesson of a row; its exercise tells where no lesson is named."""
    if row["lesson"]:
        return people.lesson(row)
    for lesson in lessons:
        if any(task.id == row["exercise"] for task in lesson.tasks):
            return lesson
    ids = [task.id for lesson in lessons for task in lesson.tasks]
    if row["exercise"]:
        raise row.error(f'no exercise "{row["exercise"]}"', nearest(row["exercise"], ids))
    raise row.error("no lesson and no exercise", "name one of them")


def _out_of(row: TableRow, lesson: Lesson) -> int:
    if not row["exercise"]:
        return sum(map(points_of, lesson.tasks))
    for task in lesson.tasks:
        if task.id == row["exercise"]:
            return points_of(task)
    ids = [task.id for task in lesson.tasks]
    what = f'no exercise "{row["exercise"]}" in {lesson.slug}'
    raise row.error(what, f"it has {', '.join(ids)}")


def _points(row: TableRow, out_of: int) -> float:
    text = row["points"].replace(",", ".") if row.has_decimal_commas else row["points"]
    # Not `float` alone: it takes NaN, infinity and 1_0 too.
    if not _NUMBER.fullmatch(text):
        raise row.error(f'points "{row["points"]}" are not a number', "write them as 4 or 4.5")
    points = float(text)
    if points < 0:
        raise row.error(f"points {row['points']} are below zero", "0 is the least")
    if points > out_of:
        raise row.error(f"points {row['points']} are too many", f"{out_of} is the most")
    return points
