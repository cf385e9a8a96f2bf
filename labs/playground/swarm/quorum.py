"""Which manager of a playground's swarm answers and has a quorum, and which one leads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs.playground.node import Node
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.playground.swarm import parsing
from labs.playground.swarm.elections import ELECTION_S, through_elections
from labs.waiting import WaitTimeout, wait_until

T = TypeVar("T")


class Quorum:
    """Finds the managers of a swarm by asking its nodes.

    Args:
        nodes: All of the swarm, in order.
        managers: Those that are managers in a new swarm.
    """

    def __init__(self, nodes: list[Node], managers: list[Node]) -> None:
        self._nodes = nodes
        self._managers = managers
        self._answered: Node | None = None

    def machines(self) -> dict[str, str]:
        """Return the status of each node's machine, by name."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            every = pool.map(lambda node: node.status, self._nodes)
            return dict(zip((node.name for node in self._nodes), every, strict=True))

    def leader(self) -> Node:
        """Return the manager that leads; an election is waited for.

        Raises:
            NodeUnavailable: The swarm has no quorum, or elects no leader in time.
        """
        try:
            found = wait_until(self._elected, "a leader", timeout_s=ELECTION_S, interval_s=0.2)
        except WaitTimeout as error:
            # `reach` raises a better error if the quorum is lost.
            self.reach()
            raise NodeUnavailable("the swarm elects no leader", hint="ask again") from error
        assert found
        return found

    def reach(self) -> Node:
        """Return a manager that answers and has a quorum; an election is waited for.

        Raises:
            NodeUnavailable: There is none; the message lists the state of each node.
        """
        found = self.answering()
        if found is None:
            # Counted by the machines, not by asking managers: without a quorum they answer late or not at all.
            up, needed = self._count(self.machines())
            with suppress(WaitTimeout):
                # Enough for a quorum: they are electing a leader. Fewer never can, so there is no waiting for those.
                if up >= needed:
                    found = wait_until(
                        self.answering, "a leader", timeout_s=ELECTION_S, interval_s=0.2
                    )
        if found is None:
            machines = self.machines()
            raise NodeUnavailable(self._lost(machines), hint=self._start_hint(machines))
        return found

    def read(self) -> tuple[list[Any], list[Any], list[Any]]:
        """Return nodes, services and tasks, as the API has them; an election is waited for.

        Raises:
            NodeUnavailable: No manager answers with a quorum.
        """
        return through_elections(lambda: all_of(self.reach()))

    def answering(self, machines: dict[str, str] | None = None) -> Node | None:
        """Return the manager that answered last time, else the first that answers; nodes that are cut come last.

        Args:
            machines: The status of each node's machine, where it was just asked for.
        """
        machines = self.machines() if machines is None else machines
        rank = {"running": 0, "cut": 1}
        alive = [node for node in self._nodes if machines[node.name] in rank]
        alive.sort(key=lambda node: (rank[machines[node.name]], node is not self._answered))
        # One request instead of one for each node: this runs before almost every call to the swarm.
        last = self._answered
        if last in alive[:1] and _has_quorum(last, machines):
            return last
        with ThreadPoolExecutor(max_workers=8) as pool:
            answers = list(pool.map(lambda node: _has_quorum(node, machines), alive))
        self._answered = next((n for n, yes in zip(alive, answers, strict=True) if yes), None)
        return self._answered

    def _elected(self) -> Node | None:
        manager = self.answering()
        known = parsing.by_name((manager and or_none(manager.probe.api.nodes)) or [])
        for node in self._nodes:
            if (known.get(node.name, {}).get("ManagerStatus") or {}).get("Leader"):
                # For some seconds the others still name a leader that was switched off or cut.
                return node if node.status == "running" else None
        return None

    def _count(self, machines: dict[str, str]) -> tuple[int, int]:
        """Return how many managers are up and how many a quorum needs."""
        up = sum(machines[node.name] == "running" for node in self._managers)
        return up, len(self._managers) // 2 + 1

    def _lost(self, machines: dict[str, str]) -> str:
        up, needed = self._count(machines)
        told = ", ".join(f"{name} {status}" for name, status in machines.items())
        return (
            f"no manager answers for the swarm: {up} of {len(self._managers)} managers are up, "
            f"a quorum needs {needed} ({told})"
        )

    def _start_hint(self, machines: dict[str, str]) -> str:
        for number, node in enumerate(self._nodes, 1):
            if machines[node.name] in ("stopped", "cut"):
                verb = "start" if machines[node.name] == "stopped" else "heal"
                return (
                    f"lab.node({number}).{verb}() brings {node.name} back; labs.open(…) repairs all"
                )
        return "labs.open(…) repairs the swarm"


def all_of(manager: Node) -> tuple[list[Any], list[Any], list[Any]]:
    """Return nodes, services and tasks, as the API of this manager has them."""
    api = manager.probe.api
    return api.nodes(), api.services(), api.tasks()


def or_none(ask: Callable[[], T]) -> T | None:
    """Return what an engine answers; None if it does not."""
    try:
        return ask()
    except (DockerException, RequestException, PlaygroundError):
        return None


def _has_quorum(node: Node, machines: dict[str, str]) -> bool:
    """Whether this node is a manager with a quorum.

    A manager without one answers with an error or not at all. But for some seconds after it lost the others it
    answers as before, so machines that are off are subtracted here.
    """
    known = or_none(lambda: node.probe.api.nodes())
    if known is None:
        return False
    managers = [name for name, raw in parsing.by_name(known).items() if raw.get("ManagerStatus")]
    alone = machines[node.name] == "cut"
    up = 1 if alone else sum(machines.get(name) == "running" for name in managers)
    return 2 * up > len(managers)
