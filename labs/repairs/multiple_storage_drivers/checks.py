"""Whether the registry runs on its folder again, with what it had."""

from __future__ import annotations

from dataclasses import replace

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons import driver_of, on_port
from labs.playground import Playground
from labs.repairs.common import image_kept, user_pulls


def mended(playground: Playground, notes: Answers) -> Finding:
    """Node 2 has pulled the image by its name, from a registry that keeps it in files."""
    server = playground.node(1)
    container = on_port(server, 5000)
    if container is not None and driver_of(container) == "inmemory":
        return not_yet(
            "the registry runs and keeps everything in memory: it is empty after each start",
            hint="what was there is in files, in the volume registry-data",
        )
    found = image_kept(playground, notes)
    if found and (names := _panicking(playground)):
        return replace(found, hint=f"container {names[0]} ends at once: `docker logs {names[0]}`")
    return found or user_pulls(playground, notes) or passed()


def _panicking(playground: Playground) -> list[str]:
    """The containers of node 1 that restart again and again, or have ended with a panic."""
    every = playground.node(1).docker.containers.list(all=True, ignore_removed=True)
    return sorted(str(each.name) for each in every if each.status in ("restarting", "exited"))
