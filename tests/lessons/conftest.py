"""A lesson open in a playground of the tests' own, and a second process that judges the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

pytest.register_assert_rewrite("tests.lessons.behavior", "tests.lessons.room")

from labs import lessons  # noqa: E402
from labs.playground import Playground  # noqa: E402
from tests.lessons.doing import clean, clean_swarm  # noqa: E402
from tests.lessons.room import ROOT, Room  # noqa: E402

SECOND = [sys.executable, "-m", "tests.lessons.second_process"]


@pytest.fixture(scope="module")
def room(request: pytest.FixtureRequest, opened: Callable[..., Playground]) -> Iterator[Room]:
    """The lesson that the test module names in SLUG."""
    lesson = lessons.find(request.module.SLUG)
    size = {"nodes": lesson.nodes, "managers": lesson.managers, "workers": lesson.workers}
    playground = opened(lesson.slug, ports=lesson.ports, **size)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(SECOND, text=True, cwd=ROOT, **pipes) as second:
        yield Room(lesson, playground, second)
        assert second.stdin is not None
        second.stdin.close()
        assert second.wait(timeout=10) == 0


@pytest.fixture
def clean_room(room: Room) -> Room:
    """The same, with nothing in its nodes that an earlier case did."""
    if room.lesson.managers:
        clean_swarm(room.playground)
    else:
        for node in room.playground.nodes:
            clean(node)
    return room
