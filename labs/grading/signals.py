"""Ctrl-C and SIGTERM while grading: the first asks for an orderly end, the second ends at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal came before there was anything to end in order."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.number = number


class Stopping:
    """What was asked for by signal; `number` is the first one's, 0 while there was none."""

    def __init__(self) -> None:
        self.number = 0
        self._orderly = False

    @contextmanager
    def orderly(self) -> Iterator[None]:
        """While this lasts, the first signal is only noted: whoever is inside looks at `number`."""
        self._orderly = True
        try:
            yield
        finally:
            self._orderly = False

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Note the first signal, and end this process at the second."""
        if self.number:
            # Threads of jobs may wait for an engine for minutes; whoever asks twice means now.
            os._exit(128 + number)
        self.number = number
        if not self._orderly:
            raise Interrupted(number)


@contextmanager
def stopping() -> Iterator[Stopping]:
    """Take SIGINT and SIGTERM until the end; only the main thread can, another gets none."""
    state = Stopping()
    if threading.current_thread() is not threading.main_thread():
        yield state
        return
    before = {number: signal.signal(number, state.on_signal) for number in _SIGNALS}
    try:
        yield state
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
