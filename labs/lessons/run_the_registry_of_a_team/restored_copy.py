"""The check of 60.9: what was restored from the backup serves the team's images when all else is out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, missing_part, wait_for_all
from labs.lessons.run_the_registry_of_a_team.door import READER, client, not_open
from labs.playground import Node, Playground
from labs.registry import RegistryClient, RegistryError
from labs.waiting import wait_until

BACKUP, PORT, NODE = "/srv/backup", 5002, 5
REPOSITORY = "team/app"
_BACK_S = 60.0


def restored(playground: Playground, _answers: Answers) -> Finding:
    """Port 5002 of node 5 has each tag of team/app with its digest, whole, with no other machine in reach."""
    if closed := not_open(playground):
        return closed
    node = playground.node(NODE)
    wanted = _tags(client(playground.node(1), READER))
    if not wanted:
        return not_attempted(f"push an image as {REPOSITORY} first, and back it up")
    copy = RegistryClient(node.url(PORT))
    kept = node.read_output(["sh", "-c", f"find {BACKUP} -type f -size +0 | head -n 1"]).stdout
    if not kept.strip():
        if not copy.speaks():
            return not_attempted(
                f"back {REPOSITORY} up into {BACKUP} of node {NODE}, and restore it"
            )
        return not_yet(
            f"node {NODE} has no file in {BACKUP}, wanted the backup there",
            hint="restore from files: what goes from registry to registry was never a backup",
        )
    if not copy.speaks():
        return not_yet(
            f"nothing answers on port {PORT} of node {NODE}, wanted a registry with what was restored",
            hint="a backup that was never restored is a hope: run a registry of its own, and fill it from the backup",
        )
    with _alone(playground, node):
        return _other(copy, wanted) or passed()


def _other(copy: RegistryClient, wanted: dict[str, str]) -> Finding | None:
    """Return None if the copy has each tag, with its digest and all of its bytes; otherwise what differs."""
    found = _tags(copy)
    if not found:
        return not_yet(
            f"with no other machine in reach, port {PORT} of node {NODE} has no {REPOSITORY}",
            hint="it has to hold the data itself: not in the store, and not as a cache of the registry",
        )
    if lost := set(wanted) - set(found):
        return not_yet(f"of {REPOSITORY} the restored registry lacks {listed(map(_plain, lost))}")
    for tag, digest in sorted(wanted.items()):
        if found[tag] != digest:
            return not_yet(
                f"{REPOSITORY}:{_plain(tag)} has another digest in the restored registry",
                hint="skopeo: --preserve-digests, and --all",
            )
        if missing := missing_part(copy, REPOSITORY, tag):
            return not_yet(
                f"with no other machine in reach, {REPOSITORY}:{_plain(tag)} is not whole: {missing}",
                hint="it has to hold the data itself: not in the store, and not as a cache of the registry",
            )
    return None


def _tags(registry: RegistryClient) -> dict[str, str]:
    """The digest of each tag; none if the registry has no such repository."""
    try:
        return {tag: registry.head(REPOSITORY, tag).digest for tag in registry.tags(REPOSITORY)}
    except RegistryError:
        return {}


def _plain(tag: str) -> str:
    return "a signature" if tag.endswith(".sig") else tag


@contextmanager
def _alone(playground: Playground, node: Node) -> Iterator[None]:
    """A node that reaches no other machine for a moment: not the store, no other node."""
    node.cut()
    try:
        yield
    finally:
        node.heal()
        wait_until(node.answers, "the node", timeout_s=_BACK_S)
        wait_for_all(playground, _BACK_S)
