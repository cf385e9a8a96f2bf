"""A registry with a certificate without a SAN; node 2 trusts the authority that signed it."""

from __future__ import annotations

from labs.lesson import Answers
from labs.playground import Playground
from labs.repairs.common import REFERENCE, docker_says, serve_signed


def set_up(playground: Playground) -> Answers:
    """Make authority and certificate, run the registry, push an image to it."""
    return serve_signed(playground, "-days 90")


def reproduce(playground: Playground) -> str:
    """Pull on node 2."""
    return docker_says(playground.node(2), "pull", REFERENCE)
