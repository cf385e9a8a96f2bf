"""Checks of lesson 7. They read the swarm from a manager, each node's containers, and the answers of its ports."""

from __future__ import annotations

import json
from contextlib import suppress

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import difference, local_config, missing_nodes, silent
from labs.lessons.serve_a_swarm import depot_service, node_failure
from labs.playground import Node, Playground, ServiceState, Swarm
from labs.registry import Reference, RegistryClient, RegistryError, authorities
from labs.waiting import WaitTimeout

SERVICE, PORT, REPLICAS = "pages", 8080, 5
OWN_PORT = 5000
LOOPBACK = ("127.", "localhost:", "[::1]:")
IMAGE = "httpd:2"
_PATIENCE_S = 10.0  # for tasks that were just started
_LABEL = f"com.docker.swarm.service.name={SERVICE}"
_PUSH = f"push httpd:2 to it as 127.0.0.1:{OWN_PORT}/{SERVICE}"


def five_replicas(playground: Playground, _answers: Answers) -> Finding:
    """Five tasks of `pages` run an image that came from the registry on port 5000, and answer on port 8080."""
    if missing := missing_nodes(playground):
        return missing
    swarm = playground.swarm
    service = depot_service.service(swarm, SERVICE)
    if service is None:
        return not_attempted(
            f"run a service called {SERVICE}, {REPLICAS} replicas of httpd:2 from your registry"
        )
    return (
        _other_registry(service)
        or _not_in_registry(playground, service)
        or _too_few(swarm, service)
        or _not_pulled(playground, service)
        or _silent(playground)
        or passed()
    )


def _own(service: ServiceState) -> Reference | None:
    """The service's image as a reference to the registry on the node's own port; None for any other."""
    reference = Reference.parse(service.image)
    own = reference.registry.startswith(LOOPBACK) and reference.port == OWN_PORT
    return reference if own else None


def _other_registry(service: ServiceState) -> Finding | None:
    if _own(service):
        return None
    return not_yet(
        f"{SERVICE} runs {service.image.partition('@')[0]}, wanted an image from 127.0.0.1:{OWN_PORT}",
        hint=f"{_PUSH}, and give the service that reference",
    )


def _too_few(swarm: Swarm, service: ServiceState) -> Finding | None:
    """Return None if five tasks run; those that were started a moment ago get a few seconds."""
    if service.wanted != REPLICAS:
        return not_yet(
            f"{SERVICE} has {service.wanted} replicas, wanted {REPLICAS}",
            hint=f'docker.services.get("{SERVICE}").scale({REPLICAS})',
        )
    with suppress(WaitTimeout):
        swarm.wait(SERVICE, running=REPLICAS, timeout_s=_PATIENCE_S)
        return None
    now = depot_service.service(swarm, SERVICE) or service
    errors = sorted({task.error for task in swarm.tasks(SERVICE) if task.error})
    return not_yet(
        f"{now.running} of {REPLICAS} tasks of {SERVICE} run"
        + (f": {errors[0]}" if errors else ""),
        hint=f'lab.swarm.tasks("{SERVICE}") has what each says. Is the image in the registry?',
    )


def _not_in_registry(playground: Playground, service: ServiceState) -> Finding | None:
    """Whether the registry, asked from each node, has what the service names."""
    reference = _own(service)
    assert reference
    named = reference.digest or reference.tag
    # For its waiting: a port that has just been published answers on some nodes later than on others.
    silent(playground.nodes, lambda node: RegistryClient(node.url(OWN_PORT)).speaks())
    for node in playground.nodes:
        try:
            RegistryClient(node.url(OWN_PORT)).head(reference.repository, named)
        except RegistryError as error:
            if error.status == 404:
                return not_yet(
                    f"the registry has no {reference.repository}:{reference.tag}; wanted what {SERVICE} runs",
                    hint="push it: a task that starts anywhere has to find it there",
                )
            return not_yet(
                f"the registry on port {OWN_PORT} does not answer on every node",
                hint='run the cell with run_registry again, or lab.swarm.publish("registry", port=5000)',
            )
    return None


def _not_pulled(playground: Playground, service: ServiceState) -> Finding | None:
    """Whether each node's image came from the registry: then the engine knows the digest it has there."""
    reference = _own(service)
    assert reference
    foreign, known = 0, playground.course_image(IMAGE)
    for node in playground.nodes:
        for container in node.docker.containers.list(filters={"label": _LABEL}):
            attrs = node.docker.images.get(container.attrs["Image"]).attrs
            # The engine records a digest for each registry that an image was pulled from or pushed to.
            digests = [name for name in attrs["RepoDigests"] if name.startswith(LOOPBACK)]
            foreign += not any(f"/{reference.repository}@" in name for name in digests)
            if other := difference(local_config(attrs), known):
                ran = (attrs["Config"] or {}).get("Cmd")
                runs = f"runs {json.dumps(ran)}, wanted {IMAGE}"
                return not_yet(
                    f"{SERVICE} {runs}"
                    if other.startswith("it runs")
                    else f"{SERVICE} does not run {IMAGE}: {other}",
                    hint=_PUSH,
                )
    if foreign:
        return not_yet(
            f"the image of {foreign} of {REPLICAS} tasks did not come from the registry",
            hint="an image that was loaded by hand is on one node only: push it, remove it there, "
            "let the swarm pull it",
        )
    return None


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
    if missing := missing_nodes(playground):
        return missing
    if depot_service.service(playground.swarm, depot_service.SERVICE) is None:
        return not_attempted(
            f"run a registry as a service called {depot_service.SERVICE} on port {depot_service.PORT}"
        )
    return depot_service.problem(playground) or node_failure.each_in_turn(playground) or passed()
