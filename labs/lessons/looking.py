"""What the checks of several lessons look at: a registry on a port of a node, and the containers behind it."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from docker.models.containers import Container

from labs.lesson.exercise import Finding, not_attempted, not_yet
from labs.playground import Node
from labs.registry import Manifest, RegistryClient, RegistryError
from labs.waiting import WaitTimeout, wait_until

STORAGE = "/var/lib/registry"
_PATIENCE_S = 3.0


def containers_of(node: Node, image: str = "registry") -> list[Container]:
    """Containers of the node made from an image whose repository is `image`, newest first."""
    every = node.docker.containers.list(all=True, ignore_removed=True)
    return [c for c in every if c.attrs["Config"]["Image"].split(":")[0].split("/")[-1] == image]


def on_port(node: Node, port: int) -> Container | None:
    """The running container that is reached on a port of the node; None where it is published by no container."""
    for container in node.docker.containers.list(ignore_removed=True):
        if port in _published(container):
            return container
    for container in containers_of(node):
        if container.status == "running" and container.attrs["HostConfig"]["NetworkMode"] == "host":
            return container
    return None


def no_registry(node: Node, port: int) -> Finding | None:
    """None where a registry answers on `port` of the node; otherwise what is there instead.

    A container that was started a moment ago gets a few seconds: it runs before it listens.
    """
    registry = RegistryClient(node.url(port))
    try:
        if any(port in _published(c) for c in containers_of(node) if c.status == "running"):
            with suppress(WaitTimeout):
                wait_until(registry.speaks, "the registry", timeout_s=_PATIENCE_S)
        registry.catalog()
    except RegistryError as error:
        if error.status:
            return not_yet(
                f"something answers on port {port} with status {error.status}, but it is no registry",
                hint="the image to run is registry:2",
            )
        return _why_silent(node, port)
    except (KeyError, ValueError):
        return not_yet(
            f"something answers on port {port}, but it is no registry",
            hint="the image to run is registry:2",
        )
    return None


def _why_silent(node: Node, port: int) -> Finding:
    """Nothing answers on the port: tell what is there of a registry, as far as it can be seen."""
    found = containers_of(node)
    published = {p: c for c in found for p in _published(c)}
    if port in published and published[port].status == "running":
        inside = _published(published[port])[port]
        return not_yet(
            f"container {published[port].name} publishes its port {inside} as {port}, and nothing answers there",
            hint=f'the registry listens on 5000 in its container: ports={{"5000/tcp": {port}}}',
        )
    stopped = [c for c in found if c.status != "running" and port in _wanted(c)]
    if stopped:
        return not_yet(
            f"container {stopped[0].name} is {stopped[0].status}, wanted running",
            hint=f'docker.containers.get("{stopped[0].name}").logs() tells why',
        )
    if port not in published and port != 5000 and found:
        ports = sorted({p for c in found for p in _wanted(c)})
        return not_attempted(
            f"run a registry that answers on port {port}; registries publish {ports}"
        )
    return not_attempted(f"run a registry that answers on port {port}")


def _published(container: Container) -> dict[int, int]:
    """Ports that a running container publishes on its node: outside to inside."""
    return _pairs((container.attrs["NetworkSettings"]["Ports"] or {}).items())


def _wanted(container: Container) -> dict[int, int]:
    """Ports that a container would publish if it ran: outside to inside."""
    return _pairs((container.attrs["HostConfig"]["PortBindings"] or {}).items())


def _pairs(items: Iterable[tuple[str, list[dict[str, str]] | None]]) -> dict[int, int]:
    return {
        int(binding["HostPort"]): int(inside.split("/")[0])
        for inside, bindings in items
        for binding in bindings or []
        if binding["HostPort"]
    }


def storage_on_node(container: Container) -> str:
    """The folder of the node that a registry's container writes to; empty where that is no mount.

    The registry's folder is that of its image unless REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY names another.
    """
    settings = dict(entry.partition("=")[::2] for entry in container.attrs["Config"]["Env"] or [])
    root = posixpath.normpath(settings.get("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY", STORAGE))
    return path_on_node(container, root)


def path_on_node(container: Container, path: str) -> str:
    """Where a path inside a container lies on its node; empty where it is in no mount."""
    path, best = posixpath.normpath(path), ("", "")
    for mount in container.attrs["Mounts"]:
        inside = posixpath.normpath(mount["Destination"])
        if (path + "/").startswith(inside + "/") and len(inside) > len(best[0]):
            best = (inside, posixpath.normpath(mount["Source"]))
    return best[1] + path.removeprefix(best[0]) if best[0] else ""


def listed(values: Iterable[str]) -> str:
    """Values as a JSON list, sorted, the same in every message."""
    return json.dumps(sorted(values))


def tags_of(registry: RegistryClient, repository: str) -> list[str]:
    """Tags of a repository, none where the registry has no such repository."""
    try:
        return registry.tags(repository)
    except RegistryError as error:
        if error.status == 404:
            return []
        raise


def config_of(registry: RegistryClient, repository: str, reference: str) -> dict[str, Any]:
    """The image config that a tag or digest leads to; empty where it leads to no image."""
    manifest = registry.manifest(repository, reference)
    if not isinstance(manifest, Manifest):
        return {}
    config: dict[str, Any] = json.loads(registry.blob(repository, manifest.config.digest))
    return config
