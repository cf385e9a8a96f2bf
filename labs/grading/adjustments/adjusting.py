"""All that an instructor changes in the results of a run. The cache keeps results as they were judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labs.grading.adjustments.instructor_table import People
from labs.grading.adjustments.late_days import LateDays, Penalty, demand_comparable
from labs.grading.adjustments.overrides import Overrides
from labs.grading.models import Graded, GradingError, Result, points_of

if TYPE_CHECKING:
    from labs.grading.request import GradingRequest
    from labs.lesson import Lesson


class Adjustments:
    """Overrides and late days of a run, read and checked before anything of it runs.

    Args:
        request: Names the files, and the penalty.
        students: Of the run.
        lessons: Of the run.
        course: All lessons: a file may have lines of others.

    Raises:
        GradingError: A file cannot be read, or says something impossible.
    """

    def __init__(
        self,
        request: GradingRequest,
        students: Sequence[str],
        lessons: Sequence[Lesson],
        course: Sequence[Lesson],
    ) -> None:
        people = People(students, course)
        overrides, dates = request.overrides_file, request.dates_file
        self._lessons = {lesson.slug: lesson for lesson in lessons}
        self._penalty = Penalty.parse(request.late_penalty) if request.late_penalty else Penalty()
        if request.late_penalty and dates is None:
            raise GradingError(
                f"take {request.late_penalty} for a late day: no dates are known",
                hint=f"name the file of dates with --dates, or write {request.out}/dates.csv",
            )
        self._overrides = Overrides.read(overrides, people, course) if overrides else Overrides()
        self._late = LateDays.read(dates, people) if dates else LateDays()
        demand_comparable(self._late, [Result(each, "") for each in people.students], course)

    def applied(self, graded: Sequence[Graded]) -> list[Graded]:
        """The results as the instructor wants them."""
        return [(sent, self._one(result)) for sent, result in graded]

    def _one(self, result: Result) -> Result:
        lesson = self._lessons.get(result.slug)
        if lesson is None:
            return result
        late = self._late.applied(result, self._penalty, sum(map(points_of, lesson.tasks)))
        return self._overrides.applied(late)
