"""Whether all nodes of the swarm are on, connected and ready, so that its services can be judged."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from labs.lesson import Finding, not_yet
from labs.playground import Node, NodeUnavailable, Playground
from labs.waiting import WaitTimeout, wait_until

_REPAIRS = {"stopped": "start", "cut": "heal"}
# Nodes exchange their whole state of the overlay network every 30 seconds; and a margin.
_GOSSIP_S = 45.0


def missing_nodes(playground: Playground, *, patience_s: float = 15.0) -> Finding | None:
    """Return None if all nodes are ready; otherwise which of them the student has to bring back.

    A node that was just started gets `patience_s` seconds.

    Raises:
        NodeUnavailable: A node failed by itself, or the nodes do not find each other.
    """
    for number, node in enumerate(playground.nodes, 1):
        # Before anything is waited for: a node that was stopped on purpose does not come back by itself.
        if verb := _REPAIRS.get(node.fault):
            return not_yet(
                f"{node.name} is {node.fault}, wanted all nodes on and connected",
                hint=f"lab.node({number}).{verb}()",
            )
        if node.status != "running":
            raise NodeUnavailable(f"{node.name} is {node.status}")
    wait_for_all(playground, patience_s)
    return None


def wait_for_all(playground: Playground, timeout_s: float) -> None:
    """Wait until the swarm has a quorum and every node is ready.

    Raises:
        NodeUnavailable: That does not come in time.
    """

    def ready() -> bool:
        state = playground.swarm.state()
        return state.quorum and all(member.status == "ready" for member in state.nodes)

    with suppress(WaitTimeout):
        wait_until(ready, "all nodes", timeout_s=timeout_s, interval_s=0.2)
        return
    seen = ", ".join(f"{m.name} {m.status}" for m in playground.swarm.state().nodes)
    raise NodeUnavailable(f"the swarm is not whole: {seen}")


def silent(
    nodes: list[Node], answers: Callable[[Node], bool], *, none_s: float = 5.0
) -> list[Node]:
    """Return the nodes that still do not answer when time is up.

    If some nodes answer, the others may have missed gossip of the overlay network and get the time until it is
    exchanged; if none answers, `none_s` seconds are enough.
    """
    began = time.monotonic()
    left = list(nodes)
    while True:
        with ThreadPoolExecutor(max_workers=8) as pool:
            left = [n for n, yes in zip(left, pool.map(answers, left), strict=True) if not yes]
        patience_s = none_s if len(left) == len(nodes) else _GOSSIP_S
        if not left or time.monotonic() - began > patience_s:
            return left
        time.sleep(0.3)
