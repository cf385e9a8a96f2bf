"""A registry with passwords; node 2 is logged in at node1:5000, another name of the same registry."""

from __future__ import annotations

from typing import Any

import bcrypt

from labs.playground import Playground
from labs.repairs.common import (
    ADDRESS,
    TOOL_REFERENCE,
    docker_says,
    make_tool,
    run_registry,
    shell,
    stock,
)

ROSA = ("rosa", "opensesame")


def set_up(playground: Playground) -> dict[str, Any]:
    """Fill a registry, then run it with a password file; log in under the other name."""
    server, user = playground.node(1), playground.node(2)
    user.reload_engine({"insecure-registries": [ADDRESS, "node1:5000"]})
    run_registry(server)
    digest = stock(server)
    server.docker.containers.get("registry").remove(force=True)
    # The lowest cost: a check asks many times.
    hashed = bcrypt.hashpw(ROSA[1].encode(), bcrypt.gensalt(4)).decode()
    server.write_file("/srv/auth/htpasswd", f"{ROSA[0]}:{hashed}\n")
    run_registry(
        server,
        variables={
            "REGISTRY_AUTH_HTPASSWD_REALM": "team",
            "REGISTRY_AUTH_HTPASSWD_PATH": "/auth/htpasswd",
        },
        volumes=["registry-data:/var/lib/registry", "/srv/auth:/auth:ro"],
    )
    make_tool(user)
    shell(user, f"echo {ROSA[1]} | docker login -u {ROSA[0]} --password-stdin node1:5000")
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Push from node 2."""
    return docker_says(playground.node(2), "push", TOOL_REFERENCE)
