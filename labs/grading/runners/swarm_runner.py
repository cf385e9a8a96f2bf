"""Runs submissions on a swarm: replicated jobs, each on any free node, which grade as a local worker does.

Each job grades a few submissions. Its work is in configs and its results come back in its log, both through the
manager, so no port has to be open for them. What a job has not graded when it ends early, or when its node is lost, is
given to another job; a submission whose result has come back is not graded a second time.
"""

from __future__ import annotations

import contextlib
import fcntl
import secrets
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs import course, images
from labs.engine import Engine
from labs.engine import find as find_engine
from labs.errors import LabsError
from labs.grading.models import GradingError, Outcome, Result, Stopped
from labs.grading.runners.image_registry import ImageRegistry
from labs.grading.runners.local_runner import run_in_threads, setting_of
from labs.grading.runners.swarm_api import SwarmApi
from labs.grading.runners.swarm_job import SwarmJob, Unfinished
from labs.grading.runners.worker_request import request_for, result_of
from labs.grading.submissions import Handout
from labs.images import Catalog

if TYPE_CHECKING:
    from labs.grading.models import Limits, Submission
    from labs.lesson import Lesson

AT_ONCE = 400
"""How many submissions wait for jobs at the same time, each in a thread of the run."""
# A submission that ends its job three times is a failure of the machines, and not tried on and on.
_TRIES = 3
# Bounds what is run again where a job is lost.
_MOST = 8
_GATHER_S = 0.3
_SWEEP_S = 180.0


@dataclass
class PendingSubmission:
    """One submission that waits for its result."""

    number: int
    work: dict[str, Any]
    tries: int = 0
    said: Future[dict[str, Any]] = field(default_factory=Future)


