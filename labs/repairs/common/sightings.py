"""What checks look at: what a registry keeps, and what an engine sees when it asks for it."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from docker.errors import APIError

from labs.lessons import ask, on_port
from labs.playground import Node
from labs.registry import ACCEPT, RegistryClient
from labs.waiting import WaitTimeout, wait_until

_DAEMON_JSON = "/etc/docker/daemon.json"
_PATIENCE_S = 3.0  # a container runs before it listens, on a busy machine by seconds


def engine_sees(node: Node, ref: str) -> tuple[str, str]:
    """Ask a registry for a tag by a node's engine, which pulls nothing.

    Returns:
        The digest, and the engine's words where there is none.
    """
    api: Any = node.docker.api
    try:
        found = api.inspect_distribution(ref)
    except APIError as error:
        return "", str(error.explanation)
    return str(found["Descriptor"]["digest"]), ""


def has_pulled(node: Node, repository: str, digest: str) -> bool:
    """Whether a node has an image that it pulled from, or pushed to, a repository: `registry.lab:5000/team/app`."""
    names = (n for image in node.docker.images.list() for n in image.attrs["RepoDigests"] or ())
    return f"{repository}@{digest}" in names


def let_it_start(node: Node, port: int) -> None:
    """Wait a little for a container that has a port and has started a moment ago: it runs before it listens."""
    if on_port(node, port):
        with suppress(WaitTimeout):
            wait_until(RegistryClient(node.url(port)).speaks, "the registry", timeout_s=_PATIENCE_S)


def keeps(
    node: Node,
    port: int,
    repository: str,
    reference: str,
    *,
    member: tuple[str, str] | None = None,
) -> str:
    """The digest that what answers on a node's port has for a reference; empty if it has none.

    It asks in plain HTTP, then over TLS, and verifies nothing. A new container gets time to listen.
    """
    let_it_start(node, port)
    for url in (node.url(port), node.url(port).replace("http:", "https:", 1)):
        answer = ask(
            f"{url}/v2/{repository}/manifests/{reference}",
            method="HEAD",
            member=member,
            headers={"Accept": ACCEPT},
        )
        if answer is not None and answer.status_code == 200:
            return str(answer.headers.get("docker-content-digest", ""))
    return ""


def listed_as_insecure(node: Node) -> list[str]:
    """The registries that a node's daemon.json calls insecure."""
    try:
        found = json.loads(node.read_file(_DAEMON_JSON)).get("insecure-registries")
    except (OSError, ValueError, AttributeError):
        return []
    return [str(each) for each in found or ()]


def still_insecure(node: Node) -> str:
    """What to do about an engine that keeps a list which its file does not have; empty if the file has one."""
    if listed_as_insecure(node):
        return ""
    return (
        "daemon.json of node 2 lists no registry, and its engine keeps the list from before: it takes over an empty "
        'list, `"insecure-registries": []`, and not a missing one; then `kill -HUP $(pidof dockerd)`'
    )


def leads_to(node: Node, host: str, target: Node) -> bool:
    """Whether a name leads from one node to another: an entry in /etc/hosts can lead it elsewhere."""
    found = node.read_output(["getent", "ahosts", host]).stdout.split()
    return target.inner_address in found
