"""A live drawing of a swarm, updated about once a second by a thread, so that the kernel stays free for other cells.

Without a kernel, and for nbval, it is the swarm as it was at first.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from labs.lesson import SwarmWatch
from labs.views.html import View, tag
from labs.views.kept_widgets import kept
from labs.views.swarm_drawing import drawing, summary, swarm_view

if TYPE_CHECKING:
    import ipywidgets

# A node takes seconds to fail or join; each look is several requests to a manager, beside the student's own.
_EVERY_S = 1.0
_UNSEEN_S = 15.0
"""How long it is updated before a browser has reported a view: a busy kernel gets that message late."""
_GONE_S = 3.0
"""How long it is updated without a view before its output counts as deleted: moving a cell removes it briefly."""


class SwarmWatchView(View):
    """A live view of a swarm, until its button is pressed or its output is deleted."""

    def __init__(self, watch: SwarmWatch) -> None:
        still = swarm_view(watch.first)
        super().__init__(still.text, still.html)
        # View is frozen, and has no other way to set a field.
        object.__setattr__(self, "watch", watch)

    watch: SwarmWatch

    @cached_property
    def widget(self) -> ipywidgets.VBox:
        """The drawing and a button; made, with the thread that draws, when it is first shown."""
        import ipywidgets

        first = self.watch.first
        head = ipywidgets.HTML(tag("div", summary(first), role="status"))
        body = ipywidgets.HTML(drawing(first))
        layout = {"width": "auto", "align_self": "flex-start"}
        button = ipywidgets.Button(description="Stop watching", icon="stop", layout=layout)
        button.on_click(lambda _: self.watch.end())
        box = kept([head, body, button], "Not live any more: to watch, run this cell again.")
        # ipywidgets counts the views of a widget only if the count is set: with it, browsers report when they begin and
        # end to show the box.
        box._view_count = 0
        self.watch.run(lambda: self._follow(box))
        return box

    def _follow(self, box: Any) -> None:
        """Draw until the watch is over; at its end say so where the button was."""
        looked_at = time.monotonic() + _UNSEEN_S
        seen = False
        while not self.watch.over:
            if box._view_count:
                seen, looked_at = True, time.monotonic() + _GONE_S
            unwatched = time.monotonic() > looked_at
            if unwatched and seen:
                break
            if not unwatched:
                self._draw(box)
            self.watch.pause(_EVERY_S)
        _, _, button, _ = box.children
        button.description, button.disabled, button.icon = "Not live any more", True, ""

    def _draw(self, box: Any) -> None:
        now = self.watch.look()
        head, body, *_ = box.children
        for part, html in ((head, tag("div", summary(now), role="status")), (body, drawing(now))):
            # Only changes: each assignment is a message to every browser.
            if not self.watch.over and part.value != html:
                part.value = html

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        live: Any = self.widget._repr_mimebundle_()
        # The text and HTML last: they replace the widget's own text, `VBox(…)`, which is different in every run.
        return {**live, **super()._repr_mimebundle_()}
