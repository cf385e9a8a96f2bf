"""Finds the folder that a registry writes to, as its container sees it and as its node sees it."""

from __future__ import annotations

from posixpath import normpath
from typing import Any

from docker.models.containers import Container

from labs.lessons.common.registry_settings import keeps_files, setting
from labs.registry import STORAGE

_DATA = "docker/registry/v2"


def root_of(container: Container) -> str:
    """Return the folder a registry writes to, as its container sees it: from its environment, else its config file."""
    return normpath(setting(container, "storage", "filesystem", "rootdirectory") or STORAGE)


def data_on_node(container: Container) -> str:
    """Return the folder of the node with a registry's `blobs` and `repositories`; empty if it is not in a mount."""
    mount = storage_mount(container)
    below = _data_of(container).removeprefix(normpath(mount["Destination"])) if mount else ""
    return normpath(mount["Source"] + below) if mount else ""


def storage_on_node(container: Container) -> str:
    """Return the folder of the node that a registry writes to, for people to read; empty if it is not in a mount."""
    mount, data = storage_mount(container), data_on_node(container)
    # A mount of a folder between the registry's own and its data: that is where its writes begin.
    return data.removesuffix(f"/{_DATA}") if data.endswith(_DATA) else mount.get("Source", "")


def storage_mount(container: Container) -> dict[str, Any]:
    """Return the mount that a registry writes to; empty if there is none, or if it keeps no files."""
    data = _data_of(container)
    holding = [m for m in container.attrs["Mounts"] if within(data, m["Destination"])]
    # Mounts may be nested: the deepest one receives the writes.
    best: dict[str, Any] = max(holding, key=lambda m: len(normpath(m["Destination"])), default={})
    return best if best.get("Source") and keeps_files(container) else {}


def _data_of(container: Container) -> str:
    return f"{root_of(container)}/{_DATA}"


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or something below it."""
    return (normpath(path) + "/").startswith(normpath(folder) + "/")
