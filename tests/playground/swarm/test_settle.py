"""When a service has settled, by states of a swarm that follow each other. No engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labs.playground import Member, ServiceState, Swarm, SwarmState, TaskState
from labs.waiting import WaitTimeout


def seen(ready: int, running: int, mode: str = "global", update: str = "") -> SwarmState:
    """Five nodes, some of them ready; the first ones run a task of `edge`."""
    nodes = tuple(
        Member(
            f"node{n}",
            "manager",
            status="ready" if n <= ready else "down",
            tasks=(TaskState("edge", 0, f"node{n}", "haproxy:3", "running", "running"),)
            if n <= running
            else (),
        )
        for n in range(1, 6)
    )
    return SwarmState(nodes, True, (ServiceState("edge", "haproxy:3", mode, 3, running, update),))


class Told(Swarm):
    """A swarm that shows one state after the other, and the last one for ever."""

    def __init__(self, *states: SwarmState) -> None:
        super().__init__([], 0)
        self.left: Iterator[SwarmState] = iter(states)
        self.last = states[-1]

    def state(self) -> SwarmState:
        return next(self.left, self.last)

    def tasks(self, service: str) -> list[TaskState]:
        return []


def test_settle_global_service_waits_for_node_that_comes_back():
    swarm = Told(seen(ready=4, running=3), seen(ready=5, running=4), seen(ready=5, running=5))
    swarm.settle("edge", timeout_s=5)
    assert next(swarm.left, None) is None


def test_settle_global_service_without_a_task_on_a_ready_node_ends_in_a_timeout():
    with pytest.raises(WaitTimeout, match="all tasks of edge"):
        Told(seen(ready=5, running=4)).settle("edge", timeout_s=0.3)


def test_settle_replicated_service_wants_its_replicas():
    Told(seen(ready=5, running=3, mode="replicated")).settle("edge", timeout_s=5)


def test_update_that_has_not_begun_is_waited_for():
    """All tasks run, but they are those that the update is going to replace."""
    old, new = seen(5, 5, update="pending"), seen(5, 5, update="completed")
    swarm = Told(old, old, new)
    swarm.settle("edge", timeout_s=5)
    assert next(swarm.left, None) is None
