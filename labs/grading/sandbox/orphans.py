"""Objects of graders that no longer run: found by the token in their names, and removed by the next grader.

A grader holds a lock on a file named by its token for as long as it runs. The operating system releases the lock when
the process ends, however it ends, so a file that can be locked belongs to a grader that is gone.
"""

from __future__ import annotations

import fcntl
import re
from pathlib import Path
from typing import IO

from labs import course
from labs.engine import Engine
from labs.errors import LabsError
from labs.grading.debug_log import cut, log
from labs.playground import course_filters, remove_objects


class Lease:
    """A token in use: objects named with it belong to a running process.

    Args:
        token: Prefix of the names.
    """

    def __init__(self, token: str) -> None:
        self._path = _folder() / f"{token}.lock"
        self._lock = self._path.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def release(self) -> None:
        """End it, when everything named with the token is removed."""
        # Before the lock is released, so that no other grader takes the file for an orphan's.
        self._path.unlink(missing_ok=True)
        self._lock.close()


def remove_orphans(engine: Engine) -> list[str]:
    """Remove the objects of this course's graders that no longer run; returns their names.

    What cannot be removed keeps no one from grading: its lock stays, so that the next grader tries again.
    """
    removed: list[str] = []
    for path in sorted(_folder().glob("*.lock")):
        with path.open("w") as lock:
            if not _is_free(lock):
                continue
            try:
                removed += remove_created_by(engine, path.stem)
            except LabsError as error:
                log.debug("orphans of %s are left: %s", path.stem, cut(error.message))
                continue
            path.unlink(missing_ok=True)
    return removed


def remove_created_by(engine: Engine, token: str) -> list[str]:
    """Remove the objects whose names were made with `token`; returns the names.

    Raises:
        LabsError: Some could not be removed; the message names them.
    """
    # The token, a worker's number, a sandbox's number: `-g1a2b3c0-7-`.
    pattern = re.compile(rf"-{re.escape(token)}\d*-\d+(-|$)")
    filters = course_filters(course.course_id())
    removed = remove_objects(engine, filters, named=pattern.search)
    return [each.partition(" ")[2] for each in removed]


def _folder() -> Path:
    folder = course.state_folder() / "grading"
    folder.mkdir(exist_ok=True)
    return folder


def _is_free(lock: IO[str]) -> bool:
    try:
        # LOCK_NB: a grader that runs keeps its lock for hours.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
