"""A registry with a certificate of the past; node 2 trusts the authority that signed it."""

from __future__ import annotations

from labs.lesson import Answers
from labs.playground import Playground
from labs.repairs.common import REFERENCE, docker_says, serve_signed


def set_up(playground: Playground) -> Answers:
    """Make authority and certificate, run the registry, push an image to it."""
    return serve_signed(
        playground,
        "-addext subjectAltName=DNS:registry.lab "
        "-not_before 20250101000000Z -not_after 20250401000000Z",
    )


def reproduce(playground: Playground) -> str:
    """Pull on node 2."""
    return docker_says(playground.node(2), "pull", REFERENCE)
