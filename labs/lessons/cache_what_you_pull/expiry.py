"""Lets a cache believe that what it stores has expired: the dates in its own file are set back."""

from __future__ import annotations

import re

from docker.models.containers import Container

from labs.playground import Node
from labs.registry import RegistryClient
from labs.waiting import wait_until

# The cache writes this file five seconds after a change at the latest.
_FILE = "scheduler-state.json"
_PORT = 5000


def let_a_week_pass(node: Node, cache: Container, layer: str) -> None:
    """Make everything that a cache stores expire, and wait until it has deleted a layer.

    Args:
        node: Where the cache runs, on port 5000.
        cache: Its container, with a volume.
        layer: The digest of a blob that it has just fetched.

    Raises:
        WaitTimeout: The cache does not note the layer, does not start again, or does not delete it.
    """
    dates = f"{cache.attrs['Mounts'][0]['Source']}/{_FILE}"
    noted = wait_until(
        lambda: node.exec(["grep", "-s", layer, dates]).stdout, "the cache to note when it expires"
    )
    # Off: it reads the file when it starts, and writes it again while it runs.
    cache.stop(timeout=1)
    node.write_file(dates, re.sub(r"20\d\d-", "2020-", noted))
    cache.start()
    wait_until(RegistryClient(node.url(_PORT)).speaks, "the cache")
    deleted = re.compile(f"Deleting.*{layer.removeprefix('sha256:')}")
    wait_until(lambda: deleted.search(cache.logs().decode()), "the cache to delete the layer")
