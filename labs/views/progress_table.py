"""How far a student is: a bar and a table for the lesson, a row for each lesson of the course."""

from __future__ import annotations

from collections.abc import Iterable

from labs.lesson import ProgressReport, Standing
from labs.views.cards import outcome_words
from labs.views.html import Html, View, cell, join, prose, tag


def report_view(report: ProgressReport) -> View:
    """The lesson's exercises, then the course."""
    parts = [_lesson(report.lesson)]
    if report.course:
        parts.append(_course(report.course))
    return View(report.text, tag("div", *parts))


def _lesson(lesson: Standing) -> Html:
    rows = (
        tag(
            "tr",
            cell("th", id, scope="row"),
            cell("td", prose(title)),
            cell("td", outcome_words(outcome)),
        )
        for id, title, outcome in lesson.exercises
    )
    table = _table(f"Exercises of lesson {lesson.number}", ("Exercise", "What", "Outcome"), rows)
    head = tag("p", tag("strong", lesson.line), " ", _bar(lesson))
    points = tag("p", lesson.points_line) if lesson.out_of else join(())
    return join((head, points, table))


def _course(course: tuple[Standing, ...]) -> Html:
    rows = (
        tag(
            "tr",
            cell("th", str(lesson.number), scope="row"),
            cell("td", lesson.title),
            cell("td", _bar(lesson), f" {lesson.passed} of {lesson.total}"),
        )
        for lesson in course
    )
    return _table("The course", ("Lesson", "Title", "Passed"), rows)


def _table(caption: str, columns: tuple[str, ...], rows: Iterable[Html]) -> Html:
    heads = join(cell("th", column, scope="col") for column in columns)
    body = join(rows)
    return tag(
        "table",
        tag("caption", caption, style="text-align: left; font-weight: bold"),
        tag("thead", tag("tr", heads)),
        tag("tbody", body),
    )


def _bar(lesson: Standing) -> Html:
    label = f"{lesson.title}: {lesson.passed} of {lesson.total} passed"
    # HTML requires a maximum above zero, and a lesson may have no exercises.
    return tag("progress", value=lesson.passed, max=max(lesson.total, 1), aria_label=label)
