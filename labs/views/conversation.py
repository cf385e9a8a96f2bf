"""Draws the requests to a registry: arrows between two lines, thick where a blob's bytes travel.

HTML, not SVG: the words of an arrow wrap on a narrow screen instead of shrinking with the picture.
"""

from __future__ import annotations

from labs.lesson import Conversation
from labs.registry import Step
from labs.views.html import LINE, MONO, Html, View, join, tag

_BLUE, _GREEN, _ORANGE, _GRAY = "#2f6fb3", "#2e8540", "#c4480b", "#767676"
_COLORS = {"ask": _GRAY, "send": _ORANGE, "fetch": _BLUE, "skip": _GREEN}
_LEGEND = "Thick arrows carry bytes of an image. A dashed box is a blob whose bytes did not travel."


def conversation_view(said: Conversation) -> View:
    """The steps, from the first request to the last."""
    heads = tag(
        "div",
        tag("strong", "client"),
        tag("strong", "registry"),
        style="display: flex; justify-content: space-between",
    )
    lines = f"border: 2px solid {LINE}; border-width: 0 2px"
    steps = tag(
        "ol",
        *(map(_step, said.steps) if said.steps else [tag("li", "no requests")]),
        style=f"list-style: none; margin: 0; padding: 0.2em 0; {lines}",
        aria_label="What was said to the registry",
    )
    legend = tag("div", _LEGEND, style="font-size: 0.9em; margin-top: 0.3em")
    return View(said.text, tag("div", heads, steps, legend, style="max-width: 46em"))


def _step(step: Step) -> Html:
    style = "margin: 0; padding: 0.25em 0; line-height: 1.35"
    if not step.method:
        return tag("li", _skipped(step.meaning), style=style)
    meaning = _skipped(step.meaning) if step.kind == "skip" else tag("span", step.meaning)
    request = _arrow(step, tag("strong", step.method), f" {step.path}")
    status = tag("strong", str(step.status))
    reply = tag(
        "div",
        tag("span", "◂", aria_hidden="true"),
        _rule(_COLORS[step.kind], thick=step.kind == "fetch"),
        status,
        meaning,
        style="display: flex; align-items: center; gap: 0.4em; padding-right: 0.5em",
    )
    return tag("li", request, reply, style=style)


def _arrow(step: Step, *words: str) -> Html:
    label = tag("span", *words, style=f"font-family: {MONO}; overflow-wrap: anywhere")
    return tag(
        "div",
        label,
        _rule(_COLORS[step.kind], thick=step.kind == "send"),
        tag("span", "▸", aria_hidden="true"),
        style="display: flex; align-items: center; gap: 0.4em; padding-left: 0.5em",
    )


def _rule(color: str, *, thick: bool) -> Html:
    return tag(
        "span",
        "",
        style=f"flex: 1 1 1em; min-width: 1em; border-top: {5 if thick else 1}px solid {color}",
    )


def _skipped(words: str) -> Html:
    box = f"border: 1px dashed {_GREEN}; padding: 0 0.4em; margin-left: 0.5em"
    return join((tag("span", words, style=f"{box}; display: inline-block"),))
