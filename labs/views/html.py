"""The parts of every view: HTML, escaped by default, and its text beside it.

No view names a file, a font or a script of another host, and text takes the color of its
surroundings, so that the same HTML reads in a light and a dark JupyterLab and on the site. The same
data gives the same bytes: nbval compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

# JupyterLab's variable, else that of the site (mkdocs-material), else a gray that is seen on white and on black.
LINE = "var(--jp-border-color1, var(--md-default-fg-color--lighter, #8c8c8c))"
_MATH = re.compile(r"[$\\]")
MONO = "var(--jp-code-font-family, var(--md-code-font, monospace)), monospace"


def in_notebook() -> bool:
    """Whether what is displayed reaches a notebook; anything else gets text alone."""
    # Looked up, not imported: in a notebook it is loaded already, and elsewhere it is not needed.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


class Html(str):
    """Text that is HTML already."""

    # A type of its own: `join` escapes everything else, such as the names and messages of a student's registry.

    __slots__ = ()


@dataclass(frozen=True)
class View:
    """Something to show, as HTML and as text."""

    text: str
    html: Html

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        return {"text/plain": self.text, "text/html": str(self.html)}

    def __str__(self) -> str:
        return self.text


def tag(name: str, *content: str, **attributes: str | int) -> Html:
    """An element, its plain text escaped; `class_` becomes `class`, `aria_label` `aria-label`."""
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
    )
    inside = join(content, around="tspan" if name in ("text", "tspan") else "span")
    return Html(f"<{name}{named}>{inside}</{name}>")


def cell(name: str, *content: str, **attributes: str | int) -> Html:
    """A cell of a table, `th` or `td`; JupyterLab would set it to the right."""
    return tag(name, *content, style="text-align: left", **attributes)


def join(parts: Iterable[str], *, around: str = "span") -> Html:
    """Join parts; those that are not Html are escaped, and what could begin math is in an element `around` it."""
    return Html("".join(p if isinstance(p, Html) else _plain(p, around) for p in parts))


def _plain(text: str, around: str) -> str:
    # JupyterLab lets MathJax typeset what is between two `$`, as in `$6$`, between `\(` and `\)`, and `\begin{…}`. It
    # looks for them in the text of one element.
    return _MATH.sub(rf"<{around}>\g<0></{around}>", escape(text))


def prose(text: str) -> Html:
    """A sentence of a lesson: text between backticks is code."""
    parts = text.split("`")
    # An odd number of backticks: one of them is not a delimiter.
    if len(parts) % 2 == 0:
        return join([text])
    return join(tag("code", part) if n % 2 else part for n, part in enumerate(parts))


def code_block(code: str) -> Html:
    """Lines of code. An empty line would end the HTML in markdown, so it holds a space."""
    lines = "\n".join(line or " " for line in code.splitlines())
    return tag("pre", tag("code", lines), style="margin: 0.5em 0; overflow-x: auto", tabindex=0)


def scrolling(name: str, *content: str) -> Html:
    """Something wide that scrolls by itself, with the keyboard too, and leaves the page as it is."""
    style = "overflow-x: auto"
    return tag("div", *content, style=style, tabindex=0, role="group", aria_label=name)


def card(color: str, *content: str, **attributes: str | int) -> Html:
    """A box whose left edge has a color; no information is in the color alone."""
    style = f"border: 1px solid {LINE}; border-left: 6px solid {color}; padding: 0.5em 0.8em"
    return tag("div", *content, style=style, **attributes)
