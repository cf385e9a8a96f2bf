"""The state of a registry on a port of a node, and of the containers behind it.

The text of a verdict is the same on every run: it has no ids, no times, no ports that the engine chose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress

from docker.models.containers import Container

from labs.engine import log_of_last_run
from labs.lesson import Finding, not_attempted, not_yet
from labs.lessons.common.registry_settings import setting, settings_of
from labs.playground import Node
from labs.registry import STORAGE, RegistryClient, RegistryError
from labs.waiting import WaitTimeout, wait_until

REGISTRY_PORT = 5000
_PATIENCE_S = 3.0  # a container runs before it listens, on a busy machine by seconds
# Names that Docker makes up, such as `quirky_turing`.
_GENERATED = re.compile(r"[a-z]+_[a-z]+\d?")


def registries_of(node: Node) -> list[Container]:
    """Return the node's containers that were made from a registry's image, newest first, running or not.

    The image may have another name or be given by its id, so the volume that it declares is compared too.
    """
    every = node.docker.containers.list(all=True, ignore_removed=True)
    return [container for container in every if _is_registry(container)]


def _is_registry(container: Container) -> bool:
    config = container.attrs["Config"]
    # The last part of the repository, without tag and digest: `127.0.0.1:5000/library/registry:2` counts too.
    repository = config["Image"].split("@")[0].rsplit("/", 1)[-1].split(":")[0]
    return repository == "registry" or STORAGE in (config.get("Volumes") or {})


def on_port(node: Node, port: int) -> Container | None:
    """Return the running container behind a port of the node, published or on the node's own network."""
    running = node.docker.containers.list(ignore_removed=True)
    # Published ports first: they are certain, while a container on the node's network may listen or not.
    for reached in (_published, _own_ports):
        for container in running:
            if port in reached(container):
                return container
    return None


def named(container: Container) -> str:
    """Name a container in a message; a name that the engine made up is left out, since it differs on the next run."""
    name = str(container.name)
    return "a container" if _GENERATED.fullmatch(name) else f"container {name}"


def no_registry(node: Node, port: int, *, left: str = "") -> Finding | None:
    """Return None if a registry answers on `port` of the node; otherwise what is there instead.

    A container that was just started gets a few seconds: it runs before it listens.

    Args:
        node: Where to look.
        port: Where it should answer.
        left: Name of a container on port 5000 that the lesson's own cells start; it does not count as an attempt.
    """
    registry = RegistryClient(node.url(port))
    container = on_port(node, port)
    if container and container.status != "running":
        return _not_running(container)
    try:
        if container:
            _let_it_start(container, registry)
        registry.catalog()
    except RegistryError as error:
        return _refused(port, error) if error.status else _why_silent(node, port, left)
    # An answer with status 200 that is not a catalog: a web server, or JSON of another form.
    except (LookupError, TypeError, ValueError):
        return not_yet(
            f"something answers on port {port}, but it is not a registry", hint=_IMAGE_HINT
        )
    return None


def _let_it_start(container: Container, registry: RegistryClient) -> None:
    """Wait until the port answers, but not if the registry logs that it listens: then the port is the mistake."""
    with suppress(WaitTimeout):
        wait_until(
            lambda: registry.speaks() or b"listening on" in log_of_last_run(container),
            "the registry",
            timeout_s=_PATIENCE_S,
        )


_IMAGE_HINT = "the image to run is registry:2"


def _refused(port: int, error: RegistryError) -> Finding:
    if error.status and error.status >= 500:
        return not_yet(
            f"the registry on port {port} answers with status {error.status}",
            hint="its log tells why: docker.containers.get(…).logs(). Was its folder removed while it ran?",
        )
    return not_yet(
        f"something answers on port {port} with status {error.status}, but it is not a registry",
        hint=_IMAGE_HINT,
    )


def _why_silent(node: Node, port: int, left: str) -> Finding:
    """Say why nothing answers on the port, as far as the containers show it."""
    if container := on_port(node, port):
        return _nothing_inside(container, port)
    tried = [c for c in registries_of(node) if not (c.name == left and _wanted(c) == {5000: 5000})]
    # One that was meant for this port is explained before any other.
    tried.sort(key=lambda c: port not in _wanted(c))
    if not tried:
        return not_attempted(f"run a registry that answers on port {port}")
    container = tried[0]
    if container.status != "running":
        return _not_running(container)
    return not_yet(
        f"{named(container)} {_where(container)}, wanted its port {REGISTRY_PORT} as {port}",
        hint=f"the container's port is on the left, the node's on the right: ports={{\"5000/tcp\": {port}}}",
    )


def _not_running(container: Container) -> Finding:
    call = "unpause()" if container.status == "paused" else "logs()"
    why = "lets it go on" if container.status == "paused" else "tells why, where it ever ran"
    return not_yet(
        f"{named(container)} is {container.status}, wanted running",
        hint=f'docker.containers.get("{container.name}").{call} {why}',
    )


def _nothing_inside(container: Container, port: int) -> Finding:
    """Say why a container that publishes the port does not answer."""
    inside = (_published(container) or _own_ports(container))[port]
    hint = f'the registry listens on 5000 in its container: ports={{"5000/tcp": {port}}}'
    if not _is_registry(container):
        hint = _IMAGE_HINT
    elif address := settings_of(container).get("REGISTRY_HTTP_ADDR"):
        hint = f"REGISTRY_HTTP_ADDR makes it listen on {address} in its container: leave it out"
    return not_yet(
        f"{named(container)} publishes its port {inside} as {port}, and nothing answers there",
        hint=hint,
    )


def _where(container: Container) -> str:
    if own := _own_ports(container):
        return f"listens on the node's port {min(own)}"
    if pairs := _wanted(container):
        return " and ".join(f"publishes its port {pairs[out]} as {out}" for out in sorted(pairs))
    if pairs := _published(container):
        return f"publishes its port {min(pairs.values())} as a port that the engine chose"
    return "publishes no port"


def _published(container: Container) -> dict[int, int]:
    """Return the ports that a running container publishes: port of the node to port of the container."""
    return _pairs((container.attrs["NetworkSettings"]["Ports"] or {}).items())


def _wanted(container: Container) -> dict[int, int]:
    """Return the ports that a container is configured to publish: port of the node to port of the container."""
    return _pairs((container.attrs["HostConfig"]["PortBindings"] or {}).items())


def _own_ports(container: Container) -> dict[int, int]:
    """Return the port of a registry on its node's own network, the same inside and outside."""
    if container.attrs["HostConfig"]["NetworkMode"] != "host" or not _is_registry(container):
        return {}
    address = setting(container, "http", "addr") or f":{REGISTRY_PORT}"
    port = address.rpartition(":")[2]
    return {int(port): int(port)} if port.isdecimal() else {}


def _pairs(items: Iterable[tuple[str, list[dict[str, str]] | None]]) -> dict[int, int]:
    return {
        int(binding["HostPort"]): int(inside.split("/")[0])
        for inside, bindings in items
        for binding in bindings or []
        # Both mean that the engine chooses a port.
        if binding["HostPort"] not in ("", "0")
    }


def listed(values: Iterable[str]) -> str:
    """Return values as a sorted JSON list, the same in every message."""
    return json.dumps(sorted(values))


def tags_of(registry: RegistryClient, repository: str) -> list[str]:
    """Return the tags of a repository; none if the registry does not have it."""
    try:
        return registry.tags(repository)
    except RegistryError as error:
        if error.status == 404:
            return []
        raise
