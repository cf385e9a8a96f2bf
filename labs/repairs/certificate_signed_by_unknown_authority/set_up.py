"""A registry with a certificate of an authority, which node 2 has in a folder of the wrong name."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import (
    REFERENCE,
    docker_says,
    issue,
    make_authority,
    run_tls_registry,
    stock,
)


def set_up(playground: Playground) -> dict[str, Any]:
    """Make authority and certificate, run the registry, push an image to it."""
    server, user = playground.node(1), playground.node(2)
    authority = make_authority(server)
    issue(server, "-addext subjectAltName=DNS:registry.lab -days 90")
    run_tls_registry(server)
    user.write_file("/etc/docker/certs.d/registry.lab/ca.crt", authority)
    return {"digest": stock(server)}


def reproduce(playground: Playground) -> str:
    """Pull on node 2."""
    return docker_says(playground.node(2), "pull", REFERENCE)
