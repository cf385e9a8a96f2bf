"""Whether an image is gone by tag, by digest and by bytes, and the other one is whole."""

from __future__ import annotations

from typing import Any

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons import ask
from labs.playground import Node, Playground
from labs.repairs.common import REPOSITORY, blobs_lost, image_kept, keeps
from labs.repairs.operation_is_unsupported.set_up import LEAKED


def mended(playground: Playground, notes: Answers) -> Finding:
    """Nothing of team/app:leaked is served, and team/app:1 can be pulled."""
    server = playground.node(1)
    return (
        image_kept(playground, notes)
        or _still_served(server, notes)
        or _layer_left(server, notes)
        or blobs_lost(server)
        or passed()
    )


def _still_served(server: Node, notes: Answers) -> Finding | None:
    leaked: Any = notes["leaked"]
    tagged = keeps(server, 5000, REPOSITORY, LEAKED)
    if keeps(server, 5000, REPOSITORY, leaked):
        seen = (
            f"{REPOSITORY}:{LEAKED}"
            if tagged == leaked
            else f"the manifest of {LEAKED}, by its digest,"
        )
        return not_yet(
            f"{seen} is still served",
            hint="a DELETE names the digest; a tag that is moved or removed leaves the manifest where it is",
        )
    return None


def _layer_left(server: Node, notes: Answers) -> Finding | None:
    answer = ask(f"{server.url(5000)}/v2/{REPOSITORY}/blobs/{notes['layer']}")
    if answer is not None and answer.status_code == 404:
        return None
    if answer is None:
        return not_yet(
            "the registry still tells of the layer and cannot send it",
            hint="what was collected is in its memory until it starts again",
        )
    return not_yet(
        f"the layer with the password is still served by its digest, as {REPOSITORY}'s",
        hint="deleting a manifest removes no bytes: registry garbage-collect does",
    )
