"""Keeps the next submission's playground and kernel ready while one runs, and removes what is done with."""

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
from labs.grading.sandbox.channel import Loop
from labs.grading.sandbox.isolated_playground import Place
from labs.grading.sandbox.kernel import Kernel
from labs.grading.sandbox.orphans import Claim, remove_strays

if TYPE_CHECKING:
    from labs.lesson import Lesson


@dataclass
class Room:
    """A playground, none where the lesson has no nodes, and a kernel: all that one submission touches."""

    label: str
    playground: Place | None
    kernel: Kernel

    @property
    def sound(self) -> bool:
        """Whether both answer: they may have waited long, on an engine that was restarted meanwhile."""
        try:
            nodes = self.playground.nodes if self.playground else ()
            return self.kernel.alive() and all(node.answers() for node in nodes)
        except LabsError:
            return False

    def close(self) -> None:
        """Remove both.

        Raises:
            GradingError: Something of the playground is left.
        """
        self.kernel.remove()
        if self.playground:
            self.playground.close()


class Spares:
    """Rooms, one made ahead.

    Args:
        engine: The host's.
        token: Begins the name of all that is made.
        ahead: Whether the next one is made while one is used.
        kernel: What makes a kernel.
    """

    def __init__(
        self, engine: Engine, token: str, *, ahead: bool = True, kernel: type[Kernel] = Kernel
    ) -> None:
        self._kernel = kernel
        self._engine, self._token, self._ahead = engine, token, ahead
        self._claim = Claim(token)
        remove_strays(engine)
        self._loop = Loop()
        self._threads = ThreadPoolExecutor(max_workers=3, thread_name_prefix="room")
        self._number = 0
        self._next: tuple[str, Future[Room]] | None = None
        self._going: list[Future[None]] = []

    def take(self, lesson: Lesson) -> Room:
        """A fresh room for this lesson; another one is begun.

        Raises:
            LabsError: It cannot be made, or an earlier one could not be removed.
        """
        while self._going:  # at most one is on its way out: nodes are not small
            self._going.pop().result()
        room = self._waiting(lesson) or self._make(lesson)()
        if self._ahead:
            self._next = lesson.slug, self._threads.submit(self._make(lesson))
        return room

    def _waiting(self, lesson: Lesson) -> Room | None:
        """The room that was made ahead, if it is for this lesson and still good."""
        waiting, self._next = self._next, None
        if waiting and waiting[0] == lesson.slug:
            with suppress(LabsError, DockerException, RequestException):  # made anew, or told then
                room = waiting[1].result()
                if room.sound:
                    return room
        if waiting:
            self._drop(waiting[1])
        return None

    def give_back(self, room: Room) -> None:
        """Remove a room, while others do something else."""
        self._going.append(self._threads.submit(room.close))

    def close(self) -> None:
        """Remove all.

        Raises:
            LabsError: Something is left.
        """
        if self._next:
            self._drop(self._next[1])
            self._next = None
        try:
            while self._going:
                self._going.pop().result()
        finally:
            self._threads.shutdown()
            self._loop.close()
            self._claim.release()

    def _drop(self, made: Future[Room]) -> None:
        def remove() -> None:
            with suppress(Exception):  # who waits for it is told
                made.result().close()

        self._going.append(self._threads.submit(remove))

    def _make(self, lesson: Lesson) -> Callable[[], Room]:
        self._number += 1
        label = f"{self._token}-{self._number}"

        def make() -> Room:
            wanted = self._threads.submit(self._playground, lesson, label)
            name = f"labs-{course.course_id()}-kernel-{label}"
            try:
                kernel = self._kernel(self._engine, self._loop, name)
            except BaseException:
                with suppress(Exception):
                    if playground := wanted.result():
                        playground.close()
                raise
            try:
                return Room(label, wanted.result(), kernel)
            except BaseException:
                kernel.remove()
                raise

        return make

    def _playground(self, lesson: Lesson, label: str) -> Place | None:
        if not (lesson.nodes or lesson.managers):
            return None
        return Place(self._engine, self._loop, lesson, label)
