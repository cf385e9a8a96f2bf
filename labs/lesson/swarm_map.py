"""A swarm at one moment, as a lesson shows it: nodes, tasks and services in text.

It has no ids, slots or times, so two swarms in the same state have the same text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.playground import Member, ServiceState, SwarmState, TaskState

Line = tuple[str, str, str]
"""Tasks that are alike: service with their number, state, error."""


@dataclass(frozen=True)
class SwarmMap:
    """What a swarm looks like."""

    state: SwarmState

    @property
    def text(self) -> str:
        """The nodes with their tasks, the services, the tasks that wait for a node."""
        width = max((len(member.name) for member in self.state.nodes), default=0)
        lines = [self.summary]
        for member in self.state.nodes:
            lines.append(f"  {member.name:{width}}  {', '.join(_words(member))}")
            lines += [f"  {'':{width}}    {_told(line)}" for line in self.tasks(member)]
        for service in self.state.services:
            update = f", {self.update(service)}" if service.update else ""
            image = "".join(self.image(service.image))
            lines.append(f"  service {service.name}: {self.running(service)}, {image}{update}")
        lines += [f"  waiting for a node: {_told(line)}" for line in self.waiting]
        return "\n".join(lines)

    @property
    def summary(self) -> str:
        """One line about all of it."""
        ready = sum(member.status == "ready" for member in self.state.nodes)
        quorum = "quorum" if self.state.quorum else "no quorum: nothing can be changed"
        return f"Swarm: {ready} of {len(self.state.nodes)} nodes ready, {quorum}"

    @property
    def waiting(self) -> list[Line]:
        """Tasks that have no node yet."""
        return _alike(self.state.waiting)

    def tasks(self, member: Member) -> list[Line]:
        """What runs on a node, or is on its way there."""
        return _alike(member.tasks)

    def running(self, service: ServiceState) -> str:
        """`3 of 5`, and `global` where that is how it is spread."""
        told = f"{service.running} of {service.wanted} running"
        return f"{told}, global" if service.mode == "global" else told

    def update(self, service: ServiceState) -> str:
        """How its last update went, `rollback completed`; empty without one."""
        return service.update.replace("_", " ")

    def image(self, reference: str) -> tuple[str, str]:
        """An image's name, and whether it is pinned: the digest itself differs with where it was built."""
        name, _, digest = reference.partition("@")
        return name, ", pinned by digest" if digest else ""


def _words(member: Member) -> Iterator[str]:
    yield member.role
    if member.leader:
        yield "leader"
    yield member.status
    if member.availability not in ("active", ""):
        yield member.availability


def _alike(tasks: Iterable[TaskState]) -> list[Line]:
    # Without slots: which replica is on which node differs from run to run.
    found = Counter((task.service or "a task", _state(task), task.error) for task in tasks)
    return [
        (f"{service} × {number}" if number > 1 else service, state, error)
        for (service, state, error), number in sorted(found.items())
    ]


def _state(task: TaskState) -> str:
    # The swarm reports such a task as running until its container has ended.
    leaving = task.state == "running" and task.desired in ("shutdown", "remove")
    return "stopping" if leaving else task.state


def _told(line: Line) -> str:
    name, state, error = line
    return f"{name} {state}: {error}" if error else f"{name} {state}"
