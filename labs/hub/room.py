"""Room on the disk: a hub whose disk is full can note nothing any more, so pushes end before that."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from django.conf import settings

_LEAST_SHARE, _LEAST_BYTES = 0.05, 200 << 20
_REPOSITORIES = "registry/docker/registry/v2/repositories"
_KEPT_TICKS = 600


def has_room() -> bool:
    """Whether what is pushed still fits: 5 % and 200 MB are left."""
    return _free_bytes() > _least_bytes()


class UploadGuard:
    """Drops uploads that go on when there is no room: their tokens were given before, and last for minutes.

    The registry keeps an upload that failed for days, and while the disk is full nobody can log in.
    """

    def __init__(self) -> None:
        self._dropped: dict[int, int] = {}

    def look(self) -> int:
        """Drop the largest uploads until half of the room is left; return how many. Called some times a second."""
        for number, idle in list(self._dropped.items()):
            # Removed, and perhaps still written by the registry: what comes is not kept.
            written = os.fstat(number).st_blocks > 0
            os.ftruncate(number, 0)
            self._dropped[number] = 0 if written else idle + 1
            if idle > _KEPT_TICKS:
                os.close(number)
                del self._dropped[number]
        dropped = 0
        if _is_short():
            for data in _largest_first():
                self._drop(data)
                dropped += 1
                if not _is_short():
                    break
        return dropped

    def _drop(self, data: Path) -> None:
        # First removed, then emptied: the registry looks for the path when an upload ends, and would else take an
        # emptied file for the blob whose digest it has counted.
        with suppress(OSError):
            number = os.open(data, os.O_RDWR)
            data.unlink()
            os.ftruncate(number, 0)
            self._dropped[number] = 0
        shutil.rmtree(data.parent, ignore_errors=True)


def drop_unfinished() -> None:
    """At the start, when nothing is on its way: remove what is left of uploads."""
    for data in _largest_first():
        shutil.rmtree(data.parent, ignore_errors=True)


def _largest_first() -> list[Path]:
    found = []
    for data in (settings.DATA / _REPOSITORIES).glob("**/_uploads/*/data"):
        with suppress(OSError):
            found.append((data.stat().st_size, data))
    return [data for _, data in sorted(found, reverse=True)]


def _is_short() -> bool:
    return _free_bytes() < _least_bytes() / 2


def _free_bytes() -> int:
    return shutil.disk_usage(settings.DATA).free


def _least_bytes() -> float:
    return max(_LEAST_BYTES, _LEAST_SHARE * shutil.disk_usage(settings.DATA).total)
