"""Waits for a condition with a time limit. It does not repeat work, since that may be unsafe."""

from __future__ import annotations

import time
from collections.abc import Callable
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
