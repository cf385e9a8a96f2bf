"""Feedback pages: one for each student and lesson, and the instructor's index of them.

A page is one file that loads nothing and runs nothing: no script, a content policy that allows its own style
alone, and everything that a student or a check said escaped. The templates beside this module are rendered by Jinja,
which escapes every value by default.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from labs.grading.models import Result, Submission
from labs.grading.reports.escaping import sanitize_line, sanitize_text
from labs.grading.reports.tables import number
from labs.grading.submissions import check_cell

if TYPE_CHECKING:
    from labs.lesson import Lesson

_SIGNS = {
    "passed": "✓",
    "not yet": "✗",
    "not attempted": "○",
    "not reached": "—",
    "not graded": "?",
}
_MEANINGS = {
    "not reached": "The run of this notebook ended before this check. No points.",
    "not graded": "The grading machine failed. This is not a zero: it will be graded again.",
    "unclear": "Your instructor decides which file counts. This is not a zero.",
}


def page(
    submission: Submission, result: Result, lesson: Lesson, errors: Mapping[str, str] | None = None
) -> str:
    """The feedback on one submission.

    Args:
        submission: What was handed in.
        result: What came of it.
        lesson: What was asked.
        errors: What ended a cell too early, by the cell's id.
    """
    template = _environment().get_template("feedback.html.j2")
    return template.render(
        title=sanitize_line(lesson.title),
        result=result,
        answers=submission.answers,
        errors=errors or {},
    )


def index(rows: Sequence[tuple[str, str, Mapping[str, Result]]], lessons: Sequence[str]) -> str:
    """The instructor's table of all pages.

    Args:
        rows: For each student the name, the folder, and the results by lesson.
        lessons: The lessons' slugs, in the order of the columns.
    """
    template = _environment().get_template("feedback_index.html.j2")
    return template.render(rows=rows, lessons=lessons)


@cache  # a class has hundreds of pages, and each template is compiled once
def _environment() -> Environment:
    """The templates of this folder: every value escaped, a name that is not given an error."""
    environment = Environment(
        loader=PackageLoader("labs.grading.reports", package_path="."),
        # By default only names that end in .html would be escaped, and these end in .j2.
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"one_line": sanitize_line, "visible": sanitize_text, "source": _source}
    environment.filters["check_cell"] = check_cell
    style = (files(__package__) / "feedback.css").read_text(encoding="utf-8")
    environment.globals |= {
        "signs": _SIGNS,
        "meanings": _MEANINGS,
        "out_of": _out_of,
        "of_points": _of_points,
        "style": style,
        # In the page's content policy: the browser applies this style and no other, and runs no
        # script.
        "style_digest": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    }
    return environment


def _source(code: str) -> str:
    return sanitize_text(code.expandtabs(4).replace("\r\n", "\n"))


def _out_of(points: float, out_of: int) -> str:
    return f"{number(points):g} of {out_of}"


def _of_points(points: float, out_of: int) -> str:
    return f"{_out_of(points, out_of)} point{'' if out_of == 1 else 's'}"
