"""A swarm of two nodes, a registry on node 1, and a service whose image has an address that is each machine itself."""

from __future__ import annotations

from typing import Any

from docker.types import RestartPolicy

from labs.playground import Playground
from labs.repairs.common import ADDRESS, REPOSITORY, TAG, run_registry, stock
from labs.waiting import wait_until

SERVICE = "web"
IMAGE = f"127.0.0.1:5000/{REPOSITORY}:{TAG}"


def set_up(playground: Playground) -> dict[str, Any]:
    """Run registry and service; both nodes take the registry's name as insecure."""
    server = playground.node(1)
    for node in playground.nodes:
        node.reload_engine({"insecure-registries": [ADDRESS]})
    run_registry(server)
    digest = stock(server, image="busybox:latest")
    server.docker.services.create(
        IMAGE,
        name=SERVICE,
        mode="global",
        command=["sleep", "infinity"],
        # As process 1, sleep does not end at SIGTERM.
        stop_grace_period=1_000_000_000,
        restart_policy=RestartPolicy("any", delay=5_000_000_000),
    )
    states = {("node1", "running"), ("node2", "rejected")}
    wait_until(lambda: states <= {(t.node, t.state) for t in _tasks(playground)}, "both tasks")
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Look at the tasks of node 2: none runs, and the last one that ended says why."""
    there = [each for each in _tasks(playground) if each.node == "node2"]
    if any(each.state == "running" for each in there):
        return ""
    return next((each.error for each in there if each.error), "")


def _tasks(playground: Playground) -> list[Any]:
    return playground.swarm.tasks(SERVICE)
