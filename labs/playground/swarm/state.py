"""The state of a swarm at one moment, as plain records for views and checks. No engine is asked here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class TaskState:
    """One task of a service.

    Attributes:
        service: Name of the service.
        slot: From 1; 0 in a global service.
        node: Where it is, `node3`; empty while it is pending.
        image: As the service names it, with a digest where one is pinned.
        state: As last reported: `running`, `failed`, `preparing`, …
        desired: The state that the swarm wants: `running`, `shutdown`, …
        error: Why it failed or is pending, as the node reports it.
    """

    service: str
    slot: int
    node: str
    image: str
    state: str
    desired: str
    error: str = ""

    @property
    def current(self) -> bool:
        """Whether it is wanted or still exists; the others are history."""
        wanted = self.desired in ("ready", "running")
        return wanted or self.state in ("running", "starting", "preparing")


@dataclass(frozen=True)
class Member:
    """One node as a member of the swarm.

    Attributes:
        name: `node3`.
        role: `manager` or `worker`.
        leader: Whether it leads now.
        status: `ready`, `stopped` (the machine is off), `cut` (from the others), `down` (the swarm gets
            no heartbeat), `unreachable` (a manager that does not answer the others), `out` (not in this swarm),
            `unknown` (there is no quorum).
        availability: `active`, `drain` or `pause`; empty if unknown.
        tasks: Its current tasks, sorted.
    """

    name: str
    role: str
    leader: bool = False
    status: str = "ready"
    availability: str = "active"
    tasks: tuple[TaskState, ...] = ()


@dataclass(frozen=True)
class ServiceState:
    """One service.

    Attributes:
        name: Its name.
        image: As it is named now.
        mode: `replicated` or `global`.
        wanted: How many tasks should run; 0 in a global service on no node.
        running: How many run on nodes that are ready.
        update: State of the last rolling update, `completed`, `rollback_completed`, …; `pending` while the swarm
            has accepted one and not begun it; empty without one.
    """

    name: str
    image: str
    mode: str
    wanted: int
    running: int
    update: str = ""


@dataclass(frozen=True)
class SwarmState:
    """The whole swarm.

    Attributes:
        nodes: All nodes of the playground, in order.
        quorum: Whether a majority of the managers answers; without one nothing can be changed, and the tasks
            below are those that still run.
        services: By name; empty without a quorum.
        waiting: Tasks that have no node yet.
    """

    nodes: tuple[Member, ...]
    quorum: bool
    services: tuple[ServiceState, ...] = ()
    waiting: tuple[TaskState, ...] = ()

    def member(self, name: str) -> Member:
        """The member of that name."""
        return next(member for member in self.nodes if member.name == name)
