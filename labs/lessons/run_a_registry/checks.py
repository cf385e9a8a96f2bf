"""Checks of lesson 1. Each looks at the node's engine and at the registry on its port, and at nothing else."""

from __future__ import annotations

from docker.models.containers import Container
from docker.models.images import Image

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    listed,
    no_registry,
    on_port,
    shares_store,
    tags_of,
    wrong_image,
)
from labs.playground import Node, Playground
from labs.registry import RegistryClient

FIRST_PORT, PORT = 5000, 5001
FIRST, NAME = "registry", "shelf"
REPOSITORY, TAG = "tools/busybox", "1.37"
REFERENCE = f"127.0.0.1:{PORT}/{REPOSITORY}"


def second_registry(playground: Playground, _answers: Answers) -> Finding:
    """A registry called shelf answers on port 5001 of the node, and has a store of its own."""
    node = playground.node(1)
    missing = no_registry(node, PORT, left=FIRST)
    if missing:
        return missing
    container, first = on_port(node, PORT), on_port(node, FIRST_PORT)
    if container is None:
        return not_yet(
            f"a registry answers on port {PORT}, but no container has that port",
            hint="run a registry of its own there, not a way to another one",
        )
    if first and first.id == container.id:
        return not_yet(
            f"ports {FIRST_PORT} and {PORT} lead to one registry, wanted two",
            hint="run a second container with another name",
        )
    if container.name != NAME:
        return not_yet(
            f"the registry on port {PORT} is not called {NAME}",
            hint=f'give it the name as you run it: name="{NAME}"',
        )
    return _not_its_own(node, container) or passed()


def _not_its_own(node: Node, container: Container) -> Finding | None:
    """Whether the port is another way to a registry that is somewhere else."""
    seen = shares_store(node, container, node.url(PORT), others={FIRST_PORT: node.url(FIRST_PORT)})
    if not seen:
        return None
    if seen == f"arrives at port {FIRST_PORT}":
        return not_yet(
            f"ports {FIRST_PORT} and {PORT} lead to one registry, wanted two",
            hint="an upload that began on one port was known on the other: run a second container of registry:2",
        )
    return not_yet(
        f"what is written to port {PORT} {seen}, wanted it in a store of {NAME}'s own",
        hint="run registry:2 there itself, not a way to another registry or a cache of one, with a folder of its own",
    )


def pushed_busybox(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5001 has tools/busybox:1.37, whole, and it is busybox."""
    node = playground.node(1)
    missing = no_registry(node, PORT, left=FIRST)
    if missing:
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, REPOSITORY)
    if TAG in tags:
        wrong = wrong_image(playground, registry, REPOSITORY, TAG, image="busybox:latest")
        return wrong or passed()
    if tags:
        return not_yet(
            f'repository "{REPOSITORY}" has tags {listed(tags)}, wanted "{TAG}"',
            hint=f'image.tag("{REFERENCE}", tag="{TAG}"): without a tag it is latest',
        )
    # In this order: a push to the other registry explains more than what this one lacks.
    return _elsewhere(node) or _not_there(node, registry)


def _elsewhere(node: Node) -> Finding | None:
    """Whether it was pushed to the first registry."""
    if no_registry(node, FIRST_PORT):
        return None
    found = [name for name in RegistryClient(node.url(FIRST_PORT)).catalog() if "busybox" in name]
    if not found:
        return None
    return not_yet(
        f"{listed(found)} is in the registry on port {FIRST_PORT}, wanted {PORT}",
        hint=f"the reference begins with 127.0.0.1:{PORT}/",
    )


def _not_there(node: Node, registry: RegistryClient) -> Finding:
    """The repository is in no registry: see what is, and what the engine has."""
    catalog = registry.catalog()
    if catalog:
        return not_yet(
            f'the registry on port {PORT} has {listed(catalog)}, wanted "{REPOSITORY}"',
            hint="the repository is all between the first / and the tag",
        )
    here = [tag for image in node.docker.images.list() for tag in image.tags]
    # Only the end: localhost is as right as 127.0.0.1.
    if any(tag.endswith(f":{PORT}/{REPOSITORY}:{TAG}") for tag in here):
        return not_yet(
            f"{REFERENCE}:{TAG} is a tag on the engine and not in the registry",
            hint="a tag moves no bytes: push it",
        )
    named_so = [tag for tag in here if "busybox" in tag and not _is_first_name(tag)]
    if named_so:
        return not_yet(
            f"the engine has {listed(named_so)}, wanted {REFERENCE}:{TAG}, and that pushed",
            hint="the part before the first / says to which registry; without a host it is Docker Hub",
        )
    return not_attempted(f"push busybox as {REFERENCE}:{TAG}")


def _is_first_name(tag: str) -> bool:
    """Whether a tag is one that busybox has after it was pulled from Docker Hub."""
    return tag.rpartition(":")[0].removeprefix("docker.io/").removeprefix("library/") == "busybox"


def pulled_by_digest(playground: Playground, answers: Answers) -> Finding:
    """The engine has the image of the registry on port 5001 under its digest, and under no tag."""
    node = playground.node(1)
    if pushed_busybox(playground, answers).outcome != "passed":
        return not_attempted(f"push busybox as {REFERENCE}:{TAG} first (1.3)")
    digest = RegistryClient(node.url(PORT)).head(REPOSITORY, TAG).digest
    images = node.docker.images.list()
    mine = [image for image in images if _came_from(image, digest)]
    tags = [tag for image in mine or images for tag in image.tags if mine or "busybox" in tag]
    if mine and not tags:
        return passed()
    if _has_first_name(tags) and len(tags) > 1:
        return not_attempted(f"remove {listed(tags)} from the engine, then pull by digest")
    if tags:
        return not_yet(
            f"busybox has tags {listed(tags)} on the engine, wanted none",
            hint="remove each tag, then pull; what is pulled by its digest gets no tag",
        )
    return not_yet(
        f"no image on the engine came from {REFERENCE} with the digest of tag {TAG}",
        hint=f'docker.images.pull("{REFERENCE}@sha256:…") with the digest that the registry gives',
    )


def _came_from(image: Image, digest: str) -> bool:
    """Whether it was pulled from port 5001 by that digest, or pushed there; localhost is as right as 127.0.0.1."""
    wanted = f":{PORT}/{REPOSITORY}@{digest}"
    return any(name.endswith(wanted) for name in image.attrs.get("RepoDigests") or [])


def _has_first_name(tags: list[str]) -> bool:
    return any(_is_first_name(tag) for tag in tags)
