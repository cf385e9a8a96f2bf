"""What set-ups do in a node: run a registry, push to it, run commands as a user would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docker.models.containers import Container

from labs.lesson import push
from labs.playground import Node, PlaygroundError
from labs.registry import RegistryClient
from labs.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

REGISTRY = "registry:2"
REPOSITORY, TAG = "team/app", "1"


def run_registry(
    node: Node,
    name: str = "registry",
    *,
    port: int = 5000,
    variables: Mapping[str, str] | None = None,
    **options: Any,
) -> Container:
    """Run a registry and wait until it answers.

    Args:
        node: Where.
        name: Of its container; its volume is `<name>-data`, unless `options` have `volumes`.
        port: The node's port for it.
        variables: Its settings.
        options: Of the SDK's `run`.
    """
    ready(node, REGISTRY)
    kept: dict[str, Any] = {
        "ports": {"5000/tcp": port},
        "volumes": [f"{name}-data:/var/lib/registry"],
        # A node that was off comes back with what it served.
        "restart_policy": {"Name": "unless-stopped"},
    }
    container: Container = node.docker.containers.run(
        REGISTRY, name=name, detach=True, environment=dict(variables or {}), **(kept | options)
    )
    wait_until(RegistryClient(node.url(port)).speaks, f"{name} on port {port}")
    return container


def stock(
    node: Node,
    repository: str = REPOSITORY,
    tag: str = TAG,
    *,
    image: str = "hello-world:latest",
    port: int = 5000,
) -> str:
    """Push an image of the course to the registry on a port of the node; return its digest there."""
    there = f"127.0.0.1:{port}/{repository}"
    ready(node, image)
    node.docker.images.get(image).tag(there, tag=tag)
    digest = push(node.docker, f"{there}:{tag}", ports={port: node.url(port)}, node=node.name)
    # The user's report is about the registry, so the node has no second copy of what is in it.
    node.docker.images.remove(f"{there}:{tag}")
    return digest


def ready(node: Node, image: str) -> None:
    """Pull an image of the course, unless the node has it."""
    if not node.docker.images.list(name=image):
        name, _, tag = image.partition(":")
        node.docker.images.pull(name, tag=tag)


def shell(node: Node, script: str) -> str:
    """Run a script in a node; return what it prints.

    Raises:
        PlaygroundError: It failed; the message has its words.
    """
    done = node.exec(["sh", "-c", script])
    if done.exit_code:
        raise PlaygroundError(f"{node.name}: {script[:80]!r} failed: {done.stderr.strip()}")
    return done.stdout


def docker_says(node: Node, *words: str) -> str:
    """Run `docker` in a node; return the words of its error, empty if there is none."""
    done = node.exec(["docker", *words])
    # Never empty for a failure: a machine under load sometimes loses what a command printed.
    said = done.stderr.strip() or f"docker {words[0]} ended with status {done.exit_code}"
    return said if done.exit_code else ""
