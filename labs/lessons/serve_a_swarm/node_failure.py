"""Stops each node once, pulls the image through those that are on, and starts it again; of five, two are off at a time.

After a failure, an error or an interrupt all nodes are on again, too.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from labs.lesson import Finding, not_yet
from labs.lessons.common import wait_for_all
from labs.lessons.serve_a_swarm.depot_service import REPOSITORY, SERVICE, fetch_from
from labs.playground import Member, Node, Playground
from labs.waiting import WaitTimeout, wait_until

# Nodes learn of a task on a node that came back with the next gossip, every 30 seconds.
_PATIENCE_S = 60.0
_ELECTION_S = 30.0  # added if the stopped node is the leader
_BACK_S = 60.0
# A new leader takes a node for lost that it does not hear for 30 s: six heartbeats of 5 s, those of a swarm as it is
# made, whatever this swarm's are (gracePeriodMultiplierUnknown in swarmkit's manager/dispatcher/nodes.go).
_BEFORE_GIVEN_UP_S = 20.0
# If a registry answers, and with the same result for this long, it will not change.
_CERTAIN_S = 4.0
_TWICE = 2  # one good round may have reached only the replica that is fine, while the other is still starting


def each_once(playground: Playground) -> Finding | None:
    """Return None if the image can be pulled without any one of the nodes; otherwise what is wrong."""
    try:
        for group in _groups(playground):
            if problem := _without(playground, group):
                return problem
    finally:
        # After an interrupt too. For a node that runs this does nothing.
        for node in playground.nodes:
            node.start()
    wait_for_all(playground, _BACK_S)
    return None


def _groups(playground: Playground) -> list[list[Node]]:
    """Return the nodes in as few groups as the managers can do without; each comes back before the next goes.

    Those with a task come first, since they fail soonest, and in groups of their own where there are enough. The leader
    is alone, since an election takes seconds.
    """
    state = playground.swarm.state()
    members = {member.name: member for member in state.nodes}
    nodes = sorted(playground.nodes, key=lambda node: not _runs_it(members[node.name]))
    size = max(1, (len(playground.swarm.managers) - 1) // 2)
    count = -(-len(nodes) // size)
    leaders = [node for node in nodes if members[node.name].leader]
    others = [node for node in nodes if node not in leaders]
    order = others[: count - 1] + leaders + others[count - 1 :]
    return [order[first::count] for first in range(count)]


def _runs_it(member: Member) -> bool:
    return any(task.service == SERVICE for task in member.tasks)


def _without(playground: Playground, group: list[Node]) -> Finding | None:
    """Switch nodes off, one after the other, pull through the others after each, and switch all on.

    More than one of them off is more than is asked for: where that fails, the last is judged alone.
    """
    on = list(playground.nodes)
    with _off(playground, group):
        for node in group:
            member = playground.swarm.state().member(node.name)
            ran = f"ran {SERVICE}" if _runs_it(member) else f"ran no {SERVICE}"
            node.stop()
            on.remove(node)
            seen = _settled(playground, on, _PATIENCE_S + (_ELECTION_S if member.leader else 0))
            if set(seen) != {"whole"}:
                if node is group[0]:
                    return _told(playground, f"with a node off that {ran}", seen)
                break
        else:
            return None
    return _without(playground, [node])


@contextmanager
def _off(playground: Playground, group: list[Node]) -> Iterator[None]:
    """Nodes that are off for a while, and back in the swarm afterwards.

    One that comes back at the moment in which the swarm gives it up stays `down` forever, so that is waited for. After
    an election it takes half a minute, so a leader that was off for a short time comes back before.
    """
    state = playground.swarm.state()
    led = any(state.member(node.name).leader for node in group)
    began = time.monotonic()
    try:
        yield
        if not led or time.monotonic() - began > _BEFORE_GIVEN_UP_S:
            with suppress(WaitTimeout):
                wait_until(lambda: _given_up(playground, group), "the loss to be noticed")
    finally:
        with ThreadPoolExecutor(max_workers=len(group)) as pool:
            list(pool.map(Node.start, group))
        wait_for_all(playground, _BACK_S)


def _given_up(playground: Playground, group: list[Node]) -> bool:
    """Whether the swarm itself reports those that are off as down; that the machine is off is not enough."""
    off = {node.name for node in group if node.status != "running"}
    told = playground.swarm.reach().docker.nodes.list()
    lost = [each.attrs for each in told if each.attrs["Description"]["Hostname"] in off]
    return all(member["Status"]["State"] == "down" for member in lost)


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
