"""What the nodes of a playground hold on the engine's disk, in bytes and in files, as the engine has it.

Nothing in a node is asked: a student is root there. The engine reads whole volumes to count, so it is asked only where
so much is gone from its disk.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException, NotFound
from requests.exceptions import RequestException

from labs.engine import Engine
from labs.images import Catalog
from labs.playground import COURSE, FOLDER

if TYPE_CHECKING:
    from labs.grading.sandbox.isolated_playground import Place

LEAST_FREE_BYTES = 200_000_000
LEAST_FREE_FILES = 1000
_FEW_FILES = 50_000
_COUNT = "find /held -xdev | wc -l"


@dataclass(frozen=True)
class Free:
    """What is free on the engine's disk; None where that cannot be seen, or where a file system counts no files."""

    bytes: int | None = None
    files: int | None = None

    @classmethod
    def of(cls, engine: Engine) -> Free:
        """At this moment."""
        with suppress(OSError, DockerException, RequestException):
            found = os.statvfs(_root(engine))
            files = found.f_favail if found.f_files else None
            return cls(found.f_bavail * found.f_frsize, files)
        return cls()

    @property
    def is_none(self) -> bool:
        """Whether the disk is full."""
        few_bytes = self.bytes is not None and self.bytes < LEAST_FREE_BYTES
        return few_bytes or (self.files is not None and self.files < LEAST_FREE_FILES)


class Holding:
    """What the nodes of one playground take.

    Args:
        engine: The host's.
        place: The playground.
    """

    def __init__(self, engine: Engine, playground: Place) -> None:
        self._engine, self._playground = engine, playground
        self._before = Free.of(engine)

    def bytes(self, most: int) -> int:
        """Bytes of their own files; of their engines' too, where more than half of `most` is gone from the disk."""
        names = self._playground.disks
        held = sum(self._written(name) for name in names)
        if _gone(self._before.bytes, Free.of(self._engine).bytes) > most / 2:
            volumes = self._engine.client.api.df()["Volumes"] or []
            held += sum(each["UsageData"]["Size"] for each in volumes if each["Name"] in names)
        return held

    def most_files(self, most: int) -> int:
        """How many files it may hold: `most`, or half of what the disk had room for; a lesson's own are never many."""
        free = self._before.files
        return most if free is None else max(_FEW_FILES, min(most, free // 2))

    def files(self, most: int) -> int:
        """Files of theirs and of their engines; 0 where less than half of `most` is gone from the disk."""
        if _gone(self._before.files, Free.of(self._engine).files) <= most / 2:
            return 0
        return sum(self._changed(name) + self._in_volume(name) for name in self._playground.disks)

    def _written(self, name: str) -> int:
        """Bytes of a container's own layer."""
        api: Any = self._engine.client.api  # the SDK does not ask for sizes
        reply = api._get(api._url("/containers/{0}/json", name), params={"size": 1})
        return int(reply.json().get("SizeRw") or 0) if reply.ok else 0

    def _changed(self, name: str) -> int:
        """Files of a container's own layer."""
        with suppress(NotFound):
            return len(self._engine.client.api.diff(name) or [])
        return 0

    def _in_volume(self, name: str) -> int:
        """Files in a volume, counted by a container that only reads it."""
        client = self._engine.client
        try:
            labels = client.volumes.get(name).attrs["Labels"]
        except NotFound:
            return 0
        said: Any = client.containers.run(
            Catalog.read().images["node"].name,
            name=f"{name}-count",
            entrypoint=["sh", "-c", _COUNT],
            volumes={name: {"bind": "/held", "mode": "ro"}},
            labels={key: labels[key] for key in (COURSE, FOLDER)},
            network_mode="none",
            cap_drop=["ALL"],
            cap_add=["DAC_OVERRIDE"],
            read_only=True,
            remove=True,
        )
        return int(said)


def _gone(before: int | None, now: int | None) -> int:
    return 0 if before is None or now is None else before - now


_roots: dict[str, Path] = {}


def _root(engine: Engine) -> Path:
    """The engine's data folder; where it is elsewhere, no folder of this machine has that name by chance."""
    if engine.address not in _roots:
        found = engine.client.info()["DockerRootDir"] if engine.address.startswith("unix:") else ""
        _roots[engine.address] = Path(found or "/nonexistent")
    return _roots[engine.address]
