"""Whether node 2 reaches the registry of node 1 and what it has is still there."""

from __future__ import annotations

from dataclasses import replace

from labs.lesson import Answers, Finding, passed
from labs.lessons import on_port
from labs.playground import Playground
from labs.repairs.common import image_kept, user_pulls


def mended(playground: Playground, notes: Answers) -> Finding:
    """Node 2 has pulled the image by its name, from the registry that has it."""
    found = image_kept(playground, notes) or user_pulls(playground, notes)
    if found and "connection refused" in found.message:
        return replace(found, hint=_why(playground))
    return found or passed()


def _why(playground: Playground) -> str:
    container = on_port(playground.node(1), 5000)
    bindings = container.attrs["HostConfig"]["PortBindings"] or {} if container else {}
    addresses = {each["HostIp"] for pairs in bindings.values() for each in pairs or ()}
    if addresses & {"127.0.0.1", "::1"}:
        return "the container on port 5000 of node 1 is published on 127.0.0.1 of that machine only"
    return "nothing listens on port 5000 of node 1's own address: `docker ps` there, column PORTS"
