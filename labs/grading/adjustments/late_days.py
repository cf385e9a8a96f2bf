"""Late days, from a file of dates, and what each costs.

    lesson,student,due,handed_in
    run-a-registry,,2026-11-20 23:59,
    run-a-registry,ann,,2026-11-22 08:00
    run-a-registry,bob,2026-11-27 23:59,2026-11-24

A line without a student says when a lesson is due for all, without a lesson for all lessons. A begun day is a day.
Where one of the two dates has no time of day, days of the calendar are counted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from labs.grading.adjustments.instructor_table import People, TableRow, read_table
from labs.grading.models import GradingError, Result

if TYPE_CHECKING:
    from labs.lesson import Lesson

COLUMNS = ("handed_in",)
OPTIONAL = ("lesson", "student", "due")
_PENALTY = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)", re.ASCII)
_DATE_ALONE = re.compile(r"\d{4}-?\d\d-?\d\d")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Moment:
    """A date of the table, and whether it has a time of day."""

    at: datetime
    is_day: bool


@dataclass(frozen=True)
class Penalty:
    """What a late day costs: points, or percent of what a lesson is out of, as Canvas counts."""

    amount: float = 0.0
    is_percent: bool = False

    @classmethod
    def parse(cls, text: str) -> Penalty:
        """`10%` or `2`.

        Raises:
            GradingError: It is neither.
        """
        found = _PENALTY.fullmatch(text.strip())
        if not found or (found[2] and float(found[1]) > 100):
            raise GradingError(
                f'late penalty "{text}"',
                hint="say 10% of a lesson's points a day, or 2 points as 2",
            )
        return cls(float(found[1]), bool(found[2]))

    def of(self, days: int, out_of: int) -> float:
        """The points that so many days cost."""
        a_day = self.amount * out_of / 100 if self.is_percent else self.amount
        return round(days * a_day, 2)


class LateDays:
    """When students handed in, and when they had to."""

    def __init__(self) -> None:
        self._due: dict[tuple[str, str], _Moment] = {}
        self._handed_in: dict[tuple[str, str], _Moment] = {}

    @classmethod
    def read(cls, path: Path, people: People) -> LateDays:
        """The dates in a file.

        Raises:
            GradingError: A line names someone or something unknown, contradicts another, or has no date.
        """
        dates = cls()
        for row in read_table(path, COLUMNS, OPTIONAL):
            student = people.student(row) if row["student"] else ""
            lesson = people.lesson(row).slug if row["lesson"] else ""
            if not row["due"] and not row["handed_in"]:
                raise row.error("no date", "write when it is due, or when it was handed in")
            if row["handed_in"] and not student:
                raise row.error("handed in, but by no student", "name the student")
            for column, kept in (("due", dates._due), ("handed_in", dates._handed_in)):
                if row[column]:
                    if (student, lesson) in kept:
                        raise row.error(f"a second date of the same, {column}", "keep one")
                    kept[student, lesson] = _moment(row, column)
        dates._demand_due(path, people)
        return dates

    def applied(self, result: Result, penalty: Penalty, out_of: int) -> Result:
        """The result with its late days, and what they cost."""
        keys = [(who, what) for who in (result.student, "") for what in (result.slug, "")]
        due = next((self._due[key] for key in keys if key in self._due), None)
        handed_in = next((self._handed_in[key] for key in keys[:2] if key in self._handed_in), None)
        days = _days(due, handed_in) if due and handed_in else 0
        return replace(result, days_late=days, penalty=penalty.of(days, out_of)) if days else result

    def _demand_due(self, path: Path, people: People) -> None:
        for student, lesson in self._handed_in:
            keys = [(who, what) for who in (student, "") for what in (lesson, "")]
            # For all lessons: a date of any lesson is enough.
            known = any(key in self._due for key in keys) or (not lesson and self._due)
            if not known:
                name = f"{lesson or 'a lesson'} that {student} handed in"
                raise GradingError(
                    f"read {path}: no date says when {name} was due",
                    hint=f"add a line for all: {lesson or 'run-a-registry'},,2026-11-20 23:59,",
                )


def _moment(row: TableRow, column: str) -> _Moment:
    text = row[column]
    try:
        return _Moment(datetime.fromisoformat(text), bool(_DATE_ALONE.fullmatch(text)))
    except ValueError as error:
        raise row.error(
            f'{column} "{text}" is not a date', "write it as 2026-11-20 or 2026-11-20 23:59"
        ) from error


def _days(due: _Moment, handed_in: _Moment) -> int:
    """Whole days late, begun ones too; none where it was in time."""
    if due.is_day or handed_in.is_day:
        return max(0, (handed_in.at.date() - due.at.date()).days)
    if (due.at.tzinfo is None) != (handed_in.at.tzinfo is None):
        raise GradingError(
            f"compare {due.at} with {handed_in.at}: only one of them has a time zone",
            hint="give both a time zone, or neither",
        )
    return max(0, math.ceil((handed_in.at - due.at) / _DAY))


def demand_comparable(
    dates: LateDays, results: Sequence[Result], lessons: Sequence[Lesson]
) -> None:
    """Compare all dates once, before anything runs.

    Raises:
        GradingError: Two of them cannot be compared.
    """
    for result in results:
        for lesson in lessons:
            dates.applied(replace(result, slug=lesson.slug), Penalty(), 0)
