"""Parses answers of the engine's API into the records of `state`: a manager's, or without a quorum each node's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from labs.playground.swarm.state import Member, ServiceState, SwarmState, TaskState

Raw = dict[str, Any]
"""One object of the engine's API."""

_OFF = ("stopped", "cut", "paused", "missing")


def by_name(entries: Iterable[Raw]) -> dict[str, Raw]:
    """Return the swarm's nodes by host name; of two with the same name, the ready one, else the newer.

    A node that has just joined has not reported its name yet and is left out.
    """
    ordered = sorted(
        entries, key=lambda e: (e["Status"]["State"] == "ready", e.get("CreatedAt", ""))
    )
    named = ((entry.get("Description", {}).get("Hostname"), entry) for entry in ordered)
    return {name: entry for name, entry in named if name}


def tasks(raw: Iterable[Raw], services: Iterable[Raw], nodes: Iterable[Raw]) -> list[TaskState]:
    """Return all tasks, sorted; in each slot the newest first."""
    service_names = {each["ID"]: each["Spec"]["Name"] for each in services}
    node_names = {e["ID"]: e.get("Description", {}).get("Hostname", "") for e in nodes}
    newest = sorted(raw, key=lambda task: str(task["CreatedAt"]), reverse=True)
    found = [
        TaskState(
            service=service_names.get(task.get("ServiceID", ""), ""),
            slot=task.get("Slot", 0),
            node=node_names.get(task.get("NodeID", ""), ""),
            image=task["Spec"].get("ContainerSpec", {}).get("Image", ""),
            state=task["Status"]["State"],
            desired=task["DesiredState"],
            error=task["Status"].get("Err", ""),
        )
        for task in newest
    ]
    return sorted(found, key=lambda task: (task.service, task.slot, task.slot == 0 and task.node))


def swarm_state(
    machines: Mapping[str, str], nodes: list[Raw], services: list[Raw], raw_tasks: list[Raw]
) -> SwarmState:
    """Return the state as a manager reports it.

    Args:
        machines: The status of each node's machine, by name, in order.
        nodes: The swarm's nodes.
        services: Its services.
        raw_tasks: Its tasks.
    """
    known = by_name(nodes)
    every = [task for task in tasks(raw_tasks, services, nodes) if task.current]
    members = tuple(
        _member(name, status, known.get(name), [task for task in every if task.node == name])
        for name, status in machines.items()
    )
    ready = {member.name for member in members if member.status == "ready"}
    found = [_service(raw, every, ready, begun=_has_begun(raw, raw_tasks)) for raw in services]
    found.sort(key=lambda service: service.name)
    waiting = tuple(task for task in every if not task.node)
    return SwarmState(members, quorum=True, services=tuple(found), waiting=waiting)


def _member(name: str, machine: str, raw: Raw | None, held: list[TaskState]) -> Member:
    if raw is None:
        return Member(name, "worker", False, machine if machine in _OFF else "out", "")
    manager = raw.get("ManagerStatus") or {}
    return Member(
        name,
        role=raw["Spec"]["Role"],
        # A leader that was just switched off is reported as leader until another one is elected.
        leader=bool(manager.get("Leader")) and machine not in _OFF,
        status=_status(machine, raw["Status"]["State"], manager.get("Reachability", "reachable")),
        availability=raw["Spec"]["Availability"],
        # A machine that is off runs nothing, but managers list its tasks as running until its heartbeats are missed.
        tasks=tuple(held) if machine not in ("stopped", "missing") else (),
    )


def _status(machine: str, heard: str, reachability: str) -> str:
    if machine in _OFF:
        return machine
    if heard != "ready":
        return heard
    return "ready" if reachability == "reachable" else "unreachable"


def _has_begun(service: Raw, tasks: Iterable[Raw]) -> bool:
    """Whether the swarm has begun what the service's last specification asks of tasks that already exist.

    A manager answers an update before its orchestrator looks at it: for a moment the service has the new
    specification, all its tasks have the old one, and nothing else says that they will be replaced.
    """
    if service.get("UpdateStatus"):
        return True
    wanted = _replacing(service["Spec"]["TaskTemplate"])
    return all(
        _replacing(task["Spec"]) == wanted
        for task in tasks
        if task.get("ServiceID") == service["ID"] and task["DesiredState"] == "running"
    )


def _replacing(spec: Raw) -> list[Any]:
    """The parts of a task's specification whose change replaces the task."""
    return [spec.get(part) for part in ("ContainerSpec", "Resources", "ForceUpdate")]


def _service(raw: Raw, every: list[TaskState], ready: set[str], *, begun: bool) -> ServiceState:
    spec, name = raw["Spec"], raw["Spec"]["Name"]
    # Tasks that the swarm is shutting down do not count as wanted, although they may still run.
    own = [task for task in every if task.service == name and task.desired == "running"]
    mode = "global" if "Global" in spec["Mode"] else "replicated"
    replicas = spec["Mode"].get("Replicated", {}).get("Replicas", 0)
    return ServiceState(
        name,
        image=spec["TaskTemplate"].get("ContainerSpec", {}).get("Image", ""),
        mode=mode,
        # A global service has no number in its specification: the swarm creates one task for each node that it fits.
        wanted=replicas if mode == "replicated" else len(own),
        running=sum(task.state == "running" and task.node in ready for task in own),
        update=(raw.get("UpdateStatus") or {}).get("State", "") if begun else "pending",
    )


def without_quorum(
    machines: Mapping[str, str], managers: set[str], held: Mapping[str, list[Raw]]
) -> SwarmState:
    """Return the state as the nodes' own engines report it: without a quorum tasks keep running.

    Args:
        machines: The status of each node's machine, by name, in order.
        managers: Names of the nodes that should be managers.
        held: The running containers of each node that answers.
    """
    members = tuple(
        Member(
            name,
            role="manager" if name in managers else "worker",
            status=status if status in _OFF else "unknown",
            availability="",
            tasks=tuple(sorted(_remaining(name, held.get(name, [])))),
        )
        for name, status in machines.items()
    )
    return SwarmState(members, quorum=False)


def _remaining(node: str, running: list[Raw]) -> Iterable[TaskState]:
    # Labels are all that an engine without a manager knows of a task: it cannot ask for services.
    for container in running:
        labels = container.get("Labels") or {}
        service = labels.get("com.docker.swarm.service.name")
        if service:
            # `web.3.<task id>` in a replicated service, `web.<node id>.<task id>` in a global one, which has no
            # slots.
            slot = labels.get("com.docker.swarm.task.name", "").removeprefix(f"{service}.")
            number = slot.partition(".")[0]
            yield TaskState(
                service,
                int(number) if number.isdigit() else 0,
                node,
                container["Image"],
                "running",
                "unknown",
            )
