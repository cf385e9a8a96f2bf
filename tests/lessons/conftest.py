"""A lesson open in a playground of the tests' own, and a second process that judges the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labs import lessons
from labs.lesson import Answers, Lesson, Verdict
from labs.lesson.judge import judge
from labs.playground import Playground
from tests.lessons.doing import clean

ROOT = Path(__file__).resolve().parents[2]
SECOND = [sys.executable, "-m", "tests.lessons.second"]


@dataclass
class Room:
    """A lesson's playground, judged from this process and from a second one."""

    lesson: Lesson
    place: Playground
    second: subprocess.Popen[str]

    def verdict(self, exercise: str, answers: Answers | None) -> Verdict:
        """The verdict, which both processes must agree on."""
        here = judge(self.lesson.task(exercise), self.place, answers or {})
        assert self.elsewhere(exercise, answers) == here
        return here

    def elsewhere(self, exercise: str, answers: Answers | None) -> Verdict:
        """The second process's verdict."""
        assert self.second.stdin is not None
        assert self.second.stdout is not None
        request = [self.lesson.slug, exercise, answers or {}]
        self.second.stdin.write(json.dumps(request) + "\n")
        self.second.stdin.flush()
        return Verdict.from_json(json.loads(self.second.stdout.readline()))


@pytest.fixture(scope="module")
def room(request: pytest.FixtureRequest, opened: Callable[..., Playground]) -> Iterator[Room]:
    """The lesson that the test module names in SLUG."""
    lesson = lessons.find(request.module.SLUG)
    place = opened(lesson.slug, ports=lesson.ports, nodes=lesson.nodes)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(SECOND, text=True, cwd=ROOT, **pipes) as second:
        yield Room(lesson, place, second)
        assert second.stdin is not None
        second.stdin.close()
        assert second.wait(timeout=10) == 0


@pytest.fixture
def clean_room(room: Room) -> Room:
    """The same, with nothing in its nodes that an earlier case did."""
    for node in room.place.nodes:
        clean(node)
    return room
