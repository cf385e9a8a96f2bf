"""A registry with a certificate without a SAN; node 2 trusts the authority that signed it."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import (
    REFERENCE,
    TRUST,
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
    issue(server, "-days 90")
    run_tls_registry(server)
    user.write_file(f"{TRUST}/ca.crt", authority)
    return {"digest": stock(server)}


def reproduce(playground: Playground) -> str:
    """Pull on node 2."""
    return docker_says(playground.node(2), "pull", REFERENCE)
