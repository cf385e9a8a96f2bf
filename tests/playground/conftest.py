"""What the playground's tests ask of a node and of the host's engine."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from labs.engine import Engine
from labs.playground import Node


@pytest.fixture
def said() -> list[str]:
    """What `say` was told."""
    return []


def state(node: Node) -> str:
    """The state of its container now."""
    node.container.reload()
    return str(node.container.status)


def census(engine: Engine) -> dict[str, list[str]]:
    """Every container, volume and network of an engine, by id or name."""
    client = engine.client
    return {
        "containers": sorted(str(c.id) for c in client.containers.list(all=True)),
        "volumes": sorted(str(v.id) for v in client.volumes.list()),
        "networks": sorted(str(n.id) for n in client.networks.list()),
    }


def seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
