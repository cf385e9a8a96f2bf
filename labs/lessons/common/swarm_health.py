"""Whether the swarm is all there, so that it can be judged: every node on, in touch, and ready."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from labs.lesson import Finding, not_yet
from labs.playground import Node, NodeUnavailable, Playground
from labs.waiting import WaitTimeout, wait_until

_VERBS = {"stopped": "start", "cut": "heal"}
_SOME_S = 45.0  # nodes compare what they know of the overlay network every 30 seconds


def missing_nodes(playground: Playground, *, patience_s: float = 15.0) -> Finding | None:
    """None where all nodes are ready; otherwise which of them somebody has to bring back.

    A node that was started a moment ago gets some seconds.

    Raises:
        NodeUnavailable: One died by itself, or they do not find each other.
    """
    for number, node in enumerate(playground.nodes, 1):
        if verb := _VERBS.get(node.fault):
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
    nodes: list[Node], answers: Callable[[Node], bool], *, nobody_s: float = 5.0
) -> list[Node]:
    """Those that do not answer, however long they are asked.

    Where some do, the others may have missed where the tasks are, and get the time in which they hear of it; where
    nobody does, `nobody_s` seconds are enough.
    """
    began = time.monotonic()
    left = list(nodes)
    while True:
        with ThreadPoolExecutor(max_workers=8) as pool:
            left = [n for n, yes in zip(left, pool.map(answers, left), strict=True) if not yes]
        patience_s = nobody_s if len(left) == len(nodes) else _SOME_S
        if not left or time.monotonic() - began > patience_s:
            return left
        time.sleep(0.3)
