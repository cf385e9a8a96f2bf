"""A read-only registry with an image in it, and node 2 with another one to push."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import ADDRESS, begin_upload, make_tool, run_registry, said, stock

_READ_ONLY = {"REGISTRY_STORAGE_MAINTENANCE": '{"readonly": {"enabled": true}}'}


def set_up(playground: Playground) -> dict[str, Any]:
    """Fill a registry, then run it again so that it takes nothing."""
    server, user = playground.node(1), playground.node(2)
    user.reload_engine({"insecure-registries": [ADDRESS]})
    run_registry(server)
    digest = stock(server)
    server.docker.containers.get("registry").remove(force=True)
    run_registry(server, variables=_READ_ONLY)
    make_tool(user)
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Begin an upload: the engine would try five times, 50 s long, before it says what it got."""
    return said(begin_upload(playground.node(1)))
