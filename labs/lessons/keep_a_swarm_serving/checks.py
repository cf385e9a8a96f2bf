"""Checks of lesson 9. They read the swarm from a manager, and try a bad update."""

from __future__ import annotations

from typing import Any

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    missing_nodes,
    no_digest,
    nodes_of,
    other_registry,
    service_of,
    too_few,
)
from labs.lessons.keep_a_swarm_serving import rollback
from labs.playground import Playground

SERVICE, SITE, REPLICAS, DRAINED = "shop", "site", 3, "node3"
MORE = 4
"""How many replicas of `site` the last task asks for: an order, which takes a quorum."""

OWN = ("127.0.0.1:5000", "localhost:5000", "registry.lab:5000")


def takes_back(playground: Playground, _answers: Answers) -> Finding:
    """Three tasks of a pinned image of the own registry, and a bad update, which the check tries, is rolled back."""
    if missing := missing_nodes(playground):
        return missing
    raw = service_of(playground, SERVICE)
    if raw is None:
        return not_attempted(
            f"run a service called {SERVICE}, {REPLICAS} replicas of an image from your registry"
        )
    return (
        other_registry(raw, OWN)
        or no_digest(raw)
        or too_few(playground, raw, REPLICAS)
        or _in_one_place(playground)
        or _all_at_once(raw)
        or rollback.keeps_bad_update(playground, SERVICE)
        or passed()
    )


def _in_one_place(playground: Playground) -> Finding | None:
    nodes = nodes_of(playground, SERVICE)
    if len(nodes) != 1:
        return None
    return not_yet(
        f"all tasks of {SERVICE} run on {nodes[0]}, wanted them on several nodes",
        hint="a constraint holds them there, or the others cannot pull the image",
    )


def _all_at_once(raw: dict[str, Any]) -> Finding | None:
    at_once = (raw["Spec"].get("UpdateConfig") or {}).get("Parallelism", 1)
    if at_once == 1:
        return None
    return not_yet(
        f"an update of {SERVICE} replaces {at_once or 'all'} tasks at once, wanted one after the other",
        hint="UpdateConfig(parallelism=1, …): where nothing is said, the SDK says 0, which is all at once",
    )


def emptied(playground: Playground, _answers: Answers) -> Finding:
    """Node 3 is drained, no other node is, and the three tasks of `site` run elsewhere."""
    if missing := missing_nodes(playground):
        return missing
    raw = service_of(playground, SITE)
    if raw is None:
        return not_attempted(f"run the cell that makes the service {SITE}, then drain {DRAINED}")
    return _takes_tasks(playground) or too_few(playground, raw, REPLICAS) or passed()


def _takes_tasks(playground: Playground) -> Finding | None:
    availability = {each.name: each.availability for each in playground.swarm.state().nodes}
    resting = sorted(name for name, now in availability.items() if now != "active")
    if others := [name for name in resting if name != DRAINED]:
        return not_yet(
            f"{others[0]} has the availability {availability[others[0]]}, wanted {DRAINED} drained alone",
            hint="docker.nodes.get takes the name of a node; active takes it back",
        )
    if availability[DRAINED] == "pause":
        return not_yet(
            f"{DRAINED} is paused: it takes no new tasks, and keeps those that it has",
            hint='"Availability": "drain"',
        )
    if resting:
        return None
    if DRAINED not in nodes_of(playground, SITE):
        return not_yet(
            f"{DRAINED} has no task of {SITE} now, and still takes new ones",
            hint="drain says it to the swarm, for all services",
        )
    return not_attempted(f"{DRAINED} takes tasks: drain it")


def takes_orders_again(playground: Playground, _answers: Answers) -> Finding:
    """All managers are on again, and the swarm has carried out an order: a replica more of `site`."""
    off = [node for node in playground.nodes if node.fault == "stopped"]
    if 2 * len(off) > len(playground.nodes):
        return not_attempted(
            f"{len(off)} of {len(playground.nodes)} managers are off: bring back a quorum"
        )
    # One that is off yet, of those that make no difference to the quorum.
    if missing := missing_nodes(playground):
        return missing
    raw = service_of(playground, SITE)
    if raw is None:
        return not_attempted(f"run the cells of the lesson first: there is no service {SITE}")
    if raw["Spec"]["Mode"].get("Replicated", {}).get("Replicas") == REPLICAS:
        return not_attempted(f"{SITE} has {REPLICAS} replicas: ask the swarm for {MORE}")
    return too_few(playground, raw, MORE) or passed()
