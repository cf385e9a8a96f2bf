"""The check of 1.7: everything that one registry had is in the other."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, tags_of, wrong_image
from labs.lessons.run_a_registry.checks import FIRST_PORT, PORT, second_registry
from labs.playground import Node, Playground
from labs.registry import RegistryClient

# What the lesson pushed to the first registry, and which image of Docker Hub each tag is.
HAD = {
    ("hello-world", "latest"): "hello-world:latest",
    ("team/db", "1"): "busybox:latest",
    ("team/web", "1"): "hello-world:latest",
    ("team/web", "2"): "busybox:latest",
}


def moved(playground: Playground, answers: Answers) -> Finding:
    """The registry called shelf has every tag of the first one, each with the same image."""
    shelf = second_registry(playground, answers)
    if shelf.outcome != "passed":
        return shelf
    node = playground.node(1)
    registry = RegistryClient(node.url(PORT))
    absent = [name for name in HAD if name[1] not in tags_of(registry, name[0])]
    if absent:
        return _incomplete(node, registry, absent)
    wrong = (wrong_image(playground, registry, *name, image=image) for name, image in HAD.items())
    return next((finding for finding in wrong if finding), passed())


def _incomplete(node: Node, registry: RegistryClient, absent: list[tuple[str, str]]) -> Finding:
    names = [f"{repository}:{tag}" for repository, tag in absent]
    known = {"tools/busybox", *(repository for repository, _ in HAD)}
    others = [name for name in registry.catalog() if name not in known]
    if others:
        return not_yet(
            f"the registry on port {PORT} has {listed(others)} and not {listed(names)}",
            hint="the repository stays the same: all between the first / and the tag",
        )
    if len(absent) < len(HAD):
        return not_yet(
            f"the registry on port {PORT} lacks {listed(names)}",
            hint="every tag of every repository: a loop over the tags in a loop over the repositories",
        )
    here = {tag for image in node.docker.images.list() for tag in image.tags}
    ready = [name for name in names if any(tag.endswith(f":{PORT}/{name}") for tag in here)]
    if ready:
        return not_yet(
            f"{listed(ready)} is tagged for port {PORT} and not in the registry",
            hint="a tag moves no bytes: push each of them",
        )
    return not_attempted(
        f"bring {listed(names)} from the registry on port {FIRST_PORT} to that on port {PORT}"
    )
