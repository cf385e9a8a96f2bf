"""Judges exercises in a process of its own, which reads what a student's playground says and may be ended for it.

A registry that never stops answering, or a program in a node that prints for ever, costs this process and no other.
It takes one JSON line and gives one.
"""

from __future__ import annotations

import json
import os
import resource
import select
import subprocess
import sys
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

from labs.engine import Engine, find
from labs.errors import LabsError
from labs.grading.models import GradingError
from labs.grading.runners.worker_request import take_stdout
from labs.grading.sandbox.egress_guard import Fence
from labs.grading.sandbox.isolated_playground import ClosedPlayground, names_of
from labs.lesson import Verdict, judge
from labs.playground import Playground, PlaygroundSpec

if TYPE_CHECKING:
    from labs.grading.sandbox.pool import Room
    from labs.lesson import Lesson, Task

_MEMORY_BYTES = 500_000_000
PATIENCE_S = 180.0
_WORDS = 2000


class Judge:
    """Judges, in a child that is started at need.

    Args:
        module: Where the lessons are: what has `all_lessons`.
    """

    def __init__(self, module: str = "labs.lessons") -> None:
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None

    def warm(self) -> None:
        """Start the child, if there is none."""
        if self._child is None or self._child.poll() is not None:
            command = [sys.executable, "-m", __name__, self._module]
            pipe = subprocess.PIPE
            self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe)

    def verdict(self, lesson: Lesson, task: Task, room: Room, answers: dict[str, Any]) -> Verdict:
        """Judge one exercise in the playground of `room`.

        Raises:
            GradingError: The child cannot be had.
        """
        self.warm()
        child = self._child
        assert child
        assert child.stdin
        assert child.stdout
        order = {"slug": lesson.slug, "task": task.id, "answers": answers, **_where(room)}
        try:
            child.stdin.write(json.dumps(order).encode() + b"\n")
            child.stdin.flush()
            line = _line(child.stdout)
            said = json.loads(line)
        except (OSError, ValueError) as error:
            self.close()
            return Verdict(
                task.id, "unavailable", f"what answers there is more than can be read ({error})"
            )
        if "error" in said:
            raise GradingError(str(said["error"]))
        message, hint = said["message"][:_WORDS], said["hint"][:_WORDS]
        return Verdict(task.id, said["outcome"], message, hint)

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None


def _where(room: Room) -> dict[str, Any]:
    """How the child finds the playground."""
    if room.playground is None:
        return {"label": ""}
    ports, gate = room.playground.by
    named = {name: list(each.items()) for name, each in ports.items()}
    return {"label": room.label, "ports": named, "gate": gate}


def _line(out: IO[bytes]) -> bytes:
    """One line, if it comes in time.

    Raises:
        ValueError: It does not.
    """
    ready, _, _ = select.select([out], [], [], PATIENCE_S)
    if not ready:
        raise ValueError(f"nothing in {PATIENCE_S:g} s")
    line = out.readline()
    if not line:
        raise ValueError("too much")
    return line


def _judged(engine: Engine, lessons: dict[str, Lesson], order: dict[str, Any]) -> dict[str, Any]:
    lesson = lessons[order["slug"]]
    task = lesson.task(order["task"])
    playground = Playground(engine, names_of(lesson.slug, "none"), PlaygroundSpec(nodes=0))
    if order["label"]:
        playground = ClosedPlayground(engine, lesson, order["label"])
        playground.use_gate({n: dict(each) for n, each in order["ports"].items()}, order["gate"])
        try:
            playground.find()
        except LabsError as error:
            return Verdict(task.id, "unavailable", str(error)).to_json()
    playground.slug = lesson.slug
    return judge(task, playground, order["answers"]).to_json()


def main(module: str) -> None:
    """Take orders until there are no more."""
    out = take_stdout()
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    lessons = {lesson.slug: lesson for lesson in import_module(module).all_lessons()}
    engine = find()
    fence = Fence(engine)
    for line in sys.stdin.buffer:
        try:
            order = json.loads(line)
            fence.let(at for each in order.get("ports", {}).values() for _, at in each)
            said = _judged(engine, lessons, order)
        except MemoryError:
            os._exit(1)
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(said).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    main(sys.argv[1])
