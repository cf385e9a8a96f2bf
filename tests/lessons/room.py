"""A lesson open in a playground, judged from this process and from a second one that shares nothing with it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from labs.lesson import Answers, Lesson, Verdict
from labs.lesson.judgment import judge
from labs.playground import Playground

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Room:
    """A lesson's playground, judged from this process and from a second one."""

    lesson: Lesson
    playground: Playground
    second: subprocess.Popen[str]

    def verdict(self, exercise: str, answers: Answers | None, *, alone: bool = False) -> Verdict:
        """The verdict, which both processes must agree on; or this one's alone."""
        here = judge(self.lesson.task(exercise), self.playground, answers or {})
        assert alone or self.elsewhere(exercise, answers) == here
        return here

    def elsewhere(self, exercise: str, answers: Answers | None) -> Verdict:
        """The second process's verdict."""
        assert self.second.stdin is not None
        assert self.second.stdout is not None
        request = [self.lesson.slug, exercise, answers or {}]
        self.second.stdin.write(json.dumps(request) + "\n")
        self.second.stdin.flush()
        return Verdict.from_json(json.loads(self.second.stdout.readline()))
