"""Whether uploads go on whichever replica answers, with two of them, and node 2's image is in."""

from __future__ import annotations

from docker.models.containers import Container

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons import setting
from labs.playground import Node, Playground
from labs.repairs.blob_upload_invalid.set_up import reproduce
from labs.repairs.common import REGISTRY, image_kept, still_pulls, user_pushed

_ROUNDS = 3


def mended(playground: Playground, notes: Answers) -> Finding:
    """Two registries run on the old data, uploads go on, and team/tool:1 came from node 2."""
    server = playground.node(1)
    return (
        image_kept(playground, notes)
        or _one_left(server)
        or _refused(playground)
        or user_pushed(playground)
        or still_pulls(playground.node(2), notes)
        or passed()
    )


def _one_left(server: Node) -> Finding | None:
    running = server.docker.containers.list(filters={"ancestor": REGISTRY}, ignore_removed=True)
    if len(running) >= 2:
        return _alone_in_front(running)
    return not_yet(
        f"{len(running)} registry runs on node 1, wanted two",
        hint="one registry alone has no second one that could contradict it, and none that replaces it",
    )


def _alone_in_front(running: list[Container]) -> Finding | None:
    """Return None if no registry listens on port 5000 itself: the other one would get no request."""
    for each in running:
        host = each.attrs["HostConfig"]
        published = [
            p["HostPort"] for pairs in (host["PortBindings"] or {}).values() for p in pairs
        ]
        own = host["NetworkMode"] == "host" and setting(each, "http", "addr").endswith(":5000")
        if own or "5000" in published:
            return not_yet(
                f"{each.name} listens on port 5000 of node 1 itself, wanted the proxy there",
                hint="a registry that is asked by itself leaves the other one without requests",
            )
    return None


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
