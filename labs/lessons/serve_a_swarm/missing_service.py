"""Says what there is in place of a service that is asked for: containers, or a service of another name."""

from __future__ import annotations

from labs.lesson import Finding, not_attempted, not_yet
from labs.playground import Node, Playground, haproxy, service_spec

_OF_A_SERVICE = "com.docker.swarm.service.name"
_LESSONS = {"registry", "nginx", "own", "pages", "depot"}


def missing(playground: Playground, name: str, port: int, *, todo: str) -> Finding:
    """Say that there is no service of that name.

    Args:
        playground: Whose swarm it is.
        name: Of the service.
        port: What it has to publish.
        todo: What to do, for a student who has done nothing yet.
    """
    if nodes := [node.name for node in playground.nodes if _has_container(node, name, port)]:
        where = ", ".join(nodes)
        return not_yet(
            f"{name} is a container on {where}, wanted a service of the swarm",
            hint=f'docker.services.create(…, name="{name}") makes one; remove the container before',
        )
    if other := _other_service(playground, port):
        return not_yet(
            f"the swarm has a service called {other}, wanted it called {name}",
            hint=f'lab.swarm.remove("{other}"), then create it with name="{name}"',
        )
    return not_attempted(todo)


def _has_container(node: Node, name: str, port: int) -> bool:
    """Whether a container that belongs to no service has the service's name or its port."""
    return any(
        f"/{name}" in each["Names"] or any(p.get("PublicPort") == port for p in each["Ports"])
        for each in node.docker.api.containers()
        if _OF_A_SERVICE not in (each["Labels"] or {})
    )


def _other_service(playground: Playground, port: int) -> str:
    """The name of a service that has the port, or else of one that is not the lesson's; empty if there is none."""
    every = playground.swarm.reach().docker.api.services()
    edges = [each for each in every if haproxy.behind(each)]
    own = [each for each in every if each not in edges]
    for each in edges:
        if each["Spec"]["Name"] == haproxy.name(port):
            return haproxy.behind(each)
    for each in own:
        if any(p.get("PublishedPort") == port for p in service_spec.ports(each)):
            return str(each["Spec"]["Name"])
    return next((n for each in own if (n := str(each["Spec"]["Name"])) not in _LESSONS), "")
