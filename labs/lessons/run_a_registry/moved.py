"""The check of 1.7: everything that one registry had is in the other."""

from __future__ import annotations

import json
import re
from contextlib import suppress

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, no_registry, tags_of, wrong_image
from labs.lessons.run_a_registry.checks import FIRST_PORT, PORT, second_registry
from labs.lessons.run_a_registry.filled_registry import NOTE
from labs.playground import Node, Playground
from labs.registry import RegistryClient

_DRAWN = re.compile(r"team/[0-9a-f]{8}\b")


def moved(playground: Playground, answers: Answers) -> Finding:
    """The registry called shelf has every tag of the first one, each with the same image."""
    node = playground.node(1)
    had = _noted(node)
    if not had:
        return not_attempted("run the first line of the cell: it fills the registry on port 5000")
    shelf = second_registry(playground, answers)
    if shelf.outcome != "passed":
        return shelf
    registry = RegistryClient(node.url(PORT))
    absent = [name for name in had if not _has(registry, name)]
    if absent:
        return _incomplete(node, registry, had, absent)
    wrong = (
        wrong_image(playground, registry, *name.rsplit(":", 1), image=f"{image}:latest")
        for name, image in had.items()
    )
    return (
        next((finding for finding in wrong if finding), None) or _left(node, registry) or passed()
    )


def _noted(node: Node) -> dict[str, str]:
    """What the first registry was filled with: the image by its name; hello-world is from before."""
    with suppress(FileNotFoundError, ValueError):
        found = json.loads(node.read_file(NOTE))
        return {"hello-world:latest": "hello-world", **found}
    return {}


def _has(registry: RegistryClient, name: str) -> bool:
    repository, _, tag = name.rpartition(":")
    return tag in tags_of(registry, repository)


def _shown(names: list[str]) -> str:
    """Names without the one that was drawn: a verdict has the same text in every run."""
    return listed(_DRAWN.sub("team/<8 digits>", name) for name in names)


def _left(node: Node, registry: RegistryClient) -> Finding | None:
    """Whether the first registry has more than it was filled with, which a loop would have brought along."""
    if no_registry(node, FIRST_PORT):
        return None
    first = RegistryClient(node.url(FIRST_PORT))
    every = [f"{name}:{tag}" for name in first.catalog() for tag in tags_of(first, name)]
    absent = [name for name in every if not _has(registry, name)]
    if not absent:
        return None
    return not_yet(
        f"the registry on port {FIRST_PORT} has {_shown(absent)}, and that on port {PORT} has not",
        hint="take the names from lab.registry.catalog() and lab.registry.tags(…)",
    )


def _incomplete(
    node: Node, registry: RegistryClient, had: dict[str, str], absent: list[str]
) -> Finding:
    known = {"tools/busybox", *(name.rpartition(":")[0] for name in had)}
    others = [name for name in registry.catalog() if name not in known]
    if others:
        return not_yet(
            f"the registry on port {PORT} has {listed(others)} and not {_shown(absent)}",
            hint="the repository stays the same: all between the first / and the tag",
        )
    if len(absent) < len(had):
        return not_yet(
            f"the registry on port {PORT} lacks {_shown(absent)}",
            hint="every tag of every repository: a loop over the tags in a loop over the repositories",
        )
    here = {tag for image in node.docker.images.list() for tag in image.tags}
    ready = [name for name in absent if any(tag.endswith(f":{PORT}/{name}") for tag in here)]
    if ready:
        return not_yet(
            f"{_shown(ready)} is tagged for port {PORT} and not in the registry",
            hint="a tag moves no bytes: push each of them",
        )
    return not_attempted(
        f"bring all that the registry on port {FIRST_PORT} has to that on port {PORT}"
    )
