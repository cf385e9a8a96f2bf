"""Draws a login and the request after it: each message with its sender, as a picture and as numbered lines.

The picture takes the color of the text around it and is as wide as there is room, so that it is readable
in dark mode and on a phone.
"""

from __future__ import annotations

from dataclasses import dataclass

from labs.views.html import Html, View, join, scrolling, tag

# x in units of the SVG's viewBox, which is _WIDTH wide.
_PLACES = {"you": 40, "engine": 180, "registry": 320}
_FIRST, _STEP = 52, 36
_WIDTH = 360


@dataclass(frozen=True)
class Message:
    """One message; where `source` is also `target`, something done there."""

    source: str
    target: str
    words: str

    @property
    def text(self) -> str:
        """The message in one line."""
        if self.source == self.target:
            return f"{self.source}: {self.words}"
        return f"{self.source} -> {self.target}: {self.words}"


_LOGIN = (
    Message("you", "engine", "user and password"),
    Message("engine", "registry", "GET /v2/"),
    Message("registry", "engine", "401, Basic"),
    Message("engine", "registry", "GET /v2/, password"),
    Message("registry", "engine", "200"),
    Message("engine", "you", "Login Succeeded"),
    Message("you", "you", "keep it for host:port"),
    Message("you", "engine", "push, password"),
    Message("engine", "registry", "GET /v2/"),
    Message("registry", "engine", "401, Basic"),
    Message("engine", "registry", "POST …, password"),
    Message("registry", "engine", "202"),
)


def login_flow() -> View:
    """Return the messages of a login, and of a push after it."""
    lines = [f"{number:2} {message.text}" for number, message in enumerate(_LOGIN, 1)]
    height = _FIRST + _STEP * len(_LOGIN)
    parts = [_lifeline(name, x, height) for name, x in _PLACES.items()]
    parts += [_arrow(message, _FIRST + _STEP * row) for row, message in enumerate(_LOGIN)]
    picture = tag(
        "svg",
        *parts,
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
        aria_label="A login: " + "; ".join(message.text for message in _LOGIN),
        style="width: 100%; min-width: 460px; max-width: 35em; height: auto; font: 11px sans-serif; fill: currentColor",
    )
    return View("\n".join(lines), scrolling("A login", picture))


def _lifeline(name: str, x: int, height: int) -> Html:
    style = "stroke: currentColor; stroke-opacity: 0.45; stroke-dasharray: 3 4"
    return join(
        [
            tag("text", name, x=x, y=16, text_anchor="middle", font_weight="bold"),
            tag("line", x1=x, y1=24, x2=x, y2=height, style=style),
        ]
    )


def _arrow(message: Message, y: int) -> Html:
    start, end = _PLACES[message.source], _PLACES[message.target]
    if start == end:
        dot = tag("circle", cx=start, cy=y - 4, r=4)
        return join([dot, tag("text", message.words, x=start + 10, y=y)])
    tip = end - 7 if end > start else end + 7
    head = f"{end},{y} {tip},{y - 4} {tip},{y + 4}"
    return join(
        [
            tag("line", x1=start, y1=y, x2=tip, y2=y, style="stroke: currentColor"),
            tag("polygon", points=head),
            tag("text", message.words, x=(start + end) // 2, y=y - 5, text_anchor="middle"),
        ]
    )
