"""Feedback pages: one for each student and lesson, and the instructor's index of them.

A page is one file that loads nothing and runs nothing: no script, a content policy that allows its own style
alone, and everything that a student or a check said escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from labs.grading.models import Mark, Result, Submission
from labs.grading.reports.escaping import sanitize_line, sanitize_text
from labs.grading.reports.tables import number

if TYPE_CHECKING:
    from labs.lesson import Lesson

_SIGNS = {
    "passed": "✓",
    "not yet": "✗",
    "not attempted": "○",
    "not reached": "—",
    "not graded": "?",
}
_MEANING = {
    "not reached": "The run of this notebook ended before this check. No points.",
    "not graded": "The grading machine failed. This is no zero: it will be graded again.",
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
    title = sanitize_line(lesson.title)
    answers = submission.answers
    body = [
        "<header>",
        f"<h1>{_text(title)}</h1>",
        f"<p>For <bdi>{_text(sanitize_line(result.student))}</bdi></p>",
        _total(result),
        "</header>",
        *(
            [f'<p class="problem">{_text(sanitize_line(result.problem))}</p>']
            if result.problem
            else []
        ),
        _remarks(result.remarks),
        *(_section(mark, answers, errors or {}, result.problem) for mark in result.marks),
    ]
    return _document(f"{title}: feedback for {sanitize_line(result.student)}", body)


def index(rows: Sequence[tuple[str, str, Mapping[str, Result]]], lessons: Sequence[str]) -> str:
    """The instructor's table of all pages.

    Args:
        rows: For each student the name, the folder, and the results by lesson.
        lessons: The lessons' slugs, in the order of the columns.
    """
    heads = "".join(f'<th scope="col">{_text(sanitize_line(slug))}</th>' for slug in lessons)
    lines = [
        f'<tr><th scope="row"><bdi>{_text(sanitize_line(student))}</bdi></th>'
        + "".join(f"<td>{_link(folder, slug, results.get(slug))}</td>" for slug in lessons)
        + "</tr>"
        for student, folder, results in rows
    ]
    body = [
        "<header><h1>Feedback</h1><p>For the instructor. Each student gets the folder of their own.</p></header>",
        f'<div class="wide" tabindex="0" role="region" aria-label="All feedback pages"><table>'
        f'<thead><tr><th scope="col">Student</th>{heads}</tr></thead>',
        f"<tbody>{''.join(lines)}</tbody></table></div>",
    ]
    return _document("Feedback", body)


def _section(
    mark: Mark, answers: Mapping[str, str], errors: Mapping[str, str], problem: str
) -> str:
    sign = f'<span aria-hidden="true">{_SIGNS[mark.outcome]}</span>'
    points = "not counted" if mark.outcome == "not graded" else _of(mark.points, mark.out_of)
    kind = mark.outcome.replace(" ", "-")
    parts = [
        f'<section class="{kind}"><h2>{_text(mark.exercise)} {_text(sanitize_line(mark.title))}</h2>',
        f'<p class="verdict">{sign} <strong>{mark.outcome}</strong>, {points}</p>',
        # What stands above all exercises is not said again below each.
        *([] if mark.message == problem != "" else [_paragraph(mark.message), _meaning(mark)]),
        _paragraph(mark.hint, "<strong>Hint:</strong> "),
        _answer(mark, answers),
        _paragraph(errors.get(mark.cell, ""), "When it ran, it ended with: "),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _meaning(mark: Mark) -> str:
    return _paragraph(_MEANING.get(mark.outcome, ""))


def _answer(mark: Mark, answers: Mapping[str, str]) -> str:
    if not answers:  # nothing could be read
        return ""
    if mark.cell not in answers:
        return f"<p>There is no answer of yours in the cell <code>{_text(mark.cell)}</code>.</p>"
    source = sanitize_text(answers[mark.cell].expandtabs(4).replace("\r\n", "\n"))
    head = f"<h3>Your answer, in the cell <code>{_text(mark.cell)}</code></h3>"
    return f"{head}\n<pre><code>{_text(source)}</code></pre>"


def _total(result: Result) -> str:
    if result.status == "graded":
        return f'<p class="total">{_of(result.points, result.out_of)}</p>'
    return f'<p class="total">Not graded yet. {_MEANING["not graded"]}</p>'


def _remarks(remarks: Sequence[str]) -> str:
    if not remarks:
        return ""
    items = "".join(f"<li>{_text(sanitize_line(remark))}</li>" for remark in remarks)
    return f"<section><h2>About your file</h2><ul>{items}</ul></section>"


def _link(folder: str, slug: str, result: Result | None) -> str:
    if result is None:
        return ""
    ready = result.status == "graded"
    said = f"{number(result.points):g} of {result.out_of}" if ready else "not graded"
    return f'<a href="{_text(folder)}/{_text(slug)}.html">{said}</a>'


def _paragraph(text: str, before: str = "") -> str:
    return f"<p>{before}{_text(sanitize_text(text))}</p>" if text.strip() else ""


def _of(points: float, out_of: int) -> str:
    return f"{number(points):g} of {out_of} point{'' if out_of == 1 else 's'}"


def _text(text: str) -> str:
    return escape(text, quote=True)


def _document(title: str, body: Sequence[str]) -> str:
    style = (files(__package__) / "feedback.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">',
            f"<title>{_text(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>",
            *(part for part in body if part),
            "</main>\n</body>\n</html>\n",
        ]
    )
