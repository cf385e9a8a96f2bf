"""Watches what the nodes of a submission take, and ends it where that is more than any lesson needs.

An engine limits memory and processes by itself, but on most file systems no container's disk; and where cgroups are of
version 1, root in a node can lift the limits of its own container.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from labs.engine import Engine

if TYPE_CHECKING:
    from labs.grading.place import Place

MOST_BYTES = 3_000_000_000
LEAST_FREE_BYTES = 200_000_000
LEAST_FREE_FILES = 1000
_EVERY_S = 1.0


class Watch:
    """Watches one playground while the block runs.

    Args:
        engine: The host's.
        place: The playground; None where there is nothing to watch.
        end: Told why the submission is to be ended.
        most_bytes: That its nodes may hold in all.

    Attributes:
        full: Whether the disk was full meanwhile, by somebody else's doing: what failed then is nobody's mistake.
    """

    def __init__(
        self,
        engine: Engine,
        place: Place | None,
        end: Callable[[str], None],
        *,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._engine, self._place, self._end = engine, place, end
        self._most_bytes = most_bytes
        self._over = threading.Event()
        self.full = self._told = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._free = free_bytes(engine)

    def __enter__(self) -> Watch:
        if self._place:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._place:
            self._thread.join()
        self.full = (self.full or is_full(self._engine)) and not self._told

    def _run(self) -> None:
        while not self._over.wait(_EVERY_S):
            with suppress(DockerException, RequestException):
                if why := self._too_much():
                    self._told = True
                    self._end(why)
                    return

    def _too_much(self) -> str:
        """What its nodes took that they may not; empty where that is nothing."""
        full, held = is_full(self._engine), self._held()
        self.full = self.full or full
        if held > self._most_bytes:
            return f"its nodes held more than {self._most_bytes / 1e9:g} GB of disk"
        if full and held > self._most_bytes / 2:
            return f"its nodes held {held / 1e9:.1f} GB of a disk that was full"
        nodes = self._place.nodes if self._place else ()
        if any(is_unlimited(node.container) for node in nodes):
            return "the limits of a node were lifted"
        return ""

    def _held(self) -> int:
        """What the nodes hold: their own files, and their engines' where so much is gone from the disk."""
        place = self._place
        assert place
        names = place.disks
        held = sum(_written(self._engine, name) for name in names)
        if self._free - free_bytes(self._engine) > self._most_bytes / 2:
            # Asked only then: the engine reads all its volumes for it.
            volumes = self._engine.client.api.df()["Volumes"] or []
            held += sum(each["UsageData"]["Size"] for each in volumes if each["Name"] in names)
        return held


def free_bytes(engine: Engine) -> int:
    """What is free on the engine's disk; 0 where it is another machine's."""
    with suppress(OSError, DockerException, RequestException):
        root = _root(engine)
        return shutil.disk_usage(root).free if root.is_dir() else 0
    return 0


def is_full(engine: Engine) -> bool:
    """Whether the engine's disk is, as far as it can be seen."""
    return 0 < free_bytes(engine) < LEAST_FREE_BYTES or _is_out_of_files(engine)


def _is_out_of_files(engine: Engine) -> bool:
    """Whether the disk can hold no more files; some file systems count none."""
    with suppress(OSError, DockerException, RequestException):
        found = os.statvfs(_root(engine))
        return found.f_files > 0 and found.f_favail < LEAST_FREE_FILES
    return False


def is_unlimited(container: Container) -> bool:
    """Whether a container has more memory or processes now than it was made with."""
    api: Any = container.client.api if container.client else None
    wanted = container.attrs["HostConfig"]
    seen = api.stats(container.id, stream=False, one_shot=True)
    memory = seen.get("memory_stats", {}).get("limit", 0)
    processes = seen.get("pids_stats", {}).get("limit", 0)
    return bool(
        memory > (wanted["Memory"] or memory) or processes > (wanted["PidsLimit"] or processes)
    )


_roots: dict[str, Path] = {}


def _root(engine: Engine) -> Path:
    """The engine's data folder; where it is elsewhere, no folder of this machine has that name by chance."""
    if engine.address not in _roots:
        found = engine.client.info()["DockerRootDir"] if engine.address.startswith("unix:") else ""
        _roots[engine.address] = Path(found or "/nonexistent")
    return _roots[engine.address]


def _written(engine: Engine, name: str) -> int:
    """Bytes of a container's own layer."""
    api: Any = engine.client.api  # the SDK does not ask for sizes
    reply = api._get(api._url("/containers/{0}/json", name), params={"size": 1})
    return int(reply.json().get("SizeRw") or 0) if reply.ok else 0
