"""A registry that speaks plain HTTP on node 1, and node 2 as it is when it is new."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import REFERENCE, docker_says, run_registry, stock


def set_up(playground: Playground) -> dict[str, Any]:
    """Run the registry and push an image to it."""
    run_registry(playground.node(1))
    return {"digest": stock(playground.node(1))}


def reproduce(playground: Playground) -> str:
    """Pull on node 2."""
    return docker_says(playground.node(2), "pull", REFERENCE)
