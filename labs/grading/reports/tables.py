"""The tables: `grades.csv`, a line an exercise, and the two summaries that learning platforms import.

Canvas (`lib/gradebook_importer.rb`) exports and imports Student, ID, SIS User ID, SIS Login ID and Section in front and
takes every further column for an assignment; a row `Points Possible` says what a new assignment is out of. Moodle
(`grade/import/csv/classes/load_data.php`) has the columns mapped by hand, stops at the first row without a known user,
which that row would be, and at a grade that is not a number. So `summary-canvas.csv` has that row and no other columns,
and `summary.csv` has a column more for each lesson, which says what a number or an empty cell means.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from labs.grading.models import Mark, Result, points_of
from labs.grading.reports.escaping import sanitize_line, spreadsheet_cell
from labs.grading.submissions import check_cell

if TYPE_CHECKING:
    from labs.lesson import Lesson

GRADES = (
    *("student", "lesson", "exercise", "points", "out of", "verdict", "message"),
    *("hint", "raised", "comment", "remarks", "seconds"),
)
IDENTITY = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_WORDS = {"nothing": "nothing handed in", "handed in": "graded"}
# The message of an exception and some lines; the whole is on the feedback page.
_RAISED_MOST = 500
POINTS_POSSIBLE = "Points Possible"
# Canvas takes a row whose first cell holds these words for what its assignments are out of.
_ROW_OF_POINTS = re.compile(r"Points(?=\s*Possible)", re.IGNORECASE)


def grades(
    results: Iterable[Result], raised: Mapping[tuple[str, str], Mapping[str, str]] | None = None
) -> str:
    """`grades.csv`: a line for each exercise; one that was never judged says why, in its message.

    Args:
        results: Of all students.
        raised: What cells raised: by student and lesson, by cell.
    """
    found = raised or {}
    return _table(
        GRADES,
        (
            row
            for result in results
            for row in _rows(result, found.get((result.student, result.slug), {}))
        ),
    )


def summary(results: Sequence[Result], lessons: Sequence[Lesson]) -> str:
    """`summary.csv`: a line a student; a column of points a lesson, empty without a grade; a column of its state."""
    states = {(each.student, each.slug): state(each) for each in results}
    head = (*_head(lessons), *(f"{lesson.title}: state" for lesson in lessons))
    students = dict.fromkeys(result.student for result in results)
    rows = zip(students, _students(results, lessons), strict=True)
    return _table(
        head,
        (
            (*row, *(states.get((student, lesson.slug), "") for lesson in lessons))
            for student, row in rows
        ),
    )


def state(result: Result) -> str:
    """What a lesson's points mean: graded, blank, nothing handed in, unreadable, not graded; by hand, days late."""
    word = _WORDS.get(result.state, result.state)
    # Of the machine, or for the instructor to decide: not a zero for anyone.
    word = "not graded" if result.status == "not graded" else word
    by_hand = result.points_by_hand is not None or any(mark.by_hand for mark in result.marks)
    days = f"{result.days_late} day{'' if result.days_late == 1 else 's'} late"
    return ", ".join(
        [word, *(["by hand"] if by_hand else []), *([days] if result.days_late else [])]
    )


def canvas(results: Sequence[Result], lessons: Sequence[Lesson]) -> str:
    """`summary-canvas.csv`: the same with Canvas's row of what each assignment is out of."""
    out_of = [sum(map(points_of, lesson.tasks)) for lesson in lessons]
    points = (f"    {POINTS_POSSIBLE}", "", "", "", "", *out_of)
    return _table(_head(lessons), [points, *_students(results, lessons)])


def number(value: float) -> float | int:
    """The same number without a point where it has none, and with two digits after it at most."""
    return int(value) if value == int(value) else round(value, 2)


def _rows(result: Result, raised: Mapping[str, str]) -> Iterable[Sequence[object]]:
    names = (spreadsheet_cell(result.student), spreadsheet_cell(result.slug))
    remarks = spreadsheet_cell("; ".join(filter(None, (*result.remarks, result.lateness))))
    comment = spreadsheet_cell(result.comment)
    if not result.marks:
        points = "" if result.status == "not graded" else 0
        said = (result.status, spreadsheet_cell(result.problem))
        yield (*names, "", points, 0, *said, "", "", comment, remarks, 0)
    for place, mark in enumerate(result.marks):
        text = raised.get(mark.cell, "") or raised.get(check_cell(mark.cell), "")
        own = "; ".join(filter(None, (mark.comment, "" if place else result.comment)))
        # What is of the whole submission is in its first line alone.
        more = (spreadsheet_cell(own), "" if place else remarks)
        hint = spreadsheet_cell(mark.hint)
        why = (hint, spreadsheet_cell(text[:_RAISED_MOST]), *more)
        yield (*names, *_cells(mark), *why, round(mark.seconds, 2))


def _cells(mark: Mark) -> Sequence[object]:
    # Empty, not 0: the machine failed, and a zero would be the student's.
    is_open = mark.outcome == "not graded" and not mark.by_hand
    points = "" if is_open else number(mark.points)
    return (mark.exercise, points, mark.out_of, mark.outcome, spreadsheet_cell(mark.message))


def _head(lessons: Sequence[Lesson]) -> Sequence[str]:
    return (*IDENTITY, *(lesson.title for lesson in lessons))


def _students(results: Sequence[Result], lessons: Sequence[Lesson]) -> list[Sequence[object]]:
    points = {(each.student, each.slug): _points(each) for each in results}
    # Canvas looks for its own number first, then for the login, then for the name.
    ids = {each.student: each.canvas_id for each in results if each.canvas_id}
    rows: list[Sequence[object]] = []
    for student in dict.fromkeys(result.student for result in results):
        # A student who takes that name would set what each assignment is out of.
        name = spreadsheet_cell(_ROW_OF_POINTS.sub("Points-", sanitize_line(student)))
        got = (points.get((student, lesson.slug), "") for lesson in lessons)
        rows.append((name, ids.get(student, ""), "", spreadsheet_cell(student), "", *got))
    return rows


def _points(result: Result) -> float | str:
    return number(result.points) if result.has_points else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    # All text is quoted: where a spreadsheet splits at ";", a quoted cell still stays one.
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
