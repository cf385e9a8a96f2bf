"""Requests to a manager that fail because the managers elect a leader: they are sent again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from docker.errors import APIError

T = TypeVar("T")
ELECTION_S = 30.0  # an election takes seconds, more while five engines start on one machine
_PAUSE_S = 0.3
# A manager that was cut off comes back with a newer term, so the others elect again, a moment after it is healed.
_WORDS = ("DeadlineExceeded", "does not have a leader", "lost leader", "code = Unavailable")


def through_elections(ask: Callable[[], T], *, timeout_s: float = ELECTION_S) -> T:
    """Return what `ask` returns; call it again while it fails because a leader is being elected.

    Args:
        ask: Reads, or changes something in a way that may be repeated.
        timeout_s: After it a failure is raised.

    Raises:
        APIError: The engine refuses for another reason, or elects for too long.
    """
    until = time.monotonic() + timeout_s
    while True:
        try:
            return ask()
        except APIError as error:
            if not _by_election(error) or time.monotonic() > until:
                raise
        time.sleep(_PAUSE_S)


def _by_election(error: APIError) -> bool:
    said = str(error.explanation or error)
    return any(words in said for words in _WORDS)
