"""Whether node 2 pulls from the registry of node 1, with TLS or with an exception for this registry alone."""

from __future__ import annotations

from dataclasses import replace

from labs.lesson import Answers, Finding, passed
from labs.lessons import is_insecure
from labs.playground import Playground
from labs.repairs.common import ADDRESS, image_kept, listed_as_insecure, user_pulls


def mended(playground: Playground, notes: Answers) -> Finding:
    """Node 2 has pulled the image by its name, from the registry that has it."""
    found = image_kept(playground, notes) or user_pulls(playground, notes)
    if found and "HTTP response to HTTPS client" in found.message:
        return replace(found, hint=_why(playground))
    return found or passed()


def _why(playground: Playground) -> str:
    """What of a repair is there, seen from the two engines."""
    server, user = playground.node(1), playground.node(2)
    if ADDRESS in listed_as_insecure(user):
        return "daemon.json of node 2 has it; its engine has not read the file again"
    if is_insecure(server, ADDRESS) or ADDRESS in listed_as_insecure(server):
        return "that is a setting of node 1; the engine that pulls is node 2's"
    if listed_as_insecure(user):
        return (
            f"daemon.json of node 2 names {', '.join(listed_as_insecure(user))}, wanted {ADDRESS}"
        )
    return "the registry of node 1 still speaks plain HTTP, and node 2 still expects TLS of it"
