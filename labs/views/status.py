"""Shows what `labs.open` is doing: in one place of a notebook, or in lines on stderr.

The steps differ from run to run (made, or found again), so they are in a widget, which nbval does
not compare; the text beside it is always the same. Meanwhile something moves: a bar that the browser
moves by itself, and the seconds, which a thread counts, so that a kernel that hangs is seen too.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from labs.lesson import Lesson
from labs.views.html import Html, View, in_notebook, join, tag
from labs.views.kept_widgets import kept

_LINES = 6  # the last steps; more lines would push the cells below down
_TICK_S = 0.5
"""Often enough that no second is left out."""


class StatusView(View):
    """The last steps of something that takes time, and below them, until it is over, a bar and the seconds."""

    def __init__(self, title: str) -> None:
        import ipywidgets

        super().__init__(title, tag("div", title))
        steps, seconds = ipywidgets.HTML(self._content(())), ipywidgets.HTML("0 s")
        # Without a value a bar has no end, and the browser moves it (HTML, 4.10.13).
        bar = ipywidgets.HTML(tag("progress", aria_label="It takes a while"))
        moving = ipywidgets.HBox([bar, seconds])
        box = kept([steps, moving], "That was an earlier kernel: run this cell again.")
        for name, value in (
            ("_lines", deque(maxlen=_LINES)),
            ("_steps", steps),
            ("_seconds", seconds),
            ("_moving", moving),
            ("_box", box),
            ("_over", threading.Event()),
        ):
            # View is frozen, and has no other way to set a field.
            object.__setattr__(self, name, value)

    _lines: deque[str]
    _steps: Any
    _seconds: Any
    _moving: Any
    _box: Any
    _over: threading.Event

    def say(self, line: str) -> None:
        """Add a step."""
        self._lines.append(line)
        self._steps.value = self._content(self._lines)

    @contextmanager
    def moving(self) -> Iterator[None]:
        """Count the seconds, and take bar and seconds away at the end."""
        thread = threading.Thread(target=self._count, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            # Joined before the bar is removed: a late tick would be a message about a widget that is no longer shown.
            thread.join()
            self._box.children = [part for part in self._box.children if part is not self._moving]

    def _count(self) -> None:
        begin = time.monotonic()
        while not self._over.wait(_TICK_S):
            self._seconds.value = f"{time.monotonic() - begin:.0f} s"

    def _content(self, lines: Iterable[str]) -> Html:
        steps = join(tag("div", line) for line in lines)
        return tag("div", tag("strong", self.text), steps, role="status")

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        live = self._box._repr_mimebundle_()
        return {**live, **super()._repr_mimebundle_()}


def opening(lesson: Lesson) -> AbstractContextManager[Callable[[str], None]]:
    """Give a function that shows the steps of opening `lesson`; at the end, show how it went."""
    return opening_of(f"Lesson {lesson.number}, {lesson.title}")


@contextmanager
def opening_of(title: str) -> Iterator[Callable[[str], None]]:
    """Yield a function that shows the steps of opening what has that title; at the end, show how it went."""
    begin = time.monotonic()
    with _shown(title) as say:
        try:
            yield say
        # Ctrl+C too: the bar must not be left as if work went on.
        except BaseException:
            say("It could not be opened.")
            raise
        say(f"Ready after {time.monotonic() - begin:.1f} s.")


@contextmanager
def _shown(title: str) -> Iterator[Callable[[str], None]]:
    if not in_notebook():
        yield lambda line: print(line, file=sys.stderr)
        return
    from IPython.display import display

    view = StatusView(title)
    display(view)
    with view.moving():
        yield view.say
