"""Shows what `labs.open` is doing: in one place of a notebook, or in lines on stderr.

The steps differ from run to run (made, or found again), so they are in a widget, which nbval does
not compare; the text beside it is always the same.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from labs.lesson import Lesson
from labs.views.html import View, in_notebook, join, tag

_LINES = 6


class StatusView(View):
    """The last steps of something that takes time."""

    def __init__(self, title: str) -> None:
        import ipywidgets

        super().__init__(title, tag("div", title))
        object.__setattr__(self, "_lines", deque(maxlen=_LINES))
        object.__setattr__(self, "_box", ipywidgets.HTML(self.html))

    _lines: deque[str]
    _box: object

    def say(self, line: str) -> None:
        """Add a step."""
        self._lines.append(line)
        steps = join(tag("div", line) for line in self._lines)
        content = tag("div", tag("strong", self.text), steps, role="status")
        setattr(self._box, "value", content)  # noqa: B010 - ipywidgets has no types

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        live = self._box._repr_mimebundle_()  # type: ignore[attr-defined]
        return {**live, **super()._repr_mimebundle_()}


@contextmanager
def opening(lesson: Lesson) -> Iterator[Callable[[str], None]]:
    """Give something to tell the steps of opening `lesson` to; tell at the end how it went."""
    say = _sayer(f"Lesson {lesson.number}, {lesson.title}")
    begin = time.monotonic()
    try:
        yield say
    except BaseException:
        say("It could not be opened.")
        raise
    say(f"Ready after {time.monotonic() - begin:.1f} s.")


def _sayer(title: str) -> Callable[[str], None]:
    if not in_notebook():
        return lambda line: print(line, file=sys.stderr)
    from IPython.display import display

    view = StatusView(title)
    display(view)
    return view.say
