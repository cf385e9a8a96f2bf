"""What takes minutes more than `make test` has: done where LABS_LONG is set, otherwise left out with the reason."""

from __future__ import annotations

import os

import pytest

from labs.lessons import all_lessons

SWARMS = {lesson.slug for lesson in all_lessons() if lesson.managers}


def is_long() -> bool:
    """Whether somebody asked for them."""
    return bool(os.environ.get("LABS_LONG"))


def leave_out_unless_long(slug: str, what: str) -> None:
    """End a test here, as skipped, where the lesson is one of a swarm and nobody asked for the long tests."""
    if slug in SWARMS and not is_long():
        pytest.skip(f"{what} of {slug} takes four minutes; LABS_LONG=1 runs it")
