"""A registry that was run again as a cache, on the same storage; node 2 asks it for the images of Docker Hub."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import ADDRESS, TOOL, begin_upload, make_tool, run_registry, said, stock

# What nodes of a playground pull the images of Docker Hub from.
UPSTREAM = "http://mirror:5000"


def set_up(playground: Playground) -> dict[str, Any]:
    """Fill a registry, then run it again with an upstream."""
    server, user = playground.node(1), playground.node(2)
    make_tool(user)
    user.reload_engine(
        {"insecure-registries": [ADDRESS], "registry-mirrors": [f"http://{ADDRESS}"]}
    )
    run_registry(server)
    digest = stock(server)
    server.docker.containers.get("registry").remove(force=True)
    run_registry(
        server,
        variables={"REGISTRY_PROXY_REMOTEURL": UPSTREAM},
        ports={},
        # A container on the node's bridge asks other name servers, which do not know `mirror`.
        network_mode="host",
    )
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Begin an upload: the engine would try five times, 50 s long, and then say one word of the answer."""
    refused = said(begin_upload(playground.node(1)))
    return f"POST /v2/{TOOL}/blobs/uploads/: {refused}" if refused else ""
