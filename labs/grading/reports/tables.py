"""The tables: `grades.csv`, a line an exercise, and the two summaries that learning platforms import.

Canvas (`lib/gradebook_importer.rb`) wants the columns Student, ID, SIS Login ID and Section in front and takes
every further one for an assignment; a row `Points Possible` says what a new assignment is out of. Moodle
(`grade/import/csv`) has the columns mapped by hand and stops at the first row without a known user, which that
row would be. So `summary.csv` goes into both and has no such row, and `summary-canvas.csv` has it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from labs.grading.models import Mark, Result, points_of
from labs.grading.reports.escaping import sanitize_line, spreadsheet_cell

if TYPE_CHECKING:
    from labs.lesson import Lesson

GRADES = ("student", "lesson", "exercise", "points", "out of", "verdict", "message", "seconds")
IDENTITY = ("Student", "ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "Points Possible"
# Canvas takes a row whose first cell holds these words for what its assignments are out of.
_ROW_OF_POINTS = re.compile(r"Points(?=\s*Possible)", re.IGNORECASE)


def grades(results: Iterable[Result]) -> str:
    """`grades.csv`: a line for each exercise; one that was never judged says why, in its message."""
    return _table(GRADES, (row for result in results for row in _rows(result)))


def summary(results: Sequence[Result], lessons: Sequence[Lesson]) -> str:
    """`summary.csv`: a line a student, a column a lesson; empty where it could not be graded."""
    return _table(_head(lessons), _students(results, lessons))


def canvas(results: Sequence[Result], lessons: Sequence[Lesson]) -> str:
    """`summary-canvas.csv`: the same with Canvas's row of what each assignment is out of."""
    out_of = [sum(map(points_of, lesson.tasks)) for lesson in lessons]
    points = (f"    {POINTS_POSSIBLE}", "", "", "", *out_of)
    return _table(_head(lessons), [points, *_students(results, lessons)])


def number(value: float) -> float | int:
    """The same number without a point where it has none, and with two digits after it at most."""
    return int(value) if value == int(value) else round(value, 2)


def _rows(result: Result) -> Iterable[Sequence[object]]:
    names = (spreadsheet_cell(result.student), spreadsheet_cell(result.slug))
    if not result.marks:
        yield (*names, "", 0, 0, result.status, spreadsheet_cell(result.problem), 0)
    for mark in result.marks:
        yield (*names, *_cells(mark))


def _cells(mark: Mark) -> Sequence[object]:
    # Empty, not 0: the machine failed, and a zero would be the student's.
    points = "" if mark.outcome == "not graded" else number(mark.points)
    said = (mark.outcome, spreadsheet_cell(mark.message))
    return (mark.exercise, points, mark.out_of, *said, round(mark.seconds, 2))


def _head(lessons: Sequence[Lesson]) -> Sequence[str]:
    return (*IDENTITY, *(lesson.title for lesson in lessons))


def _students(results: Sequence[Result], lessons: Sequence[Lesson]) -> list[Sequence[object]]:
    points = {(each.student, each.slug): _points(each) for each in results}
    rows: list[Sequence[object]] = []
    for student in dict.fromkeys(result.student for result in results):
        # A student who takes that name would set what each assignment is out of.
        name = spreadsheet_cell(_ROW_OF_POINTS.sub("Points-", sanitize_line(student)))
        got = (points.get((student, lesson.slug), "") for lesson in lessons)
        rows.append((name, "", spreadsheet_cell(student), "", *got))
    return rows


def _points(result: Result) -> float | str:
    return number(result.points) if result.status == "graded" else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    # All text is quoted: where a spreadsheet splits at ";", a quoted cell still stays one.
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
