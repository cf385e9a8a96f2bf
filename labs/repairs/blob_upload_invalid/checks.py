"""Whether uploads go on whichever replica answers, with two of them, and node 2's image is in."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons import setting
from labs.playground import Node, Playground
from labs.repairs.blob_upload_invalid.set_up import reproduce
from labs.repairs.common import REGISTRY, image_kept, user_pushed

_ROUNDS = 3


def mended(playground: Playground, notes: Answers) -> Finding:
    """Two registries run on the old data, uploads go on, and team/tool:1 came from node 2."""
    server = playground.node(1)
    return (
        image_kept(playground, notes)
        or _one_left(server)
        or _refused(playground)
        or user_pushed(playground)
        or passed()
    )


def _one_left(server: Node) -> Finding | None:
    running = server.docker.containers.list(filters={"ancestor": REGISTRY}, ignore_removed=True)
    if len(running) >= 2:
        return None
    return not_yet(
        f"{len(running)} registry runs on node 1, wanted two",
        hint="one registry alone has no second one that could contradict it, and none that replaces it",
    )


def _refused(playground: Playground) -> Finding | None:
    # In turn, so that each replica begins an upload and goes on with the other's.
    refusals = [said for said in (reproduce(playground) for _ in range(_ROUNDS)) if said]
    if not refusals:
        return None
    running = playground.node(1).docker.containers.list(
        filters={"ancestor": REGISTRY}, ignore_removed=True
    )
    secrets = [setting(each, "http", "secret") for each in running]
    hint = "each registry signs with a secret of its own"
    if any(secrets) and not all(secrets):
        hint = "one of the registries was told a secret, another one makes up its own"
    elif all(secrets):
        hint = (
            "the secrets that the registries were told are different"
            if len(set(secrets)) > 1
            else ""
        )
    return not_yet(f"an upload at registry.lab:5000 cannot go on: {refusals[0]}", hint=hint)
