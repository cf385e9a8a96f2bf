"""Finds the folder that a registry writes to, as its container sees it and as its node sees it."""

from __future__ import annotations

import io
import re
import tarfile
from posixpath import normpath
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container

from labs.lessons.common.registry_state import settings_of
from labs.registry import STORAGE

_ROOT_VARIABLE = "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"
_ROOT_LINE = re.compile(rb"^\s*rootdirectory:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_NOT_REGULAR = 0x8F280000  # Go's os.ModeType: folders, links, pipes, sockets, devices
# 4 MiB, the size limit of a manifest in distribution: as large as anything that a check reads.
_MAX_BYTES = 4 << 20


def root_of(container: Container) -> str:
    """Return the folder a registry writes to, as its container sees it: from its environment, else its config file."""
    if named := settings_of(container).get(_ROOT_VARIABLE):
        return normpath(named)
    configs = [word for word in container.attrs["Args"] if word.endswith((".yml", ".yaml"))]
    # A search by line, not a YAML parser: the file is the student's, and one value of it is needed.
    found = _ROOT_LINE.search(read_file(container, configs[-1]) or b"") if configs else None
    return normpath(found[1].decode()) if found else STORAGE


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


def read_file(container: Container, path: str) -> bytes | None:
    """Return a file as the container sees it; None if it does not exist, is not a regular file, or exceeds 4 MiB.

    The path may be an untrusted answer such as `/dev/zero`: the engine reports type and size before the content.
    """
    # A path cannot hold a zero byte; it comes from an answer, so anything can be in it.
    if "\0" in path:
        return None
    try:
        chunks, about = container.get_archive(path)
    except APIError as error:
        if error.status_code in (400, 404):
            return None
        raise
    if not about or about["mode"] & _NOT_REGULAR or about["size"] > _MAX_BYTES:
        # The content is not read: it may be endless.
        chunks.close()  # type: ignore[attr-defined]
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        file = tar.extractfile(tar.getmembers()[0])
        return file.read() if file else None
