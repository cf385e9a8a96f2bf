"""Finds the folder that a registry writes to, as its container sees it and as its node sees it."""

from __future__ import annotations

from posixpath import normpath
from typing import Any

from docker.models.containers import Container

from labs.lessons.common.registry_settings import setting
from labs.registry import STORAGE


def root_of(container: Container) -> str:
    """Return the folder a registry writes to, as its container sees it: from its environment, else its config file."""
    return normpath(setting(container, "storage", "filesystem", "rootdirectory") or STORAGE)


def storage_on_node(container: Container) -> str:
    """Return the folder of the node that a registry writes to; empty if it is not a mount."""
    mount = storage_mount(container)
    root = root_of(container)
    return (
        normpath(mount["Source"] + root.removeprefix(normpath(mount["Destination"])))
        if mount
        else ""
    )


def storage_mount(container: Container) -> dict[str, Any]:
    """Return the mount that a registry writes to; empty if there is none, or if it is in memory."""
    root = root_of(container)
    holding = [m for m in container.attrs["Mounts"] if within(root, m["Destination"])]
    # Mounts may be nested: the deepest one receives the writes.
    best: dict[str, Any] = max(holding, key=lambda m: len(normpath(m["Destination"])), default={})
    return best if best.get("Source") else {}


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or something below it."""
    return (normpath(path) + "/").startswith(normpath(folder) + "/")
