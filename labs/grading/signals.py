"""Ctrl-C and SIGTERM while grading: the first asks for an orderly end, the second ends at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal came before there was anything to end in order."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.number = number


class StopSignal:
    """The signal that asked for an end; `number` is the first one's, 0 while there was none."""

    def __init__(self) -> None:
        self.number = 0
        self._orderly = False
        self._on_stop: Callable[[], None] | None = None

    @contextmanager
    def orderly(self, on_stop: Callable[[], None] | None = None) -> Iterator[None]:
        """During the block, the first signal does not raise.

        Args:
            on_stop: Called once at the first signal, in a thread of its own.
        """
        self._orderly, self._on_stop = True, on_stop
        try:
            yield
        finally:
            self._orderly, self._on_stop = False, None

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Note the first signal, and end this process at the second."""
        if self.number:
            # Threads of jobs may wait for an engine for minutes; a second signal means now.
            os._exit(128 + number)
        self.number = number
        # Nothing is created yet, so the exception may end the run at any line.
        if not self._orderly:
            raise Interrupted(number)
        if self._on_stop:
            # A handler runs between two lines of the main thread, which may hold the lock that
            # `on_stop` needs.
            threading.Thread(target=self._on_stop, name="stop", daemon=True).start()


@contextmanager
def catch_stop_signals() -> Iterator[StopSignal]:
    """Take SIGINT and SIGTERM until the end; only the main thread can, another gets none."""
    state = StopSignal()
    if threading.current_thread() is not threading.main_thread():
        yield state
        return
    before = {number: signal.signal(number, state.on_signal) for number in _SIGNALS}
    try:
        yield state
    finally:
        # Grading may be called by another program, whose handlers are put back.
        for number, handler in before.items():
            signal.signal(number, handler)
