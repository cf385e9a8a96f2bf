"""Where a registry's container keeps things: the folder it writes to, as it sees it and as its node sees it."""

from __future__ import annotations

import io
import re
import tarfile
from posixpath import normpath
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container

from labs.lessons.common.registry_state import STORAGE, settings_of

_ROOT_VARIABLE = "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"
_ROOT_LINE = re.compile(rb"^\s*rootdirectory:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)
_NO_FILE = 0x8F280000  # Go's os.ModeType: folders, links, pipes, sockets, devices
_MOST_BYTES = 4 << 20  # what a registry takes for a manifest


def root_of(container: Container) -> str:
    """The folder a registry writes to, as its container sees it: from its environment, else its config file."""
    if named := settings_of(container).get(_ROOT_VARIABLE):
        return normpath(named)
    configs = [word for word in container.attrs["Args"] if word.endswith((".yml", ".yaml"))]
    found = _ROOT_LINE.search(read_file(container, configs[-1]) or b"") if configs else None
    return normpath(found[1].decode()) if found else STORAGE


def storage_on_node(container: Container) -> str:
    """The folder of the node that a registry's container writes to; empty where that is no mount."""
    mount = storage_mount(container)
    root = root_of(container)
    return (
        normpath(mount["Source"] + root.removeprefix(normpath(mount["Destination"])))
        if mount
        else ""
    )


def storage_mount(container: Container) -> dict[str, Any]:
    """The mount that holds what a registry writes; empty where that is none, or in memory."""
    root = root_of(container)
    holding = [m for m in container.attrs["Mounts"] if within(root, m["Destination"])]
    best: dict[str, Any] = max(holding, key=lambda m: len(normpath(m["Destination"])), default={})
    return best if best.get("Source") else {}


def within(path: str, folder: str) -> bool:
    """Whether a path is a folder or something below it."""
    return (normpath(path) + "/").startswith(normpath(folder) + "/")


def read_file(container: Container, path: str) -> bytes | None:
    """A file as the container sees it; None for what is no file, is not there, or is longer than 4 MiB.

    Asked from the engine, which tells kind and size first: a path is an answer, and may be `/dev/zero`.
    """
    if "\0" in path:
        return None
    try:
        chunks, about = container.get_archive(path)
    except APIError as error:
        if error.status_code in (400, 404):
            return None
        raise
    if not about or about["mode"] & _NO_FILE or about["size"] > _MOST_BYTES:
        chunks.close()  # type: ignore[attr-defined]
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        file = tar.extractfile(tar.getmembers()[0])
        return file.read() if file else None
