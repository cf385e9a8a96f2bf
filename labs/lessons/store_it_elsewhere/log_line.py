"""Waits for a line of a container's log: it may come a moment later than what it tells of."""

from __future__ import annotations

import re

from docker.models.containers import Container

from labs.waiting import wait_until


def logged(container: Container, pattern: str) -> re.Match[str]:
    """Return the first match of a pattern in a container's log.

    Raises:
        WaitTimeout: No line matches within 30 seconds.
    """
    found: list[re.Match[str]] = []

    def look() -> bool:
        if match := re.search(pattern, container.logs().decode()):
            found.append(match)
        return bool(found)

    wait_until(look, f"{pattern!r} in the log")
    return found[0]
