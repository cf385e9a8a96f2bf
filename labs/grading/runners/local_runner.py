"""Runs submissions on this machine: a worker process for each job, in which only the grader's own code runs."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING, Any

from labs import images
from labs.engine import Engine
from labs.engine import find as find_engine
from labs.grading.debug_log import log
from labs.grading.models import GradingError, Outcome, Result, Stopped, Submission
from labs.grading.runners.worker_request import KERNEL, request_for, result_of
from labs.grading.sandbox import CHECK_TIMEOUT_S, remove_created_by
from labs.grading.submissions import Handout
from labs.images import Catalog
from labs.playground import cgroup_of, isolation_of

if TYPE_CHECKING:
    from labs.grading.models import Limits
    from labs.lesson import Lesson

GRADER_VERSION = 1
"""Version of the grader; changing it has every submission graded again."""
# A worker that was told to stop removes its playground first, which takes seconds.
_END_S = 30.0
SETUP_ALLOWANCE_S = 300.0 + 2 * CHECK_TIMEOUT_S
"""What a submission may take beside its own time: creating a playground twice, and checks."""


class LocalRunner:
    """A `Runner` on this machine: each submission's kernel in a container, each job a process of its own.

    Args:
        handout: Lessons and their notebooks.
        engine: The host's; found by `labs.engine.find` unless given.
        jobs: How many submissions run at once.
        module: Where a worker finds the lessons: a module with `all_lessons`.
        say: Called with what is made before the first submission.
        kernel: The module whose KERNEL runs the student's code; `labs bench` has one without a container.
    """

    def __init__(
        self,
        handout: Handout,
        *,
        engine: Engine | None = None,
        jobs: int = 1,
        module: str = "labs.lessons",
        say: Callable[[str], None] = lambda _: None,
        kernel: str = KERNEL,
    ) -> None:
        self._kernel, self._jobs = kernel, jobs
        self._handout, self._module = handout, module
        self._engine = engine or find_engine()
        # Now, and not in the workers, which would make the same images at the same time.
        images.ensure(self._engine.client, say, purpose="grading")
        nodes = isolation_of(self._engine)
        say(f"isolation: {nodes.words}" + (f"\n  -> {nodes.todo}" if nodes.todo else ""))
        if cgroup_of(self._engine.client, "labs").parent is None:
            say(
                "this engine takes no --cgroup-parent: a submission that uses all CPUs delays others"
            )
        self._token = f"g{secrets.token_hex(3)}"
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._all: list[_Worker] = []
        self._stopped = False

    def setting(self, lesson: Lesson) -> Mapping[str, str]:
        """What affects grades beside checks and answers."""
        return {
            **setting_of(self._engine, lesson),
            **({} if self._kernel == KERNEL else {"isolation": "none"}),
        }

    def run_all(
        self, submissions: Sequence[Submission], limits: Limits
    ) -> Generator[tuple[int, Outcome]]:
        """Run submissions and judge them, `jobs` at once."""

        def run(submission: Submission) -> Result:
            return self.run(submission, self._handout.lessons[submission.slug], limits)

        return run_in_threads(run, submissions, self._jobs, self.stop)

    def run(self, submission: Submission, lesson: Lesson, limits: Limits) -> Result:
        """Run one submission and judge it.

        Raises:
            Stopped: `stop` was called meanwhile.
            LabsError: The machine failed.
        """
        worker = self._take()
        try:
            response = worker.ask(
                request_for(submission, limits), timeout_s=limits.most_s + SETUP_ALLOWANCE_S
            )
        except OSError as error:
            worker.end()
            if self._stopped:
                # The worker ended because `stop` told it to: that is not a failure of the machine.
                raise Stopped from error
            raise GradingError(f"a worker process ended: {error}") from error
        if self._stopped:
            raise Stopped
        with self._lock:
            self._idle.append(worker)
        return result_of(response)

    def stop(self) -> None:
        """End what runs now, and start no more."""
        with self._lock:
            self._stopped = True
            for worker in self._all:
                worker.stop()

    def close(self) -> None:
        """End the workers, and remove what one that was killed has left."""
        with self._lock:
            workers, self._all, self._idle = self._all, [], []
        for worker in workers:
            worker.close_stdin()
        for worker in workers:
            worker.end()
        # By the token in their names: a worker that was killed could not remove its own.
        remove_created_by(self._engine, self._token)

    def _take(self) -> _Worker:
        with self._lock:
            if self._stopped:
                raise Stopped
            if self._idle:
                return self._idle.pop()
            token = f"{self._token}{len(self._all)}"
            worker = _Worker([str(self._handout.root), self._module, token, self._kernel])
            self._all.append(worker)
            return worker


def run_in_threads(
    run: Callable[[Submission], Result],
    submissions: Sequence[Submission],
    jobs: int,
    stop: Callable[[], None],
) -> Generator[tuple[int, Outcome]]:
    """Call `run` for each submission, `jobs` at once.

    Args:
        run: Raises `Stopped` once `stop` was called.
        submissions: In the order in which they start.
        jobs: How many run at once.
        stop: Called where the caller ends early.

    Yields:
        A place in `submissions` and what came of it, without those that were stopped.
    """
    waiting = iter(enumerate(submissions))
    running: dict[Future[Result], int] = {}
    with ThreadPoolExecutor(jobs, "labs-grade") as pool:
        try:
            while True:
                # The caller has cached each result that it was given before another run starts: a
                # process that is killed loses only what was running.
                for place, submission in islice(waiting, jobs - len(running)):
                    running[pool.submit(run, submission)] = place
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    place, error = running.pop(future), future.exception()
                    if isinstance(error, Stopped):
                        continue
                    if error is not None and not isinstance(error, Exception):
                        raise error
                    yield place, error or future.result()
        finally:
            if running:
                stop()


class _Worker:
    """One worker process."""

    def __init__(self, arguments: list[str]) -> None:
        command = [sys.executable, "-m", "labs.grading.runners.worker", *arguments]
        pipe = subprocess.PIPE
        # In a session of its own, so that Ctrl-C reaches the runner only.
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True)
        log.debug("started worker %d", self._process.pid)

    def ask(self, request: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        """Send one request and wait for its response.

        Raises:
            OSError: The process ended, or had to be.
        """
        assert self._process.stdin
        assert self._process.stdout
        # The worker has timeouts of its own; this one holds where the worker itself hangs. The kill
        # ends `readline` below.
        alarm = threading.Timer(timeout_s, self._process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            status = self._process.wait()
            log.debug("worker %d ended with status %d", self._process.pid, status)
            raise OSError(f"status {status}")
        response: dict[str, Any] = json.loads(line)
        return response

    def stop(self) -> None:
        """Have it end what it does."""
        # SIGTERM: the worker still removes its containers, which SIGKILL would leave.
        self._process.terminate()

    def close_stdin(self) -> None:
        """Tell it that there is no more work."""
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()

    def end(self) -> None:
        """Wait for its end; kill it after a time."""
        self.close_stdin()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


def setting_of(engine: Engine, lesson: Lesson) -> dict[str, str]:
    """What affects grades beside checks and answers: image ids, versions, the runtime of nodes."""
    catalog = Catalog.read()
    names = [
        "kernel",
        *(("node", *lesson.images, *lesson.loaded) if lesson.nodes or lesson.managers else ()),
    ]
    found = {**catalog.images, **catalog.extra}
    ids = {
        f"image {name}": images.look(engine.client, found[name]).image_id
        for name in sorted(set(names))
        if name in found
    }
    # A node may behave differently by what isolates it, so that is part of the key of a cached result.
    nodes = isolation_of(engine).kind
    return {
        **ids,
        "grader": str(GRADER_VERSION),
        "nbval": version("nbval"),
        "node isolation": nodes,
    }


def open_runner(
    *, jobs: int = 1, handout: Handout | None = None, say: Callable[[str], None] = lambda _: None
) -> LocalRunner:
    """The runner of `labs grade`; images that it needs and that are missing are made now.

    Args:
        jobs: How many submissions run at once, at most.
        handout: Lessons and their notebooks; by default the course's.
        say: Called with what is made.

    Raises:
        LabsError: There is no engine, or an image is not available.
    """
    return LocalRunner(handout or Handout(), jobs=jobs, say=say)
