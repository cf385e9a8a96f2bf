"""Sandbox pool: creates the next submission's sandbox while one is used, and removes used ones in the background."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs import course
from labs.engine import Engine
from labs.errors import LabsError
from labs.grading.debug_log import cut, log, timed
from labs.grading.models import GradingError
from labs.grading.sandbox.channel import LoopThread
from labs.grading.sandbox.isolated_playground import IsolatedPlayground
from labs.grading.sandbox.kernel import Kernel
from labs.grading.sandbox.orphans import Lease, remove_orphans
from labs.playground import Cgroup, cgroup_name, cgroup_of

if TYPE_CHECKING:
    from labs.lesson import Lesson

# Two remove used sandboxes, two create the next one: its kernel and its playground at the same time.
_THREADS = 4
# Used sandboxes whose removal may still be under way when the next submission starts. A removal kills the containers
# first, which frees their memory (a node may take 2 GB); deleting the node's disk takes longer, and costs none.
_MAX_DISPOSING = 1


@dataclass
class Sandbox:
    """Everything that one submission touches: a kernel, and a playground unless the lesson has no nodes."""

    label: str
    playground: IsolatedPlayground | None
    kernel: Kernel

    @property
    def is_ready(self) -> bool:
        """Whether both answer: a prewarmed one may be old, and its engine restarted since."""
        try:
            nodes = self.playground.nodes if self.playground else ()
            return self.kernel.alive() and all(node.answers() for node in nodes)
        except LabsError:
            return False

    def close(self) -> None:
        """Remove both.

        Raises:
            GradingError: An object of the playground is left.
        """
        with timed("remove sandbox %s", self.label):
            self.kernel.remove()
            if self.playground:
                self.playground.close()


class SandboxPool:
    """Creates sandboxes, one in advance, and removes them.

    Args:
        engine: The host's.
        token: Prefix in the names of all objects that it creates.
        prewarm: Whether the next sandbox is created while one is used.
        kernel: The class of kernels.
    """

    def __init__(
        self, engine: Engine, token: str, *, prewarm: bool = True, kernel: type[Kernel] = Kernel
    ) -> None:
        self._kernel = kernel
        self._engine, self._token, self._prewarm = engine, token, prewarm
        self._lease = Lease(token)
        remove_orphans(engine)
        self._loop = LoopThread()
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="sandbox")
        self._number = 0
        self._next: tuple[str, Future[Sandbox]] | None = None
        self._disposing: list[Future[None]] = []
        self._left: list[str] = []

    def acquire(self, lesson: Lesson) -> Sandbox:
        """Return a fresh sandbox for this lesson, and start to create another one.

        Raises:
            LabsError: It cannot be created.
        """
        while len(self._disposing) > _MAX_DISPOSING:
            self._settle(self._disposing.pop(0))
        with timed("wait for a sandbox"):
            sandbox = self._prewarmed(lesson) or self._creator(lesson)()
        if self._prewarm:
            self._next = lesson.slug, self._threads.submit(self._creator(lesson))
        return sandbox

    def release(self, sandbox: Sandbox) -> None:
        """Remove a used sandbox in the background."""
        self._disposing.append(self._threads.submit(self._remove, sandbox))

    def _remove(self, sandbox: Sandbox) -> None:
        sandbox.close()
        self.cgroup_of(sandbox).remove()

    def cgroup_of(self, sandbox: Sandbox) -> Cgroup:
        """The parent cgroup of all containers of a sandbox."""
        return cgroup_of(self._engine.client, cgroup_name(course.course_id(), sandbox.label))

    def close(self) -> None:
        """Remove everything.

        Raises:
            GradingError: Something is left.
        """
        if self._next:
            self._dispose(self._next[1])
            self._next = None
        try:
            while self._disposing:
                self._settle(self._disposing.pop())
        finally:
            # Also after an error: a thread or a lock that is kept would outlive this pool.
            self._threads.shutdown()
            self._loop.close()
            self._lease.release()
        if self._left:
            raise GradingError("; ".join(self._left), hint="`labs reset` tries again")

    def _settle(self, removal: Future[None]) -> None:
        """Wait for a removal. What it left must cost no other submission: it is told at the end."""
        try:
            removal.result()
        # Any: of the engine, of a thread, of the grader.
        except Exception as error:
            words = error.message if isinstance(error, LabsError) else str(error)
            log.debug("a sandbox is left: %s", cut(words))
            self._left.append(words)

    def _prewarmed(self, lesson: Lesson) -> Sandbox | None:
        """The sandbox created in advance, if it is for this lesson and ready."""
        prewarmed, self._next = self._next, None
        if prewarmed and prewarmed[0] == lesson.slug:
            # What failed in advance is tried again now, and raises then.
            with suppress(LabsError, DockerException, RequestException):
                sandbox = prewarmed[1].result()
                if sandbox.is_ready:
                    return sandbox
        if prewarmed:
            self._dispose(prewarmed[1])
        return None

    def _dispose(self, created: Future[Sandbox]) -> None:
        def remove() -> None:
            with suppress(Exception):  # its error, if any, was handled where it was waited for
                self._remove(created.result())

        self._disposing.append(self._threads.submit(remove))

    def _creator(self, lesson: Lesson) -> Callable[[], Sandbox]:
        """A function that creates a sandbox; numbered now, called in any thread."""
        self._number += 1
        label = f"{self._token}-{self._number}"

        def create() -> Sandbox:
            # At the same time as the kernel. Where either fails, the other is removed: no one else
            # has it.
            future = self._threads.submit(self._create_playground, lesson, label)
            name = f"labs-{course.course_id()}-kernel-{label}"
            try:
                with timed("start kernel %s", label):
                    kernel = self._kernel(self._engine, self._loop, name)
            except BaseException:
                with suppress(Exception):
                    if playground := future.result():
                        playground.close()
                raise
            try:
                return Sandbox(label, future.result(), kernel)
            except BaseException:
                kernel.remove()
                raise

        return create

    def _create_playground(self, lesson: Lesson, label: str) -> IsolatedPlayground | None:
        if not (lesson.nodes or lesson.managers):
            return None
        with timed("create playground %s", label):
            return IsolatedPlayground(self._engine, self._loop, lesson, label)
