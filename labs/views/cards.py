"""The cards of an exercise: its verdict, what is said of a click, a hint, an answer."""

from __future__ import annotations

from labs.lesson import Answer, Hint, Outcome, Tried, Verdict
from labs.views.html import Html, View, card, code_block, join, prose, tag

SYMBOLS: dict[Outcome, str] = {
    "passed": "✓",
    "not yet": "✗",
    "not attempted": "○",
    "unavailable": "⚠",
}
_COLORS: dict[Outcome, str] = {
    "passed": "#2e8540",
    "not yet": "#c4480b",
    "not attempted": "#767676",
    "unavailable": "#8a6d00",
}
_BLUE = "#2f6fb3"
_LIKE: dict[bool | None, Outcome] = {True: "passed", False: "not yet", None: "not attempted"}


def outcome_words(outcome: Outcome) -> Html:
    """Symbol and word; the symbol is not read aloud."""
    return join((tag("span", SYMBOLS[outcome], aria_hidden="true"), f" {outcome}"))


def verdict_view(verdict: Verdict) -> View:
    """A verdict: outcome, what was seen, and its hint folded."""
    parts = [tag("strong", f"{verdict.exercise} ", outcome_words(verdict.outcome))]
    if verdict.message:
        parts.append(tag("div", prose(verdict.message)))
    if verdict.hint:
        parts.append(tag("details", tag("summary", "Hint"), tag("div", prose(verdict.hint))))
    label = f"Check {verdict.exercise}: {verdict.outcome}"
    # role=status: screen readers read it aloud when it appears, and the focus stays where it is.
    html = card(_COLORS[verdict.outcome], *parts, role="status", aria_label=label)
    return View(verdict.line, html)


def tried_view(tried: Tried) -> View:
    """What is said of a choice that was clicked."""
    like = _LIKE[tried.right]
    # Green is for what counts: a right choice that is not written is not an answer yet.
    color = _BLUE if tried.right and not tried.written else _COLORS[like]
    symbol = tag("span", SYMBOLS[like], aria_hidden="true")
    heading = tag("strong", f"{tried.exercise} ", symbol, f" {tried.heading}")
    label = f"Try {tried.exercise}: {tried.heading}"
    html = card(color, heading, tag("div", prose(tried.words)), role="status", aria_label=label)
    return View(tried.text, html)


def hint_view(hint: Hint) -> View:
    """One hint."""
    title = f"{hint.exercise} hint {hint.number} of {hint.total}"
    html = card(
        _BLUE, tag("strong", title), tag("div", prose(hint.words)), role="note", aria_label=title
    )
    return View(hint.text, html)


def answer_view(answer: Answer) -> View:
    """One right answer, as code."""
    title = tag("strong", f"{answer.exercise} solution")
    remark = tag("div", prose(answer.remark))
    html = card(_BLUE, title, remark, code_block(answer.code), role="note", aria_label="Solution")
    return View(answer.text, html)
