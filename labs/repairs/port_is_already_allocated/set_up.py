"""A registry that stopped, and a web page that has taken its port since."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import ADDRESS, REFERENCE, docker_says, ready, run_registry, shell, stock

PAGE = "The handbook of the team\n"


def set_up(playground: Playground) -> dict[str, Any]:
    """Run the registry, push to it, stop it; run the page on its port."""
    server = playground.node(1)
    playground.node(2).reload_engine({"insecure-registries": [ADDRESS]})
    registry = run_registry(server)
    digest = stock(server)
    registry.stop(timeout=1)
    ready(server, "busybox:latest")
    shell(server, "mkdir -p /srv/docs")
    server.write_file("/srv/docs/index.html", PAGE)
    server.docker.containers.run(
        "busybox:latest",
        ["httpd", "-f", "-p", "80", "-h", "/docs"],
        name="docs",
        ports={"80/tcp": 5000},
        volumes=["/srv/docs:/docs:ro"],
        restart_policy={"Name": "unless-stopped"},
        detach=True,
    )
    return {"digest": digest}


def reproduce(playground: Playground) -> str:
    """Start the registry, and pull."""
    return docker_says(playground.node(1), "start", "registry") or docker_says(
        playground.node(2), "pull", REFERENCE
    )
