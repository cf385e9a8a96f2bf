"""Checks a service whose image has to come from the registry on port 5000: what it names, what runs, where from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from docker.models.containers import Container

from labs.lesson import Finding, not_yet
from labs.lessons.common import silent
from labs.lessons.serve_a_swarm import depot_service
from labs.playground import Playground, ServiceState
from labs.registry import Reference, RegistryClient, RegistryError
from labs.waiting import WaitTimeout

PORT, REPLICAS = 5000, 5
LOOPBACK = ("127.", "localhost:", "[::1]:")
_PATIENCE_S = 10.0  # for tasks that were just started


def own_reference(image: str) -> Reference | None:
    """A reference to the registry on the node's own port; None for any other."""
    reference = Reference.parse(image)
    own = reference.registry.startswith(LOOPBACK) and reference.port == PORT
    return reference if own else None


def other_registry(service: ServiceState, *, hint: str) -> Finding | None:
    """Return None if a service's image is named as one of the registry's."""
    if own_reference(service.image):
        return None
    return not_yet(
        f"{service.name} runs {service.image.partition('@')[0]}, wanted an image from 127.0.0.1:{PORT}",
        hint=hint,
    )


def too_few(playground: Playground, service: ServiceState) -> Finding | None:
    """Return None if five tasks run; those that were started a moment ago get a few seconds."""
    name = service.name
    if service.wanted != REPLICAS:
        return not_yet(
            f"{name} has {service.wanted} replicas, wanted {REPLICAS}",
            hint=f'docker.services.get("{name}").scale({REPLICAS})',
        )
    with suppress(WaitTimeout):
        playground.swarm.wait(name, running=REPLICAS, timeout_s=_PATIENCE_S)
        return None
    now = depot_service.service(playground.swarm, name) or service
    errors = sorted({task.error for task in playground.swarm.tasks(name) if task.error})
    return not_yet(
        f"{now.running} of {REPLICAS} tasks of {name} run" + (f": {errors[0]}" if errors else ""),
        hint=f'lab.swarm.tasks("{name}") has what each says. Is the image in the registry?',
    )


def not_in_registry(playground: Playground, service: ServiceState) -> Finding | None:
    """Whether the registry, asked from each node, has what the service names."""
    reference = own_reference(service.image)
    assert reference
    named = reference.digest or reference.tag
    # For its waiting: a port that has just been published answers on some nodes later than on others.
    silent(playground.nodes, lambda node: RegistryClient(node.url(PORT)).speaks())
    for node in playground.nodes:
        try:
            RegistryClient(node.url(PORT)).head(reference.repository, named)
        except RegistryError as error:
            if error.status == 404:
                return not_yet(
                    f"the registry has no {reference.repository}:{reference.tag}; wanted what {service.name} runs",
                    hint="push it: a task that starts anywhere has to find it there",
                )
            return not_yet(
                f"the registry on port {PORT} does not answer on every node",
                hint='run the cell "registry" again, or lab.swarm.publish("registry", port=5000)',
            )
    return None


def images_of(playground: Playground, name: str) -> Iterator[dict[str, Any]]:
    """What each node's engine says of the image of each running task of a service."""
    label = f"com.docker.swarm.service.name={name}"
    for node in playground.nodes:
        containers: list[Container] = node.docker.containers.list(filters={"label": label})
        for container in containers:
            yield node.docker.images.get(container.attrs["Image"]).attrs


def came_from_registry(image: dict[str, Any], repository: str) -> bool:
    """Whether an engine has an image from a repository of the registry: then it knows the digest there.

    An engine records a digest for each registry that an image was pulled from or pushed to.
    """
    own = [name for name in image["RepoDigests"] or () if name.startswith(LOOPBACK)]
    return any(f":{PORT}/{repository}@" in name for name in own)


def loaded_by_hand(number: int) -> Finding:
    """Say that some tasks run what no registry has given them."""
    return not_yet(
        f"the image of {number} of {REPLICAS} tasks did not come from the registry",
        hint="an image that was loaded by hand is on one node only: push it, remove it there, "
        "let the swarm pull it",
    )
