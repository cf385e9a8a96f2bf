"""Late days: begun days, extensions, calendars without clocks, and what a day costs."""

from __future__ import annotations

import pytest

from labs.grading import GradingError
from labs.grading.adjustments.instructor_table import People
from labs.grading.adjustments.late_days import LateDays, Penalty
from tests.grading.reports.test_gradebook import ALL, graded
from tests.grading.toy import COUNT, SPELL

HEAD = "lesson,student,due,handed_in\n"


@pytest.fixture
def late(tmp_path):
    """The result of Ann's right notebook, out of 4, with the dates of a file."""

    def late(lines, penalty="1"):
        path = tmp_path / "dates.csv"
        path.write_text(HEAD + lines)
        dates = LateDays.read(path, People(["ann", "bob"], [COUNT, SPELL]))
        return dates.applied(graded("ann", COUNT, *ALL)[1], Penalty.parse(penalty), 4)

    return late


@pytest.mark.parametrize(
    ("due", "handed_in", "days"),
    [
        ("2026-11-20 23:59", "2026-11-20 23:59", 0),
        ("2026-11-20 23:59", "2026-11-21 00:00", 1),
        ("2026-11-20 23:59", "2026-11-21 23:59", 1),
        ("2026-11-20 23:59", "2026-11-22 00:00", 2),
        ("2026-11-20 23:59", "2026-11-01", 0),
        ("2026-11-20", "2026-11-20", 0),
        ("2026-11-20", "2026-11-20 23:59:59", 0),
        ("2026-11-20", "2026-11-21", 1),
        ("2026-11-20 12:00", "2026-11-20", 0),
        ("2026-11-20T23:59+01:00", "2026-11-20T23:00Z", 1),
        ("2026-11-20T23:59+01:00", "2026-11-20T22:00Z", 0),
    ],
)
def test_begun_day_is_a_day(late, due, handed_in, days):
    result = late(f"count-days,,{due},\ncount-days,ann,,{handed_in}\n")
    assert (result.days_late, result.penalty, result.points) == (days, days, 4 - days)


@pytest.mark.parametrize(
    "lines",
    [
        "count-days,,2026-11-01,\ncount-days,ann,2026-11-09,2026-11-10\n",  # an extension
        ",,2026-11-09,\n,ann,,2026-11-10\n",  # of all lessons
        "count-days,ann,2026-11-09,2026-11-10\n",
        "spell-words,,2026-11-01,\n,,2026-11-09,\nCount days,ann,,2026-11-10\n",
    ],
)
def test_nearest_date_counts(late, lines):
    assert late(lines).days_late == 1


def test_student_without_a_date_of_handing_in_is_in_time(late):
    assert late("count-days,,2026-11-01,\ncount-days,bob,,2026-11-10\n").days_late == 0


@pytest.mark.parametrize(
    ("penalty", "points"),
    [("10%", 3.2), ("10 %", 3.2), ("1", 2), ("0.5", 3), ("100%", 0), ("3", 0), ("0", 4)],
)
def test_penalty_is_points_or_percent_of_the_lesson_and_never_below_zero(late, penalty, points):
    result = late("count-days,ann,2026-11-08,2026-11-10\n", penalty)
    assert (result.days_late, result.points) == (2, points)


def test_lateness_says_days_and_points(late):
    assert late("count-days,ann,2026-11-08,2026-11-10\n").lateness == "2 days late: 2 points less"
    assert late("count-days,ann,2026-11-09,2026-11-10\n", "0").lateness == "1 day late"


@pytest.mark.parametrize("text", ["ten", "-1", "101%", "nan", "1e3", "%", ""])
def test_penalty_that_is_none_is_an_error(text):
    with pytest.raises(GradingError, match="late penalty"):
        Penalty.parse(text)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("count-days,ann,,2026-11-10\n", "no date says when count-days that ann handed in was due"),
        ("count-days,anne,2026-11-01,\n", 'line 2: no student "anne"'),
        ("count-dayz,ann,2026-11-01,\n", 'line 2: no lesson "count-dayz"'),
        ("count-days,,20.11.2026,\n", 'line 2: due "20.11.2026" is not a date'),
        ("count-days,ann,2026-11-01,2026-13-01\n", 'handed_in "2026-13-01" is not a date'),
        ("count-days,ann,,\n", "line 2: no date"),
        ("count-days,,2026-11-01,2026-11-02\n", "handed in, but by no student"),
        ("count-days,,2026-11-01,\ncount-days,,2026-11-02,\n", "line 3: a second date"),
    ],
)
def test_mistake_in_dates_is_an_error_that_names_it(late, lines, words):
    with pytest.raises(GradingError) as raised:
        late(lines)
    assert words in str(raised.value)
    assert raised.value.hint


def test_dates_with_and_without_a_time_zone_cannot_be_compared(late):
    with pytest.raises(GradingError, match="only one of them has a time zone"):
        late("count-days,ann,2026-11-01T10:00,2026-11-02T10:00Z\n")
