"""The check of 60.10: nodes are lost one by one, two at a time are off, and the registry goes on for all others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons.common import wait_for_all
from labs.lessons.run_the_registry_of_a_team.door import TRIES, not_open
from labs.lessons.run_the_registry_of_a_team.trial_image import (
    Trial,
    new_image,
    pushed,
    send,
    why_refused,
)
from labs.playground import Node, Playground
from labs.waiting import WaitTimeout, wait_until

_REPOSITORY = f"{TRIES}/losses"
# An election, tasks that move, and the gossip of the overlay network every 30 s.
_PATIENCE_S = 60.0
_BACK_S = 90.0
_TIED = "what is tied to the lost nodes? One replica, a constraint, a volume, an address"
_TWICE = 2  # one good round may have met the good replica by chance
_GIVEN_UP_S = 40.0


def any_two_nodes(playground: Playground, _answers: Answers) -> Finding:
    """With any two of five nodes off the others pull what was pushed, and push."""
    if closed := not_open(playground):
        return closed
    try:
        with pushed(playground.node(1), _REPOSITORY) as trial:
            return _each_pair(playground, trial) or passed()
    except httpx.HTTPError as error:
        return why_refused(error)
    finally:
        # After an interrupt too. For a node that runs this does nothing.
        for node in playground.nodes:
            node.start()


def _each_pair(playground: Playground, trial: Trial) -> Finding | None:
    """Lose the nodes in pairs, those with the most tasks first; the one with the fewest stays on."""
    order = _order(playground)
    for first, second in (order[:2], order[2:4]):
        if problem := _without(playground, [first, second], trial):
            return problem
    return None


def _order(playground: Playground) -> list[Node]:
    """The nodes: those that run most tasks of replicated services before the others."""
    state = playground.swarm.state()
    replicated = {each.name for each in state.services if each.mode == "replicated"}
    tasks = {m.name: sum(t.service in replicated for t in m.tasks) for m in state.nodes}
    return sorted(playground.nodes, key=lambda node: -tasks[node.name])


def _without(playground: Playground, lost: list[Node], trial: Trial) -> Finding | None:
    """Switch two nodes off, one after the other, and use the registry through the others after each."""
    others = list(playground.nodes)
    with _off(playground, lost):
        for node in lost:
            node.stop()
            others.remove(node)
            if silent := _not_served(others, trial):
                return not_yet(f"with nodes lost, {silent}", hint=_TIED)
        if refused := _not_pushed(others):
            return refused
    return None


@contextmanager
def _off(playground: Playground, nodes: list[Node]) -> Iterator[None]:
    """Nodes that are off for a while, and back in the swarm afterwards.

    One that comes back at the moment in which the swarm gives it up stays `down` forever, so that is waited for.
    """
    try:
        yield
        with suppress(WaitTimeout):
            wait_until(lambda: _given_up(playground, nodes), "the loss", timeout_s=_GIVEN_UP_S)
    finally:
        for node in nodes:
            node.start()
        wait_for_all(playground, _BACK_S)


def _given_up(playground: Playground, nodes: list[Node]) -> bool:
    """Whether the swarm itself reports the nodes as down."""
    names = {node.name for node in nodes}
    told = playground.swarm.reach().docker.nodes.list()
    states = {each.attrs["Description"]["Hostname"]: each.attrs["Status"]["State"] for each in told}
    return all(states.get(name) == "down" for name in names)


def _not_served(others: list[Node], trial: Trial) -> str:
    """What the others do not get of an image, when time is up; empty if all of them get it."""
    deadline, good = time.monotonic() + _PATIENCE_S, 0
    while True:
        with ThreadPoolExecutor(max_workers=len(others)) as pool:
            missing = list(pool.map(trial.lacks, others))
        bad = [what for what in missing if what]
        good = 0 if bad else good + 1
        if good == _TWICE:
            return ""
        if time.monotonic() > deadline:
            who = "not all of the others" if len(bad) < len(others) else "none of the others"
            return f"{who} can pull what was pushed"
        time.sleep(0.3)


def _not_pushed(others: list[Node]) -> Finding | None:
    """Return None if a push through one node arrives for the others; otherwise what is wrong."""
    trial = Trial(_REPOSITORY, "later", new_image())

    try:
        send(others[0], trial.repository, trial.tag, trial.document, patience_s=_PATIENCE_S)
    except httpx.HTTPError:
        return not_yet(
            "with two nodes off, no push is accepted",
            hint="what takes pushes has to move to a node that is on, or to have a replica there",
        )
    if missing := _not_served(others, trial):
        return not_yet(f"of what was pushed with two nodes off, {missing}", hint=_TIED)
    return None
