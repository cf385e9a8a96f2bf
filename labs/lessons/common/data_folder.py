"""Finds the folder that a registry writes to, as its container sees it and as its node sees it."""

from __future__ import annotations

from posixpath import normpath
from typing import Any

from docker.models.containers import Container

from labs.lessons.common.registry_settings import read_settings, setting
from labs.registry import STORAGE

_DATA = "docker/registry/v2"


def root_of(container: Container) -> str:
    """Return the folder a registry writes to, as its container sees it: from its environment, else its config file."""
    return normpath(setting(container, "storage", "filesystem", "rootdirectory") or STORAGE)


def data_on_node(container: Container) -> str:
    """Return the folder of the node with a registry's `blobs` and `repositories`; empty if it is not in a mount."""
    return _found(container)[1]


def storage_on_node(container: Container) -> str:
    """Return the folder of the node that a registry writes to, for people to read; empty if it is not in a mount."""
    mount, data = _found(container)
    # A mount of a folder between the registry's own and its data: that is where its writes begin.
    return data.removesuffix(f"/{_DATA}") if data.endswith(_DATA) else mount.get("Source", "")


def storage_mount(container: Container) -> dict[str, Any]:
    """Return the mount that a registry writes to; empty if there is none, or if it keeps no files."""
    return _found(container)[0]


def blob_file(data: str, digest: str) -> str:
    """The path of a blob's file.

    Args:
        data: A registry's `docker/registry/v2`, as a container or a node sees it.
        digest: Of the blob.
    """
    algorithm, _, digits = digest.partition(":")
    return f"{data}/blobs/{algorithm}/{digits[:2]}/{digits}/data"


def _found(container: Container) -> tuple[dict[str, Any], str]:
    """The mount that a registry writes to, and its data as the node sees them; both empty without a mount or files."""
    settings = read_settings(container)
    data = f"{normpath(settings.root)}/{_DATA}"
    holding = [m for m in container.attrs["Mounts"] if within(data, m["Destination"])]
    # Mounts may be nested: the deepest one receives the writes.
    mount: dict[str, Any] = max(holding, key=lambda m: len(normpath(m["Destination"])), default={})
    if settings.driver != "filesystem" or not mount.get("Source"):
        return {}, ""
    below = data.removeprefix(normpath(mount["Destination"]))
    return mount, normpath(mount["Source"] + below)


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or something below it."""
    return (normpath(path) + "/").startswith(normpath(folder) + "/")
