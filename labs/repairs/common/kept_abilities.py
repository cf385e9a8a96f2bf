"""What a registry lets its clients do: noted when a scenario is set up, and wanted again after a repair."""

from __future__ import annotations

from collections.abc import Iterable

from labs.lesson import Finding, not_yet
from labs.lessons import ask
from labs.playground import Node
from labs.repairs.common.servers import REPOSITORY
from labs.repairs.common.tls import speaks_plain
from labs.repairs.common.uploads import begin_upload

_NOWHERE = "sha256:" + "0" * 64
_HINTS = {
    "take pushes": "pushes began before: `docker inspect registry` on node 1 shows what it was given",
    "delete": "the old container had REGISTRY_STORAGE_DELETE_ENABLED=true; a new one has what it is given",
}


def abilities(node: Node, port: int = 5000) -> list[str]:
    """What the registry on a node's port lets a client without a password do. Nothing is changed in it."""
    tls = not speaks_plain(node, port)
    url = node.url(port).replace("http:", "https:", 1) if tls else node.url(port)
    begun = begin_upload(node, port, tls=tls)
    deleted = ask(f"{url}/v2/{REPOSITORY}/manifests/{_NOWHERE}", method="DELETE")
    found = {
        "take pushes": begun is not None and begun.status_code == 202,
        # 405 where deletion is switched off, whether there is something to delete or not.
        "delete": deleted is not None and deleted.status_code == 404,
    }
    return [word for word, able in found.items() if able]


def taken_away(node: Node, before: Iterable[str]) -> Finding | None:
    """Return None if the registry still does what it did before a repair; otherwise what it does not."""
    after = abilities(node)
    for word in before:
        if word not in after:
            return not_yet(
                f"the registry on port 5000 of node 1 does not {word} any more", hint=_HINTS[word]
            )
    return None
