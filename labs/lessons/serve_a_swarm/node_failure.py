"""Stops each node in turn, pulls the image through the others, and starts the node again.

After a failure, an error or an interrupt all nodes are on again, too.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from labs.lesson import Finding, not_yet
from labs.lessons.common import wait_for_all
from labs.lessons.serve_a_swarm.depot_service import REPOSITORY, SERVICE, fetch_from
from labs.playground import Node, Playground
from labs.waiting import WaitTimeout, wait_until

# Nodes learn of a task on a node that came back with the next gossip, every 30 seconds.
_PATIENCE_S = 60.0
_ELECTION_S = 30.0  # added if the stopped node is the leader
_BACK_S = 60.0
# If a registry answers, and with the same result for this long, it will not change.
_CERTAIN_S = 4.0
_TWICE = 2  # one good round may have reached only the replica that is fine, while the other is still starting


def each_in_turn(playground: Playground) -> Finding | None:
    """Return None if the image can be pulled without any one of the nodes; otherwise what is wrong."""
    try:
        for node in _order(playground):
            if problem := _without(playground, node):
                return problem
    finally:
        # After an interrupt too. For a node that runs this does nothing.
        for node in playground.nodes:
            node.start()
    wait_for_all(playground, _BACK_S)
    return None


def _order(playground: Playground) -> list[Node]:
    """Return the nodes with a task first, since they fail soonest; the leader last, since an election takes seconds."""
    state = playground.swarm.state()
    members = {member.name: member for member in state.nodes}

    def rank(node: Node) -> tuple[bool, bool]:
        member = members[node.name]
        return member.leader, not any(task.service == SERVICE for task in member.tasks)

    return sorted(playground.nodes, key=rank)


def _without(playground: Playground, node: Node) -> Finding | None:
    """Switch a node off, pull through the others, switch it on."""
    member = playground.swarm.state().member(node.name)
    ran_it = any(task.service == SERVICE for task in member.tasks)
    what = (
        f"with a node off that ran {SERVICE}"
        if ran_it
        else f"with a node off that ran no {SERVICE}"
    )
    others = [each for each in playground.nodes if each is not node]
    patience_s = _PATIENCE_S + (_ELECTION_S if member.leader else 0)
    with _off(playground, node):
        seen = _settled(playground, others, patience_s)
        return None if set(seen) == {"whole"} else _told(playground, what, seen)


@contextmanager
def _off(playground: Playground, node: Node) -> Iterator[None]:
    """A node that is off for a while, and back in the swarm afterwards.

    A node that comes back at the moment in which the swarm gives it up stays `down` forever, so that is waited for.
    """
    node.stop()
    try:
        yield
        with suppress(WaitTimeout):
            wait_until(lambda: _given_up(playground, node), "the loss to be noticed")
    finally:
        node.start()
        wait_for_all(playground, _BACK_S)


def _given_up(playground: Playground, node: Node) -> bool:
    """Whether the swarm itself reports the node as down; that the machine is off is not enough."""
    told = playground.swarm.reach().docker.nodes.list(filters={"name": node.name})
    return all(member.attrs["Status"]["State"] == "down" for member in told)


def _settled(playground: Playground, others: list[Node], patience_s: float) -> Counter[str]:
    """What the others get: twice the image from each, or what they got last when nothing better can come."""
    now = time.monotonic()
    deadline, hopeful = now + patience_s, now
    good = 0
    while True:
        seen = fetch_from(others)
        good = good + 1 if set(seen) == {"whole"} else 0
        if good == _TWICE or time.monotonic() > deadline:
            return seen
        # Anything else, such as connections that are refused, may still get better.
        if not (_emptied(seen) or _stranded(playground)):
            hopeful = time.monotonic()
        if time.monotonic() - hopeful > _CERTAIN_S:
            return seen
        time.sleep(0.3)


def _emptied(seen: Counter[str]) -> bool:
    """Whether a registry answers and no node gets the image; some nodes may not reach it yet."""
    return bool(seen["404"] and not seen["whole"])


def _stranded(playground: Playground) -> str:
    """Return the swarm's error if no task runs and none can, because no node fits its constraints."""
    state = playground.swarm.state()
    ready = {member.name for member in state.nodes if member.status == "ready"}
    running = [
        task
        for member in state.nodes
        for task in member.tasks
        if task.service == SERVICE and member.name in ready
    ]
    words = [task.error for task in state.waiting if task.service == SERVICE and task.error]
    return words[0] if words and not running else ""


def _told(playground: Playground, what: str, seen: Counter[str]) -> Finding:
    if _emptied(seen):
        return not_yet(
            f"{what}, it answers and has no {REPOSITORY}",
            hint="the task moved and its data stayed on the disk of the node that is off",
        )
    if seen["silent"] == seen.total():
        words = _stranded(playground)
        return not_yet(
            f"{what}, nobody serves {REPOSITORY}" + (f": {words}" if words else ""),
            hint="what ties it to one node? A constraint does, and a volume does",
        )
    return not_yet(
        f"{what}, some of the others do not serve {REPOSITORY}",
        hint="port 5001 has to lead to a replica that has the data, on each node, whichever is off",
    )
