"""Ends from outside what a build waits for: an engine that does not take its source, or never ends its answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import urllib3
from django.db import connections

from labs.hub.automation.builds import BuildLog

_LOOK_S = 0.5
_UPLOAD_S = 120
_PIECE = 1 << 16


class EndedUpload(Exception):
    """What was on its way to the engine is not sent to its end; the message says why."""


def upload(tar: IO[bytes], log: BuildLog) -> Iterator[bytes]:
    """A tar on its way to the engine, which writes all of it to its disk before it answers.

    Args:
        tar: Is read.
        log: Of the build, which may be canceled meanwhile.

    Raises:
        EndedUpload: It takes too long, or the build was canceled.
    """
    looked = time.monotonic()
    until = looked + _UPLOAD_S
    while piece := tar.read(_PIECE):
        now = time.monotonic()
        if now > until:
            raise EndedUpload(f"the engine has not taken the source after {_UPLOAD_S} s")
        if now - looked > _LOOK_S:
            looked = now
            if log.is_canceled():
                raise EndedUpload("canceled")
        yield piece


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
            log.write_rest()
            if log.is_canceled():
                why.append("canceled")
            elif log.stop:
                why.append(log.stop)
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
