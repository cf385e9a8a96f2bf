"""Whether the swarm is all there, so that it can be judged: every node on, in touch, and ready."""

from __future__ import annotations

from contextlib import suppress

from labs.lesson.exercise import Finding, not_yet
from labs.playground import NodeUnavailable, Playground
from labs.waiting import WaitTimeout, wait_until

_VERBS = {"stopped": "start", "cut": "heal"}


def not_whole(playground: Playground, *, patience_s: float = 15.0) -> Finding | None:
    """None where all nodes are ready; otherwise which of them somebody has to bring back.

    A node that was started a moment ago gets some seconds.

    Raises:
        NodeUnavailable: One died by itself, or they do not find each other.
    """
    for number, node in enumerate(playground.nodes, 1):
        if verb := _VERBS.get(node.hurt):
            return not_yet(
                f"{node.name} is {node.hurt}, wanted all nodes on and connected",
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
