"""A lesson open in a playground, judged by this process and by a second one that shares nothing with it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from labs.lesson import Answers, Lesson, Verdict, judge
from labs.playground import Playground

ROOT = Path(__file__).resolve().parents[2]
_COMMAND = [sys.executable, "-m", "tests.lessons.second_process"]


class SecondProcess:
    """A process that finds the playground again for each request, and judges it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def verdict(self, slug: str, exercise: str, answers: Answers) -> Verdict:
        """Its verdict on an exercise of the lesson."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([slug, exercise, answers]) + "\n")
        self._process.stdin.flush()
        return Verdict.from_json(json.loads(self._process.stdout.readline()))


@contextmanager
def second_process() -> Iterator[SecondProcess]:
    """Start it; it ends with its input."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(_COMMAND, text=True, cwd=ROOT, **pipes) as process:
        yield SecondProcess(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0


@dataclass
class OpenLesson:
    """A lesson's playground, judged by this process and by a second one."""

    lesson: Lesson
    playground: Playground
    second: SecondProcess

    def verdict(self, exercise: str, answers: Answers | None = None) -> Verdict:
        """This process's verdict."""
        return judge(self.lesson.task(exercise), self.playground, answers or {})

    def second_verdict(self, exercise: str, answers: Answers | None = None) -> Verdict:
        """The second process's verdict."""
        return self.second.verdict(self.lesson.slug, exercise, answers or {})
