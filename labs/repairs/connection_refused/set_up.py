"""A registry that is published on 127.0.0.1 of node 1."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import ADDRESS, REFERENCE, docker_says, run_registry, stock


def set_up(playground: Playground) -> dict[str, Any]:
    """Run the registry there and push an image to it. Node 2 needs no TLS of it."""
    playground.node(2).reload_engine({"insecure-registries": [ADDRESS]})
    run_registry(playground.node(1), ports={"5000/tcp": ("127.0.0.1", 5000)})
    return {"digest": stock(playground.node(1))}


def reproduce(playground: Playground) -> str:
    """Pull on node 2."""
    return docker_says(playground.node(2), "pull", REFERENCE)