class SwarmRunner:
    """A `Runner` that uses the nodes of a swarm.

    Args:
        handout: Lessons and their notebooks, this course's own.
        engine: A manager of the swarm; by default the engine of this host.
        jobs: How many jobs run at once; by default one for each CPU of the nodes that accept tasks.
        say: Called with what is made before the first submission.

    Raises:
        GradingError: The engine is not a manager, or another run of this course uses the swarm.
    """

    def __init__(
        self,
        handout: Handout,
        *,
        engine: Engine | None = None,
        jobs: int = 0,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._engine = engine or find_engine()
        self._cluster = SwarmApi(self._engine, f"s{secrets.token_hex(3)}")
        self._handout, self._needed, self._say = handout, _needed(handout), say
        self._changed = threading.Condition()
        self._waiting: deque[PendingSubmission] = deque()
        self._count = self._rounds = 0
        self._stopped = self._closing = False
        self._held = contextlib.ExitStack()
        self._held.enter_context(_only_run())
        try:
            self._open(jobs)
        # Ctrl-C too: the registry and its volume must not stay on the swarm.
        except BaseException:
            with contextlib.suppress(LabsError, DockerException, RequestException):
                self._cluster.remove_all(self._cluster.token)
            self._held.close()
            raise

    def _open(self, jobs: int) -> None:
        # Safe, because `_only_run` holds the lock of this course folder.
        self._cluster.remove_all()  # of a run that was killed
        late = _loaded(self._handout)
        for purpose in ("grading", "swarm"):
            images.ensure(self._engine.client, self._say, purpose=purpose, late=late)
        nodes = self._cluster.open_nodes()
        cpus = sum(node["Description"]["Resources"]["NanoCPUs"] for node in nodes) // 10**9
        self.jobs = jobs or max(1, cpus)
        depot = ImageRegistry(self._engine, self._cluster)
        self._say(
            f"a swarm of {len(nodes)} nodes, {self.jobs} jobs at once; images go by the {depot.how}"
        )
        self._images = depot.bring(self._needed)
        self._lanes = [
            threading.Thread(target=self._lane, name=f"lane{each}", daemon=True)
            for each in range(self.jobs)
        ]
        for lane in self._lanes:
            lane.start()

    def setting(self, lesson: Lesson) -> Mapping[str, str]:
        """What affects grades beside checks and answers: the same as without a swarm."""
        return setting_of(self._engine, lesson)

    def run_all(
        self, submissions: Sequence[Submission], limits: Limits
    ) -> Generator[tuple[int, Outcome]]:
        """Run submissions and judge them."""

        def run(submission: Submission) -> Result:
            return self.run(submission, self._handout.lessons[submission.slug], limits)

        return run_in_threads(run, submissions, AT_ONCE, self.stop)

    def run(self, submission: Submission, lesson: Lesson, limits: Limits) -> Result:
        """Grade one submission on some node.

        Raises:
            Stopped: `stop` was called meanwhile.
            LabsError: The machines failed.
        """
        with self._changed:
            if self._stopped:
                raise Stopped
            self._count += 1
            order = PendingSubmission(self._count, request_for(submission, limits))
            self._waiting.append(order)
            self._changed.notify()
        # No timeout here: a dispatcher gives every submission a result or an error.
        return result_of(order.said.result())

    def stop(self) -> None:
        """End every `run` that has not returned."""
        with self._changed:
            self._stopped = True
            waiting = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
        for order in waiting:
            order.said.set_exception(Stopped())

    def close(self) -> None:
        """Remove all that was created, on every node that can be reached.

        What cannot be removed is reported; the grades are valid all the same.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for lane in self._lanes:
            lane.join()
        with self._held:
            # The sweep first: it needs images from the registry that `remove_all` removes.
            for remove in (self._sweep, lambda: self._cluster.remove_all(self._cluster.token)):
                try:
                    remove()
                except (LabsError, DockerException, RequestException) as error:
                    self._say(f"not everything is removed: {error}")

    def _lane(self) -> None:
        """Dispatcher thread: run one job after another until no submission waits."""
        while orders := self._next():
            try:
                self._job(orders)
            except Stopped as stopped:
                for order in orders:
                    _end(order, stopped)
            except (DockerException, RequestException) as error:
                failed = GradingError(f"the manager of the swarm does not answer: {error}")
                for order in orders:
                    _end(order, failed)
            except Exception as error:
                for order in orders:
                    _end(order, error)

    def _next(self) -> list[PendingSubmission]:
        """Take submissions for one job, fewer towards the end, so that all jobs end at about the same time."""
        with self._changed:
            while not self._waiting and not self._closing and not self._stopped:
                self._changed.wait()
            if self._waiting and self._rounds < self.jobs:  # the first come while others are read
                self._changed.wait_for(lambda: self._closing or self._stopped, _GATHER_S)
            # A third of an equal share: late jobs are small, so that none is left running alone at
            # the end.
            size = min(_MOST, -(-len(self._waiting) // (3 * self.jobs)))
            return [self._waiting.popleft() for _ in range(size)]

    def _job(self, orders: list[PendingSubmission]) -> None:
        with self._changed:
            self._rounds += 1
            number = self._rounds
        by_number = {order.number: order for order in orders}

        def take(number: int, said: dict[str, Any]) -> None:
            if order := by_number.pop(number, None):
                order.said.set_result(said)

        work = {
            "images": self._images,
            "run": self._cluster.token,
            "token": f"{self._cluster.token}{number:05}",
            "orders": [(order.number, order.work) for order in orders],
        }
        try:
            job = SwarmJob(self._cluster, f"job{number}", work, take)
            job.run(self._images[_grader()], lambda: self._stopped)
        except Unfinished as failed:
            self._again(list(by_number.values()), failed)

    def _again(self, orders: list[PendingSubmission], failed: Unfinished) -> None:
        """Requeue what a job did not finish; one that failed too often becomes a failure of the machines."""
        for order in orders:
            order.tries += 1
            if order.tries >= _TRIES:
                _end(
                    order, GradingError(f"{_TRIES} jobs of the swarm ended early: {failed.message}")
                )
        left = [order for order in orders if not order.said.done()]
        with self._changed:
            if not self._stopped:
                # In front: these have waited longest.
                self._waiting.extendleft(left)
                self._changed.notify_all()
                return
        for order in left:
            _end(order, Stopped())

    def _sweep(self) -> None:
        """Remove what jobs that were killed left, on every node."""
        work = {
            "sweep": self._cluster.token,
            "images": {_grader(): self._images[_grader()]},
            "orders": [],
        }
        job = SwarmJob(self._cluster, "sweep", work, lambda *_: None)
        job.run_everywhere(self._images[_grader()], timeout_s=_SWEEP_S)


def _end(order: PendingSubmission, error: Exception) -> None:
    if not order.said.done():
        order.said.set_exception(error)


def _grader() -> str:
    return Catalog.read().extra["grader"].name


def _needed(handout: Handout) -> list[str]:
    """Names of the images that a node needs to grade any of these lessons."""
    catalog = Catalog.read()
    wanted = [catalog.extra["grader"], catalog.extra["kernel"], catalog.images["node"]]
    lessons = handout.lessons.values()
    keys = ["store"] if any(each.store for each in lessons) else []
    keys += ["hub", "git"] if any(each.hub for each in lessons) else []
    wanted += [catalog.images[key] for key in (*keys, *_loaded(handout))]
    return [image.name for image in (*wanted, catalog.mirror)]


def _loaded(handout: Handout) -> list[str]:
    """Keys of the images that any of these lessons has in its node from the start."""
    return sorted({key for each in handout.lessons.values() for key in each.loaded})


@contextlib.contextmanager
def _only_run() -> Iterator[None]:
    """Hold the lock of this course folder: a run first removes what an earlier one left.

    Raises:
        GradingError: Another run has it.
    """
    folder = course.state_folder() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "grade-on-a-swarm.lock").open("w") as lock:
        try:
            # The system releases the lock when the process ends, however it ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise GradingError(
                "grade on a swarm: another `labs grade --swarm` of this course folder runs",
                hint="wait until it has ended",
            ) from error
        yield
