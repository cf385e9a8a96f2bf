"""A registry under a name that only its own machine knows, by its /etc/hosts."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import docker_says, engine_sees, run_registry, shell, stock
from labs.waiting import wait_until

NAME = "registry.team.lab"
REFERENCE = f"{NAME}:5000/team/app:1"


def set_up(playground: Playground) -> dict[str, Any]:
    """Run the registry and give it the name on node 1."""
    server = playground.node(1)
    for node in playground.nodes:
        node.reload_engine({"insecure-registries": [f"{NAME}:5000"]})
    run_registry(server)
    shell(server, f"echo '127.0.0.1 {NAME}' >> /etc/hosts")
    digest = stock(server)
    # An engine reads /etc/hosts again after five seconds at most.
    wait_until(lambda: engine_sees(server, REFERENCE)[0], f"node 1 to know {NAME}")
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Pull on node 2."""
    return docker_says(playground.node(2), "pull", REFERENCE)
