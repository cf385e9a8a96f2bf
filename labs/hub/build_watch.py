"""Ends from outside what a build is waiting for: an answer of the engine that says nothing, or never ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from django.db import connections

from labs.hub.builds import BuildLog

_LOOK_S = 0.5


@contextmanager
def ended_from_outside(
    answer: urllib3.BaseHTTPResponse, log: BuildLog, longest_s: float
) -> Iterator[list[str]]:
    """Stop reading an answer when its build is canceled or takes too long; the list then has the reason.

    Args:
        answer: Read in the block; reading ends or fails when it is stopped.
        log: Of the build.
        longest_s: Seconds.
    """
    why: list[str] = []
    over = threading.Event()

    def watch() -> None:
        until = time.monotonic() + longest_s
        while not over.wait(_LOOK_S):
            if log.is_canceled():
                why.append("canceled")
            elif time.monotonic() > until:
                why.append(f"not ready after {longest_s:g} s, the longest that it may take")
            if why:
                answer.shutdown()
                break
        connections.close_all()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield why
    finally:
        over.set()
        watcher.join()
