"""The check of 1.7: everything that one registry had is in the other."""

from __future__ import annotations

import re
from collections.abc import Iterable

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, no_registry, read_note, tags_of, wrong_image
from labs.lessons.run_a_registry.checks import FIRST_PORT, PORT, second_registry
from labs.lessons.run_a_registry.filled_registry import NOTE
from labs.playground import Node, Playground
from labs.registry import RegistryClient

_DRAWN = re.compile(r"team/[0-9a-f]{8}\b")


def moved(playground: Playground, answers: Answers) -> Finding:
    """The registry called shelf has every tag of the first one, each with the same image."""
    node = playground.node(1)
    filled = read_note(node, NOTE)
    if not filled:
        return not_attempted("run the first line of the cell: it fills the registry on port 5000")
    shelf = second_registry(playground, answers)
    if shelf.outcome != "passed":
        return shelf
    had = {"hello-world:latest": "hello-world", **filled}  # the first one is from before
    registry = RegistryClient(node.url(PORT))
    names = _names(registry)
    absent = [name for name in had if name not in names]
    if absent:
        return _incomplete(node, names, had, absent)
    wrong = (
        wrong_image(playground, registry, *name.rsplit(":", 1), image=f"{image}:latest")
        for name, image in had.items()
    )
    return next((finding for finding in wrong if finding), None) or _left(node, names) or passed()


def _names(registry: RegistryClient) -> set[str]:
    """Every tag of a registry, with its repository."""
    return {f"{name}:{tag}" for name in registry.catalog() for tag in tags_of(registry, name)}


def _shown(names: Iterable[str]) -> str:
    """Names without the one that was drawn: a verdict has the same text in every run."""
    return listed(_DRAWN.sub("team/<8 digits>", name) for name in names)


def _left(node: Node, names: set[str]) -> Finding | None:
    """Whether the first registry has more than it was filled with, which a loop would have brought along."""
    if no_registry(node, FIRST_PORT):
        return None
    absent = _names(RegistryClient(node.url(FIRST_PORT))) - names
    if not absent:
        return None
    return not_yet(
        f"the registry on port {FIRST_PORT} has {_shown(absent)}, and that on port {PORT} has not",
        hint="take the names from lab.registry.catalog() and lab.registry.tags(…)",
    )


def _incomplete(node: Node, names: set[str], had: dict[str, str], absent: list[str]) -> Finding:
    there, wanted = ({each.rpartition(":")[0] for each in group} for group in (names, had))
    others = there - wanted - {"tools/busybox"}
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
