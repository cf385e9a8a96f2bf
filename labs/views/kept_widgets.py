"""Widgets as a notebook keeps them: `labs start` lets JupyterLab save their state, so they are shown without a kernel.

JupyterLab puts a red broken link before each widget whose kernel is gone, and its buttons do nothing. Here one line
under the box says so instead, and the buttons are not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labs.views.html import Html, join, tag

if TYPE_CHECKING:
    import ipywidgets

_BOX, _NOTE, _GONE = "labs-kept", "labs-kept-note", "jupyter-widgets-disconnected"
# An HTML widget is not sanitized; a style in it holds for the page.
_STYLE = Html(
    f".{_BOX}.{_GONE}::before, .{_BOX} .{_GONE}::before {{ content: none !important }}"
    f".{_BOX} button.{_GONE}, .{_BOX} .{_GONE} progress, .{_NOTE} {{ display: none }}"
    f".{_NOTE}.{_GONE} {{ display: block }}"
)


def kept(widgets: Sequence[ipywidgets.Widget], again: str) -> ipywidgets.VBox:
    """A box of widgets that says, once its kernel is gone, what to do.

    Args:
        widgets: From top to bottom.
        again: What to do, a sentence.
    """
    import ipywidgets

    note = ipywidgets.HTML(join((tag("style", _STYLE), tag("div", again))))
    note.add_class(_NOTE)
    box = ipywidgets.VBox([*widgets, note])
    box.add_class(_BOX)
    return box
