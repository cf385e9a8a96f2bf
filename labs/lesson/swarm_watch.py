"""A swarm that is watched while other cells run, each playground by one watch at a time. A view draws it."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from labs.lesson.swarm_map import SwarmMap

if TYPE_CHECKING:
    from labs.playground import Playground

_RUNNING: dict[str, SwarmWatch] = {}


class SwarmWatch:
    """One watch.

    Args:
        look: Gives the swarm as it is now, and never raises.
        close: Called once at its end.
    """

    def __init__(self, look: Callable[[], SwarmMap], close: Callable[[], None]) -> None:
        self.look = look
        self.first = look()
        self._close = close
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def text(self) -> str:
        """The swarm as it was at first."""
        return self.first.text

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._over.is_set()

    def run(self, work: Callable[[], None]) -> None:
        """Have a thread do `work`, which returns soon after the end, and close then."""

        def body() -> None:
            try:
                work()
            finally:
                self.end()
                self._close()

        # daemon: a thread in a request to a node that is off must not keep the kernel from ending.
        self._thread = threading.Thread(target=body, name="labs-watch", daemon=True)
        self._thread.start()

    def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        self._over.wait(seconds)

    def end(self, *, wait_s: float = 0) -> None:
        """End it; with `wait_s`, wait so long for its thread."""
        self._over.set()
        if self._thread is None:
            self._close()
        elif wait_s:
            self._thread.join(wait_s)


def start(playground: Playground) -> SwarmWatch:
    """Begin to watch a playground's swarm; an earlier watch ends.

    Raises:
        PlaygroundError: It has no swarm.
    """
    from labs.playground import SwarmMonitor

    monitor = SwarmMonitor(playground)
    # After the monitor: where the playground has no swarm, an earlier watch goes on.
    end(playground.name)
    watch = SwarmWatch(lambda: SwarmMap(monitor.state()), monitor.close)
    _RUNNING[playground.name] = watch
    return watch


def end(name: str) -> None:
    """End the watch of a playground, by the playground's name; there may be none."""
    if watch := _RUNNING.pop(name, None):
        watch.end()


@atexit.register
def _end_all() -> None:
    """End them before the interpreter removes modules that a thread still needs."""
    running = list(_RUNNING.values())
    for watch in running:
        watch.end()
    for watch in running:
        # All were told to end before, so they end at the same time; one in a request to a silent node is given up.
        watch.end(wait_s=2)
