"""Runs submissions isolated: a worker process for each job, in which only the grader's own code runs."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from labs import images
from labs.engine import Engine
from labs.engine import find as find_engine
from labs.grading.models import GradingError, Result, Stopped
from labs.grading.runners.worker_request import KERNEL, as_order, result_of
from labs.grading.sandbox.check_process import PATIENCE_S
from labs.grading.sandbox.orphans import remove_leftovers
from labs.grading.submissions.handout import Material
from labs.images import Catalog
from labs.playground.creation import RUNTIME

if TYPE_CHECKING:
    from labs.grading.models import Limits, Submission
    from labs.lesson import Lesson

VERSION = 1
"""Of what runs and judges: another one, and finished work is done again."""
_END_S = 30.0
MORE_S = (
    300.0 + 2 * PATIENCE_S
)  # making a playground twice, and judging, beside a submission's own time


class ContainerRunner:
    """A `Runner`: each submission's kernel in a container, each job a process of its own.

    Args:
        material: Lessons and their notebooks.
        engine: The host's; by default it is looked for.
        module: Where a worker finds the lessons: a module with `all_lessons`.
        say: Told what is made before the first submission.
        kernel: The module whose KERNEL runs the student's code; `labs bench` has one without a container.
    """

    def __init__(
        self,
        material: Material,
        *,
        engine: Engine | None = None,
        module: str = "labs.lessons",
        say: Callable[[str], None] = lambda _: None,
        kernel: str = KERNEL,
    ) -> None:
        self._kernel = kernel
        self._material, self._module = material, module
        self._engine = engine or find_engine()
        images.ensure(self._engine.client, say, purpose="grading")
        self._token = f"g{secrets.token_hex(3)}"
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._all: list[_Worker] = []
        self._stopped = False

    def setting(self, lesson: Lesson) -> Mapping[str, str]:
        """What decides grades beside checks and answers."""
        return {
            **setting_of(self._engine, lesson),
            **({} if self._kernel == KERNEL else {"isolation": "none"}),
        }

    def run(self, submission: Submission, lesson: Lesson, limits: Limits) -> Result:
        """Run one submission and judge it.

        Raises:
            Stopped: `stop` was called meanwhile.
            LabsError: The machine failed.
        """
        worker = self._take()
        try:
            reply = worker.ask(as_order(submission, limits), timeout_s=2 * limits.whole_s + MORE_S)
        except OSError as error:
            worker.end()
            if self._stopped:
                raise Stopped from error
            raise GradingError(f"a worker process ended: {error}") from error
        if self._stopped:
            raise Stopped
        with self._lock:
            self._idle.append(worker)
        return result_of(reply)

    def stop(self) -> None:
        """End every `run` under way."""
        with self._lock:
            self._stopped = True
            for worker in self._all:
                worker.stop()

    def close(self) -> None:
        """End the workers, and remove whatever one of them has left."""
        with self._lock:
            workers, self._all, self._idle = self._all, [], []
        for worker in workers:
            worker.hang_up()
        for worker in workers:
            worker.end()
        remove_leftovers(self._engine, self._token)

    def _take(self) -> _Worker:
        with self._lock:
            if self._stopped:
                raise Stopped
            if self._idle:
                return self._idle.pop()
            token = f"{self._token}{len(self._all)}"
            worker = _Worker([str(self._material.root), self._module, token, self._kernel])
            self._all.append(worker)
            return worker


class _Worker:
    """One worker process."""

    def __init__(self, arguments: list[str]) -> None:
        command = [sys.executable, "-m", "labs.grading.runners.worker", *arguments]
        pipe = subprocess.PIPE
        # In a session of its own: Ctrl-C is the runner's to hear.
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True)

    def ask(self, order: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        """One line there, one back.

        Raises:
            OSError: The process ended, or had to be.
        """
        assert self._process.stdin
        assert self._process.stdout
        alarm = threading.Timer(timeout_s, self._process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            raise OSError(f"status {self._process.wait()}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def stop(self) -> None:
        """Have it give up what it does."""
        self._process.terminate()

    def hang_up(self) -> None:
        """There is no more work."""
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()

    def end(self) -> None:
        """Wait for its end, not for ever."""
        self.hang_up()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


def setting_of(engine: Engine, lesson: Lesson) -> dict[str, str]:
    """What decides grades beside checks and answers: image ids, versions, the engine of nodes."""
    catalog = Catalog.read()
    names = ["kernel", *(("node", *lesson.images) if lesson.nodes or lesson.managers else ())]
    found = {**catalog.images, **catalog.extra}
    ids = {
        f"image {name}": images.look(engine.client, found[name]).image_id
        for name in sorted(set(names))
        if name in found
    }
    runtime = os.environ.get(RUNTIME, "")
    return {
        **ids,
        "grader": str(VERSION),
        "nbval": version("nbval"),
        **({"node runtime": runtime} if runtime else {}),
    }


def open_runner(
    *, jobs: int = 1, material: Material | None = None, say: Callable[[str], None] = lambda _: None
) -> ContainerRunner:
    """The runner of `labs grade`; what images it needs and are not here are made now.

    Args:
        jobs: How many submissions run at once, at most; as many workers come to be as are asked for.
        material: Lessons and their notebooks; by default the course's.
        say: Told what is made.

    Raises:
        LabsError: There is no engine, or an image cannot be had.
    """
    return ContainerRunner(material or Material(), say=say)
