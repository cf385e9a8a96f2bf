"""Brings nodes back whose containers run: one that is cut is connected, an engine that is dead or hangs is started."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from labs.playground.engine_settings import DAEMON_JSON, REFUSED
from labs.playground.labels import Say
from labs.playground.node import Node
from labs.playground.node_errors import NodeUnavailable

_PATIENCE_S = 15.0  # an engine takes seconds; one that needs longer than this is restarted
# Managers that start together elect a leader before their engines answer.
_MANAGERS_PATIENCE_S = 45.0


def revive(nodes: Sequence[Node], say: Say, *, swarm: bool) -> None:
    """Connect nodes that are cut, wait for every engine, and start those again that do not answer.

    Args:
        nodes: Of one playground.
        say: Receives what was repaired.
        swarm: Whether they form one.

    Raises:
        NodeUnavailable: An engine does not come up.
    """
    for node in nodes:
        if node.status == "cut":
            node.heal()
            say(f"{node.name}: was cut off from the others, connected again")
    patience_s = _MANAGERS_PATIENCE_S if swarm else _PATIENCE_S
    with ThreadPoolExecutor(max_workers=8) as pool:
        alive = list(pool.map(lambda node: _comes_up(node, patience_s), nodes))
    for node, up in zip(nodes, alive, strict=True):
        if not up:
            _restart(node, say)


def _comes_up(node: Node, patience_s: float) -> bool:
    try:
        node.wait(timeout_s=patience_s)
    except NodeUnavailable:
        return False
    return True


def _restart(node: Node, say: Say) -> None:
    say(f"{node.name}: its engine did not answer, restarting it")
    if said := node.recover():
        say(
            f"{node.name}: its engine did not start with {DAEMON_JSON}: {said}; "
            f"it runs with the settings from before, and what it refused is in {REFUSED}"
        )
