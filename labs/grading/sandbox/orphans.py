"""What a grader that was ended at once has left on the engine: found by its name, and removed by the next one.

A grader holds a lock on a file with the token that its names begin with; the lock ends with its process, however
that ends.
"""

from __future__ import annotations

import fcntl
import re
from pathlib import Path
from typing import IO, Any

from docker.errors import NotFound

from labs import course
from labs.engine import Engine
from labs.playground import course_filters, remove_container


class Claim:
    """A token in use: what is named with it belongs to a process that lives.

    Args:
        token: Begins the names.
    """

    def __init__(self, token: str) -> None:
        self._path = _folder() / f"{token}.lock"
        self._lock = self._path.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def release(self) -> None:
        """Nothing is named so any more."""
        self._path.unlink(missing_ok=True)
        self._lock.close()


def remove_strays(engine: Engine) -> list[str]:
    """Remove what graders of this course that live no more have left; return the names."""
    removed: list[str] = []
    for path in sorted(_folder().glob("*.lock")):
        with path.open("w") as lock:
            if _is_free(lock):
                removed += remove_leftovers(engine, path.stem)
                path.unlink(missing_ok=True)
    return removed


def remove_leftovers(engine: Engine, token: str) -> list[str]:
    """Remove what names made with `token` belong to; return them."""
    client, filters = engine.client, course_filters(course.course_id())
    ours = re.compile(rf"-{re.escape(token)}\d*-\d+(-|$)")
    removed: list[str] = []
    for container in client.containers.list(all=True, filters=filters, ignore_removed=True):
        if ours.search(str(container.name)):
            remove_container(container)
            removed.append(str(container.name))
    others: list[Any] = [
        *client.volumes.list(filters=filters),
        *client.networks.list(filters=filters),
    ]
    for each in others:
        if ours.search(str(each.name)):
            try:
                each.remove()
            except NotFound:
                continue
            removed.append(str(each.name))
    return removed


def _folder() -> Path:
    folder = course.state_folder() / "grading"
    folder.mkdir(exist_ok=True)
    return folder


def _is_free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
