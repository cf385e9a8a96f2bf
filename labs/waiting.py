"""Waits for a condition with a time limit, and tells of waiting that has none.

It does not repeat work, since that may be unsafe.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from labs.errors import LabsError

T = TypeVar("T")


class WaitTimeout(LabsError):
    """What was waited for did not happen in time; the message ends with the last log lines, if there are any."""


def wait_until(
    probe: Callable[[], T],
    what: str,
    *,
    timeout_s: float = 30.0,
    interval_s: float = 0.05,
    last_words: Callable[[], str] = lambda: "",
) -> T:
    """Call `probe` until it returns something true, and return that.

    Args:
        probe: Called repeatedly; what it raises is not caught.
        what: What is waited for, for the error.
        timeout_s: Seconds until giving up.
        interval_s: Seconds between two calls.
        last_words: Called once on timeout: the logs worth reading.

    Raises:
        WaitTimeout: Nothing true came within `timeout_s` seconds.
    """
    # monotonic: the clock of a virtual machine jumps when its host wakes up.
    deadline = time.monotonic() + timeout_s
    while True:
        result = probe()
        if result:
            return result
        # After the probe, so that a condition that came true during the last pause is not reported as a timeout.
        if time.monotonic() >= deadline:
            words = last_words().strip()
            tail = f"\n{words}" if words else ""
            raise WaitTimeout(f"waited {timeout_s:g} s for {what}{tail}")
        time.sleep(interval_s)


@contextmanager
def told_if_slow(words: Callable[[], str], *, every_s: float) -> Iterator[None]:
    """Tell once, on stderr, why the block takes long: calls without a time limit look like a kernel that hangs.

    Args:
        words: Called from another thread after each `every_s` seconds until it returns something to tell.
        every_s: Seconds between two calls, and before the first.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(every_s):
            if told := words():
                print(told, file=sys.stderr, flush=True)
                return

    # A daemon: a program that is interrupted in the block must end.
    watcher = threading.Thread(target=watch, name="told-if-slow", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
