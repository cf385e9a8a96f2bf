"""A registry on a disk of 12 MB, filled by uploads that a broken client began."""

from __future__ import annotations

from typing import Any

import httpx

from labs.lessons import ask
from labs.playground import Node, Playground
from labs.repairs.common import ADDRESS, begin_upload, make_tool, run_registry, said, shell, stock

_DISK = "mkdir -p /srv/disk && mount -t tmpfs -o size=12m tmpfs /srv/disk"
_CHUNK_BYTES = 1 << 20
_MOST = 16  # more than the disk has room for
# What is left of the last megabyte: a push needs more.
_REST = "dd if=/dev/zero of=/srv/disk/docker/registry/v2/repositories/team/old/_uploads/rest bs=1k 2>/dev/null; true"


def set_up(playground: Playground) -> dict[str, Any]:
    """Push an image, then begin uploads until there is no room."""
    server, user = playground.node(1), playground.node(2)
    user.reload_engine({"insecure-registries": [ADDRESS]})
    shell(server, _DISK)
    run_registry(server, volumes=["/srv/disk:/var/lib/registry"])
    digest = stock(server)
    _fill(server)
    make_tool(user)
    return {"digest": digest}


def _fill(server: Node) -> None:
    for _ in range(_MOST):
        begun = ask(f"{server.url(5000)}/v2/team/old/blobs/uploads/", method="POST")
        if begun is None or begun.status_code != 202:
            break
        place = server.url(5000) + httpx.URL(begun.headers["location"]).raw_path.decode()
        sent = ask(place, method="PATCH", content=b"x" * _CHUNK_BYTES)
        if sent is None or sent.status_code != 202:
            break
    shell(server, _REST)


def reproduce(playground: Playground) -> str:
    """Begin an upload: the engine would try five times, 50 s long. The registry's log has the reason."""
    server = playground.node(1)
    refused = said(begin_upload(server))
    if not refused:
        return ""
    log = server.exec(["docker", "logs", "--tail", "5", "registry"])
    return f"{refused}\n{log.stderr}"
