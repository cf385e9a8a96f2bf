"""Ends from outside what a build waits for: an engine that does not take its source, or never ends its answer."""

from __future__ import annotations

import tarfile
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


class EndedBuild(Exception):
    """What is on its way to or from the engine is not waited for; the message says why."""


def upload(tar: IO[bytes], log: BuildLog) -> Iterator[bytes]:
    """A tar on its way to the engine, which writes all of it to its disk before it answers.

    Args:
        tar: Is read.
        log: Of the build, which may be canceled meanwhile.

    Raises:
        EndedBuild: It takes too long, or the build was canceled.
    """
    looked = time.monotonic()
    until = looked + _UPLOAD_S
    while piece := tar.read(_PIECE):
        now = time.monotonic()
        if now > until:
            raise EndedBuild(f"the engine has not taken the source after {_UPLOAD_S} s")
        if now - looked > _LOOK_S:
            looked = now
            if log.is_canceled():
                raise EndedBuild("canceled")
        yield piece


@contextmanager
def ended_from_outside(
    answer: urllib3.BaseHTTPResponse, log: BuildLog, longest_s: float
) -> Iterator[None]:
    """Read an answer of the engine in a block, which ends when its build is canceled or takes too long or too much.

    Args:
        answer: Read in the block; closed after it.
        log: Of the build.
        longest_s: Seconds.

    Raises:
        EndedBuild: It was ended, or the engine went away.
    """
    why: list[str] = []
    over = threading.Event()

    def watch() -> None:
        until = time.monotonic() + longest_s
        while not over.wait(_LOOK_S):
            log.write_rest()
            if reason := _reason(log, until, longest_s):
                why.append(reason)
                answer.shutdown()
                break
        connections.close_all()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    # A line that is cut off is no JSON, and a file no tar.
    except (OSError, ValueError, tarfile.TarError, urllib3.exceptions.HTTPError) as error:
        raise EndedBuild(why[0] if why else f"the engine went away: {error}") from error
    finally:
        # Closed, not given back: the engine ends a build whose client has gone.
        answer.close()
        over.set()
        watcher.join()
    if why:
        raise EndedBuild(why[0])


def _reason(log: BuildLog, until: float, longest_s: float) -> str:
    """Why a build ends now; empty if it goes on."""
    if log.is_canceled():
        return "canceled"
    late = f"not ready after {longest_s:g} s, the longest that it may take"
    return log.stop or (late if time.monotonic() > until else "")
