"""Checks of lesson 1. Each looks at the node's engine and at the registry on its port, and at nothing else."""

from __future__ import annotations

from labs.lesson.exercise import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.looking import config_of, listed, no_registry, tags_of
from labs.playground import Node, Playground
from labs.registry import RegistryClient, RegistryError

PORT = 5001
REPOSITORY, TAG = "tools/busybox", "1.37"
REFERENCE = f"127.0.0.1:{PORT}/{REPOSITORY}"


def second_registry(playground: Playground, _answers: Answers) -> Finding:
    """A registry answers on port 5001 of the node, and it is not the one on port 5000."""
    node = playground.node(1)
    missing = no_registry(node, PORT)
    if missing:
        return missing
    if _same_registry(node):
        return not_yet(
            "ports 5000 and 5001 lead to one registry, wanted two",
            hint="run a second container with another name",
        )
    return passed()


def _same_registry(node: Node) -> bool:
    """Whether one container is published on both ports."""
    for container in node.docker.containers.list(ignore_removed=True):
        bindings = (container.attrs["NetworkSettings"]["Ports"] or {}).values()
        ports = {binding["HostPort"] for some in bindings for binding in some or []}
        if {"5000", str(PORT)} <= ports:
            return True
    return False


def pushed_busybox(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5001 has tools/busybox:1.37, whole, and it is busybox."""
    node = playground.node(1)
    missing = no_registry(node, PORT)
    if missing:
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, REPOSITORY)
    if TAG not in tags:
        return _not_there(node, registry, tags)
    try:
        config = config_of(registry, REPOSITORY, TAG)
    except RegistryError as error:
        return not_yet(f"{REPOSITORY}:{TAG} is not whole: {error.message}", hint="push it again")
    command = config.get("config", {}).get("Cmd")
    if command != ["sh"]:
        return not_yet(
            f"{REPOSITORY}:{TAG} is not busybox: it runs {command}, wanted ['sh']",
            hint='tag the image that docker.images.pull("busybox", tag="latest") gives',
        )
    return passed()


def _not_there(node: Node, registry: RegistryClient, tags: list[str]) -> Finding:
    """The tag is not in the registry: find where it went."""
    if tags:
        return not_yet(
            f'repository "{REPOSITORY}" has tags {listed(tags)}, wanted "{TAG}"',
            hint=f'image.tag("{REFERENCE}", tag="{TAG}"): without a tag it is latest',
        )
    first = RegistryClient(node.url(5000))
    if first.speaks() and TAG in tags_of(first, REPOSITORY):
        return not_yet(
            f"{REPOSITORY}:{TAG} is in the registry on port 5000, wanted {PORT}",
            hint=f"the reference begins with 127.0.0.1:{PORT}/",
        )
    catalog = registry.catalog()
    if catalog:
        return not_yet(
            f'the registry on port {PORT} has {listed(catalog)}, wanted "{REPOSITORY}"',
            hint="the repository is all between the first / and the tag",
        )
    here = [tag for image in node.docker.images.list() for tag in image.tags]
    if f"{REFERENCE}:{TAG}" in here:
        return not_yet(
            f"{REFERENCE}:{TAG} is a tag on the engine and not in the registry",
            hint="a tag moves no bytes: push it",
        )
    return not_attempted(f"push busybox as {REFERENCE}:{TAG}")


def pulled_by_digest(playground: Playground, _answers: Answers) -> Finding:
    """The engine has the image of the registry on port 5001 under its digest, and under no tag."""
    node = playground.node(1)
    missing = no_registry(node, PORT)
    if missing:
        return missing
    registry = RegistryClient(node.url(PORT))
    if TAG not in tags_of(registry, REPOSITORY):
        return not_attempted(f"push busybox as {REFERENCE}:{TAG} first (1.2)")
    digest = registry.head(REPOSITORY, TAG).digest
    wanted = f"{REFERENCE}@{digest}"
    images = node.docker.images.list()
    mine = [i for i in images if wanted in (i.attrs.get("RepoDigests") or [])]
    if not mine:
        held = [t for i in images for t in i.tags if "busybox" in t]
        if held:
            return not_attempted(f"remove {listed(held)} from the engine, then pull by digest")
        return not_yet(
            f"no image on the engine came from {REFERENCE} with the digest of tag {TAG}",
            hint=f'docker.images.pull("{REFERENCE}@sha256:…") with the digest that the registry gives',
        )
    if mine[0].tags:
        if f"{REFERENCE}:{TAG}" in mine[0].tags and len(mine[0].tags) > 1:
            return not_attempted(
                f"remove {listed(mine[0].tags)} from the engine, then pull by digest"
            )
        return not_yet(
            f"the image has tags {listed(mine[0].tags)}, wanted none",
            hint="remove each tag; what is pulled by digest gets none",
        )
    return passed()
