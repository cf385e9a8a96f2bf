"""The registry of lesson 9, as simple as one of a swarm can be: one task on node 1, its images in a volume there."""

from __future__ import annotations

from docker.types import Mount

from labs.playground import Playground

NAME, PORT = "registry", 5000


def serve_registry(playground: Playground) -> None:
    """Run it as a service where it is not there yet, and wait until each node reaches it at 127.0.0.1:5000."""
    engine, swarm = playground.node(1).docker, playground.swarm
    if not any(each.name == NAME for each in swarm.reach().docker.services.list()):
        engine.services.create(
            "registry:2",
            name=NAME,
            constraints=["node.hostname == node1"],
            mounts=[Mount("/var/lib/registry", "registry-data")],
        )
    swarm.publish(NAME, port=PORT)
