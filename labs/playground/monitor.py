"""Polls the state of a swarm with clients of its own, for a live view beside a notebook's cells; it never raises."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs.errors import LabsError
from labs.playground.swarm import Member, SwarmState

if TYPE_CHECKING:
    from labs.playground.playground import Playground
    from labs.playground.swarm import Swarm

# All that a node can raise while it stops, restarts or is removed: a live view must outlive that.
_SILENT = (DockerException, RequestException, LabsError, OSError)


class SwarmMonitor:
    """Reads the state of a playground's swarm. Use it in one thread only.

    Args:
        playground: One that has a swarm. Its own clients are not used: a client is closed when its node is found
            restarted, and that must not happen to a cell that is waiting for an answer.

    Raises:
        PlaygroundError: It has no swarm.
    """

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._last = _unseen(playground.swarm)
        self._own: Playground | None = None

    def state(self) -> SwarmState:
        """The swarm now; where the host's engine itself is silent, its nodes are `unknown`."""
        try:
            own = self._own = self._own or self._playground.again()
            self._last = own.swarm.state()
        except _SILENT:
            self._own = None
            # Its clients are discarded above: the next call finds containers that were created meanwhile.
            return _silent(self._last)
        if any(member.status == "missing" for member in self._last.nodes):
            # The node may have been created again: connect to the new one.
            with suppress(*_SILENT):
                self._own = self._playground.again()
        return self._last

    def close(self) -> None:
        """Close its clients."""
        for node in self._own.nodes if self._own else ():
            node.forget()
        self._own = None


def _unseen(swarm: Swarm) -> SwarmState:
    managers = tuple(Member(node.name, "manager") for node in swarm.managers)
    return SwarmState(managers + tuple(Member(node.name, "worker") for node in swarm.workers), True)


def _silent(last: SwarmState) -> SwarmState:
    nodes = tuple(
        replace(member, leader=False, status="unknown", availability="", tasks=())
        for member in last.nodes
    )
    return SwarmState(nodes, quorum=False)
