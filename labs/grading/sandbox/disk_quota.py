"""Watches what the nodes of a submission take, and ends it where that is more than any lesson needs.

An engine limits memory and processes by itself, but on most file systems no container's disk; and where cgroups are of
version 1, root in a node can lift the limits of its own container.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from labs.engine import Engine
from labs.grading.sandbox.disk_usage import Free, Holding

if TYPE_CHECKING:
    from labs.grading.sandbox.isolated_playground import Place

MOST_BYTES = 3_000_000_000
MOST_FILES = 1_000_000
_EVERY_S = 1.0


class Watch:
    """Watches one playground while the block runs.

    Args:
        engine: The host's.
        place: The playground; None where there is nothing to watch.
        end: Told why the submission is to be ended.
        most_bytes: That its nodes may hold in all.
        most_files: The same.

    Attributes:
        full: Whether the disk was full meanwhile, by somebody else's doing: what failed then is nobody's mistake.
    """

    def __init__(
        self,
        engine: Engine,
        playground: Place | None,
        end: Callable[[str], None],
        *,
        most_bytes: int = MOST_BYTES,
        most_files: int = MOST_FILES,
    ) -> None:
        self._engine, self._playground, self._end = engine, playground, end
        self._most_bytes, self._most_files = most_bytes, most_files
        self._holding = Holding(engine, playground) if playground else None
        self._over = threading.Event()
        self.full = self._told = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        if self._playground:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._playground:
            self._thread.join()
        self.full = (self.full or Free.of(self._engine).is_none) and not self._told

    def _run(self) -> None:
        while not self._over.wait(_EVERY_S):
            with suppress(DockerException, RequestException):
                if why := self._too_much():
                    self._told = True
                    self._end(why)
                    return

    def _too_much(self) -> str:
        """What its nodes took that they may not; empty where that is nothing."""
        full = Free.of(self._engine).is_none
        self.full = self.full or full
        if why := self._hoards(full=full):
            return why
        nodes = self._playground.nodes if self._playground else ()
        if any(is_unlimited(node.container) for node in nodes):
            return "the limits of a node were lifted"
        return ""

    def _hoards(self, *, full: bool) -> str:
        holding = self._holding
        assert holding
        most = self._most_bytes
        if (held := holding.bytes(most)) > most:
            return f"its nodes held more than {most / 1e9:g} GB of disk"
        if full and held > most / 2:
            return f"its nodes held {held / 1e9:.1f} GB of a disk that was full"
        most = holding.most_files(self._most_files)
        if holding.files(most) > most:
            return f"its nodes held more than {most} files"
        return ""


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
