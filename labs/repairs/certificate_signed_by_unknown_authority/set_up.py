"""A registry with a certificate of an authority, which node 2 has in a folder of the wrong name."""

from __future__ import annotations

from labs.lesson import Answers
from labs.playground import Playground
from labs.repairs.common import REFERENCE, docker_says, serve_signed


def set_up(playground: Playground) -> Answers:
    """Make authority and certificate, run the registry, push an image to it."""
    return serve_signed(
        playground,
        "-addext subjectAltName=DNS:registry.lab -days 90",
        authority_at="/etc/docker/certs.d/registry.lab/ca.crt",
    )


def reproduce(playground: Playground) -> str:
    """Pull on node 2."""
    return docker_says(playground.node(2), "pull", REFERENCE)
