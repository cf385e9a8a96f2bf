"""A registry with the image's own folder and settings of S3."""

from __future__ import annotations

from typing import Any

from docker.models.containers import Container

from labs.playground import Playground
from labs.repairs.common import ADDRESS, REFERENCE, docker_says, run_registry, stock
from labs.waiting import wait_until

_PREPARED = {
    "REGISTRY_STORAGE_S3_REGION": "eu-central-1",
    "REGISTRY_STORAGE_S3_BUCKET": "team-registry",
}


def set_up(playground: Playground) -> dict[str, Any]:
    """Fill a registry, then run it again with both."""
    server = playground.node(1)
    playground.node(2).reload_engine({"insecure-registries": [ADDRESS]})
    run_registry(server)
    digest = stock(server)
    server.docker.containers.get("registry").remove(force=True)
    container = server.docker.containers.run(
        "registry:2",
        name="registry",
        environment=_PREPARED,
        ports={"5000/tcp": 5000},
        volumes=["registry-data:/var/lib/registry"],
        restart_policy={"Name": "unless-stopped"},
        detach=True,
    )
    wait_until(lambda: _restarts(container), "the panic")
    return {"digest": digest}


def _restarts(container: Container) -> int:
    container.reload()
    return int(container.attrs["RestartCount"])


def reproduce(playground: Playground) -> str:
    """Pull on node 2; where nothing answers, the registry's log has the reason."""
    failed = docker_says(playground.node(2), "pull", REFERENCE)
    if not failed:
        return ""
    log = playground.node(1).exec(["docker", "logs", "--tail", "40", "registry"])
    panics = [each for each in log.stderr.splitlines() if each.startswith("panic:")]
    return "\n".join([failed, *panics[-1:]])
