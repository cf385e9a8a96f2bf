"""A registry after deletion, garbage collection and a second push, without a restart between them."""

from __future__ import annotations

from typing import Any

from labs.lessons import ask
from labs.playground import Playground
from labs.repairs.common import (
    ADDRESS,
    TOOL,
    TOOL_REFERENCE,
    docker_says,
    keeps,
    make_tool,
    run_registry,
    shell,
    stock,
)

_COLLECT = "docker exec registry registry garbage-collect /etc/docker/registry/config.yml"


def set_up(playground: Playground) -> dict[str, Any]:
    """Push from node 2, delete, collect, push again."""
    server, user = playground.node(1), playground.node(2)
    user.reload_engine({"insecure-registries": [ADDRESS]})
    run_registry(server, variables={"REGISTRY_STORAGE_DELETE_ENABLED": "true"})
    digest = stock(server)
    make_tool(user)
    shell(user, f"docker push -q {TOOL_REFERENCE}")
    tool = keeps(server, 5000, TOOL, "1")
    ask(f"{server.url(5000)}/v2/{TOOL}/manifests/{tool}", method="DELETE")
    shell(server, _COLLECT)
    shell(user, f"docker push -q {TOOL_REFERENCE}")
    return {"digest": digest, "tool": tool}


def reproduce(playground: Playground) -> str:
    """Push and pull on node 2."""
    user = playground.node(2)
    pushed = user.exec(["docker", "push", TOOL_REFERENCE])
    failed = docker_says(user, "pull", TOOL_REFERENCE)
    return f"{pushed.stdout}{pushed.stderr}{failed}" if failed or pushed.exit_code else ""
