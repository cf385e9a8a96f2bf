"""Check 11.8: a job that collected once and ended is not one that does so again and again.

Not a case of the lesson's table: two processes judge those one after the other, and the second finds a job that has
ended before it began.
"""

from __future__ import annotations

from typing import Any

import pytest
from docker.errors import NotFound

from labs.lessons.clean_up.checks import _ended


class Job:
    """A container that has a state."""

    name = "cleaner"

    def __init__(self, status: str) -> None:
        self.status = status

    def reload(self) -> None:
        if self.status == "gone":
            raise NotFound("cleaner")


@pytest.mark.parametrize("states", [["running"], ["exited", "running"], ["gone", "running"]])
def test_job_that_goes_on(states: list[str]) -> None:
    jobs: Any = [Job(state) for state in states]
    assert _ended(jobs) is None


@pytest.mark.parametrize("state", ["exited", "gone", "paused"])
def test_job_that_ran_once(state: str) -> None:
    jobs: Any = [Job(state)]
    found = _ended(jobs)
    assert found
    assert (found.message, found.hint) == (
        "container cleaner has ended, wanted one that collects again and again",
        "a loop: while sleep 10; do …; done",
    )
