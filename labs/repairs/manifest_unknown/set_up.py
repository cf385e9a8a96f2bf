"""A registry that was made again without the volume of the first one, which is still on node 1."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import ADDRESS, REFERENCE, docker_says, run_registry, stock


def set_up(playground: Playground) -> dict[str, Any]:
    """Run a registry without a named volume, push to it, and replace its container."""
    server = playground.node(1)
    playground.node(2).reload_engine({"insecure-registries": [ADDRESS]})
    first = run_registry(server, volumes=[])
    digest = stock(server)
    first.remove(force=True)
    run_registry(server, volumes=[])
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Pull on node 2."""
    return docker_says(playground.node(2), "pull", REFERENCE)
