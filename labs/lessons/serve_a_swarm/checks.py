"""Checks of lesson 7: a pull on another node, five replicas that answer, and a registry that outlives any node.

They read the swarm from a manager, each node's engine, and the answers of its ports. The repair, 7.4, is in
`repaired_service`, the registry with a place of its own, 7.6, in `fixed_place`.
"""

from __future__ import annotations

import json
from contextlib import suppress

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import difference, local_config, missing_nodes, silent
from labs.lessons.serve_a_swarm import depot_service, node_failure, own_registry
from labs.lessons.serve_a_swarm.missing_service import missing
from labs.playground import Node, Playground, ServiceState
from labs.registry import authorities

SERVICE, PORT, REPLICAS = "pages", 8080, own_registry.REPLICAS
IMAGE = "httpd:2"
PULLED, PULLING = "hello-world", 3
_PUSH = f"push httpd:2 to it as 127.0.0.1:{own_registry.PORT}/{SERVICE}"
_REFERENCE = f"127.0.0.1:{own_registry.PORT}/{PULLED}"


def pulled_elsewhere(playground: Playground, _answers: Answers) -> Finding:
    """Node 3's engine has hello-world from the registry on port 5000."""
    if missing_node := missing_nodes(playground):
        return missing_node
    node = playground.node(PULLING)
    having = [each.name for each in playground.nodes if _has_pulled(each)]
    if node.name in having:
        return passed()
    # Node 1 has pushed it, and has it.
    if others := [name for name in having if name != "node1"]:
        return not_yet(
            f"{', '.join(others)} has it from the registry, wanted it on {node.name}",
            hint=f'lab.pull("{_REFERENCE}", node={PULLING})',
        )
    tags = [tag for image in node.docker.images.list() for tag in image.tags if PULLED in tag]
    if tags:
        return not_yet(
            f"{node.name} has {sorted(tags)[0]}, and not from your registry",
            hint=f"pull it by the reference that begins with the registry: {_REFERENCE}",
        )
    return not_attempted(f"let {node.name} pull {_REFERENCE}")


def _has_pulled(node: Node) -> bool:
    every = (image.attrs for image in node.docker.images.list())
    return any(own_registry.came_from_registry(attrs, PULLED) for attrs in every)


def five_replicas(playground: Playground, _answers: Answers) -> Finding:
    """Five tasks of `pages` run an image that came from the registry on port 5000, and answer on port 8080."""
    if missing_node := missing_nodes(playground):
        return missing_node
    service = depot_service.service(playground.swarm, SERVICE)
    if service is None:
        todo = f"run a service called {SERVICE}, {REPLICAS} replicas of httpd:2 from your registry"
        return missing(playground, SERVICE, PORT, todo=todo)
    return (
        own_registry.other_registry(service, hint=f"{_PUSH}, and give the service that reference")
        or own_registry.not_in_registry(playground, service)
        or own_registry.too_few(playground, service)
        or _not_pulled(playground, service)
        or _silent(playground)
        or passed()
    )


def _not_pulled(playground: Playground, service: ServiceState) -> Finding | None:
    """Whether what the tasks run is Apache, and came from the registry."""
    reference = own_registry.own_reference(service.image)
    assert reference
    foreign, known = 0, playground.course_image(IMAGE)
    for attrs in own_registry.images_of(playground, SERVICE):
        foreign += not own_registry.came_from_registry(attrs, reference.repository)
        if other := difference(local_config(attrs), known):
            ran = (attrs["Config"] or {}).get("Cmd")
            return not_yet(
                f"{SERVICE} runs {json.dumps(ran)}, wanted {IMAGE}"
                if other.startswith("it runs")
                else f"{SERVICE} does not run {IMAGE}: {other}",
                hint=_PUSH,
            )
    return own_registry.loaded_by_hand(foreign) if foreign else None


def _silent(playground: Playground) -> Finding | None:
    """Whether port 8080 answers on every node with Apache's page."""
    answering = len(playground.nodes) - len(silent(playground.nodes, _answers))
    if answering == len(playground.nodes):
        return None
    return not_yet(
        f"port {PORT} answers on {answering} of {len(playground.nodes)} nodes",
        hint=f'lab.swarm.publish("{SERVICE}", port={PORT}, target=80): Apache listens on port 80',
    )


def _answers(node: Node) -> bool:
    with suppress(httpx.HTTPError), _client() as client:
        return client.get(node.url(PORT)).status_code < 400
    return False


def _client() -> httpx.Client:
    # With the authorities that were read before: to read them takes longer than the request.
    return httpx.Client(verify=authorities(), trust_env=False, timeout=3)


def survives(playground: Playground, _answers: Answers) -> Finding:
    """`depot` has hello-world, takes uploads, and serves through four nodes whichever the fifth is."""
    if missing_node := missing_nodes(playground):
        return missing_node
    name, port = depot_service.SERVICE, depot_service.PORT
    if depot_service.service(playground.swarm, name) is None:
        todo = f"run a registry as a service called {name} on port {port}"
        return missing(playground, name, port, todo=todo)
    return depot_service.problem(playground) or node_failure.each_once(playground) or passed()
