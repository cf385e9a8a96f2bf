"""How large the two folders of a registry are, in whole megabytes: the same on every disk."""

from __future__ import annotations

from typing import Any

from docker.models.containers import Container

_COMMAND = "cd /var/lib/registry/docker/registry/v2 && du -sk blobs repositories"


def sizes(container: Container) -> str:
    """The size of the blobs, and that of the repositories, where unfinished uploads are too."""
    output: Any = container.exec_run(["sh", "-c", _COMMAND]).output
    words = output.decode().split()
    blobs, repositories = (round(int(each) / 1000) for each in words[::2])
    return f"megabytes of blobs: {blobs}, of repositories: {repositories}"
