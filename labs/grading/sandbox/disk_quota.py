"""Disk quota of one submission: measures what its nodes hold on the engine's disk, and ends it above a limit.

An engine limits memory and processes itself, but on most file systems not a container's disk. With cgroups version 1,
root in a node can also lift the memory limit of its own container, so that is watched here too. No node is asked for
these figures: a student is root there. The engine is. What the engine cannot measure counts as too much: a student can
make it so, with folders nested deeper than a path can name.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, ContainerError, DockerException, NotFound
from docker.models.containers import Container
from requests.exceptions import ReadTimeout, RequestException

from labs.engine import NODE_RUNTIME, Engine
from labs.grading.debug_log import cut, log
from labs.images import Catalog
from labs.playground import COURSE, FOLDER, Cgroup

if TYPE_CHECKING:
    from labs.grading.sandbox.isolated_playground import IsolatedPlayground

# A lesson's own images and registry data take well under 1 GB and some 10,000 files; the rest is margin.
MAX_BYTES = 3_000_000_000
MAX_FILES = 1_000_000
# A machine has some 65,000 cgroups with memory in all; an engine in a node makes one for each container.
MAX_CGROUPS = 2000
# Below this the engine itself fails: it cannot write a container's configuration or extract a layer.
MIN_FREE_BYTES = 200_000_000
MIN_FREE_FILES = 1000
# A playground may always hold this many files, however few the disk has left when it starts.
_FILES_ALLOWANCE = 50_000
# A disk fills at some 100 MB/s: within one interval far less is written than the engine needs to survive.
_INTERVAL_S = 1.0
_COUNT_COMMAND = "find /held -xdev | wc -l"
# A node that is being reset, or a busy engine, may miss one look or two.
_MISSED_LOOKS = 3
# Where the disk cannot be seen from here, volumes are measured this often: the engine reads all of each.
_SELDOM_S = 15.0
# Of these runtimes it is known that they report the limits of a container; others may keep them elsewhere.
_REPORTING_RUNTIMES = (
    "",
    "runc",
    "io.containerd.runc.v2",
    "io.containerd.runtime.v1.linux",
    NODE_RUNTIME,
)


class Unmeasured(Exception):
    """The engine answered, and not with a figure; the text says what was to be measured."""


@dataclass(frozen=True)
class FreeSpace:
    """Free space on the engine's disk; None where it cannot be seen, or the file system does not count files."""

    bytes: int | None = None
    files: int | None = None

    @classmethod
    def of(cls, engine: Engine) -> FreeSpace:
        """Measure it now."""
        with suppress(OSError, DockerException, RequestException):
            found = os.statvfs(_data_folder(engine))
            # Btrfs creates inodes as it needs them, and reports a total of 0.
            files = found.f_favail if found.f_files else None
            return cls(found.f_bavail * found.f_frsize, files)
        return cls()

    @property
    def is_exhausted(self) -> bool:
        """Whether the engine can no longer work with what is left."""
        few_bytes = self.bytes is not None and self.bytes < MIN_FREE_BYTES
        return few_bytes or (self.files is not None and self.files < MIN_FREE_FILES)


class DiskUsage:
    """Measures the disk usage (bytes, files) of a playground's containers and volumes.

    Counting a volume makes the engine read all of it, so that is done only when the whole disk lost a
    corresponding amount since this object was made; where the disk cannot be seen, every `_SELDOM_S` seconds.

    Args:
        engine: The host's.
        playground: Its containers and volumes are measured.
    """

    def __init__(self, engine: Engine, playground: IsolatedPlayground) -> None:
        self._engine, self._playground = engine, playground
        self._at_start = FreeSpace.of(engine)
        # By what was measured: when it was last, and what was found then.
        self._seldom: dict[str, tuple[float, int]] = {}
        self._started = time.monotonic()

    def bytes_used(self, limit: int) -> int:
        """Bytes in container layers; with volumes where the disk lost more than half of `limit`, or cannot be seen.

        Raises:
            Unmeasured: The engine has no figure.
        """
        names = self._playground.disks
        used = sum(self._layer_bytes(name) for name in names)
        lost = _lost(self._at_start.bytes, FreeSpace.of(self._engine).bytes)
        if lost is None:
            return used + self._at_times("bytes", lambda: self._volume_bytes(names))
        return used + (self._volume_bytes(names) if lost > limit / 2 else 0)

    def files_allowed(self, limit: int) -> int:
        """`limit`, or half of the files that the disk had room for at the start, if that is less."""
        free = self._at_start.files
        return limit if free is None else max(_FILES_ALLOWANCE, min(limit, free // 2))

    def files_used(self, limit: int) -> int:
        """Files in container layers and volumes; 0 where the disk lost less than half of `limit`, or has no limit.

        Raises:
            Unmeasured: The engine cannot count them.
        """
        now = FreeSpace.of(self._engine)
        lost = _lost(self._at_start.files, now.files)
        if lost is None:
            # Seen, but without a number of files: a file system that makes inodes as it needs them.
            return 0 if now.bytes is not None else self._at_times("files", self._files)
        return self._files() if lost > limit / 2 else 0

    def _files(self) -> int:
        names = self._playground.disks
        return sum(self._layer_files(name) + self._volume_files(name) for name in names)

    def _at_times(self, what: str, measure: Callable[[], int]) -> int:
        at, found = self._seldom.get(what, (self._started, 0))
        if time.monotonic() - at >= _SELDOM_S:
            found = measure()
            self._seldom[what] = time.monotonic(), found
        return found

    def _layer_bytes(self, name: str) -> int:
        api: Any = self._engine.client.api  # the SDK's `inspect_container` does not ask for sizes
        reply = api._get(api._url("/containers/{0}/json", name), params={"size": 1})
        if reply.status_code == 404:
            return 0
        size = reply.json().get("SizeRw") if reply.ok else None
        # -1: the engine could not read all of it.
        if type(size) is not int or size < 0:
            raise Unmeasured(f"the disk of {name}")
        return size

    def _volume_bytes(self, names: list[str]) -> int:
        used = 0
        for each in self._engine.client.api.df()["Volumes"] or []:
            if each["Name"] not in names:
                continue
            size = (each.get("UsageData") or {}).get("Size")
            if type(size) is not int or size < 0:
                raise Unmeasured(f"the volume {each['Name']}")
            used += size
        return used

    def _layer_files(self, name: str) -> int:
        try:
            return len(self._engine.client.api.diff(name) or [])
        except NotFound:
            return 0
        except APIError as error:
            raise Unmeasured(f"the files of {name}") from error

    def _volume_files(self, name: str) -> int:
        """Files in a volume, counted by a container that mounts it read-only: the API does not count files."""
        client = self._engine.client
        try:
            labels = client.volumes.get(name).attrs["Labels"]
        except NotFound:
            return 0
        try:
            # The content of the volume is a student's, so this container has no network, no place to
            # write, and no capability but one to read.
            count: Any = client.containers.run(
                Catalog.read().images["node"].name,
                # Random: one that is left must not take the name of the next.
                name=f"{name}-count{secrets.token_hex(2)}",
                entrypoint=["sh", "-c", _COUNT_COMMAND],
                volumes={name: {"bind": "/held", "mode": "ro"}},
                labels={key: labels[key] for key in (COURSE, FOLDER)},
                network_mode="none",
                cap_drop=["ALL"],
                cap_add=["DAC_OVERRIDE"],  # folders of other users are counted too
                read_only=True,
                remove=True,
            )
            return int(count)
        except (APIError, ContainerError, ValueError) as error:
            raise Unmeasured(f"the files of the volume {name}") from error


class DiskQuota:
    """Enforces the quota of one playground while the block runs.

    Args:
        engine: The host's.
        playground: None where there is nothing to measure.
        end: Called once, with the reason, when the submission must end.
        max_bytes: What all nodes together may hold.
        max_files: What all nodes together may hold.
        cgroup: The parent of all its containers, whose cgroups are counted.

    Attributes:
        disk_was_full: Whether the disk was full meanwhile without this submission's doing: what failed then is a
            failure of the machine.
    """

    def __init__(
        self,
        engine: Engine,
        playground: IsolatedPlayground | None,
        end: Callable[[str], None],
        *,
        max_bytes: int = MAX_BYTES,
        max_files: int = MAX_FILES,
        cgroup: Cgroup | None = None,
    ) -> None:
        self._cgroup = cgroup
        self._engine, self._playground, self._end = engine, playground, end
        self._max_bytes, self._max_files = max_bytes, max_files
        self._usage = DiskUsage(engine, playground) if playground else None
        self._over = threading.Event()
        self.disk_was_full = self._exceeded = False
        # Two threads, because an engine of version 20.10 takes a second for the limits of each
        # node: too long between two looks at the disk.
        self._disk = threading.Thread(target=self._run, args=[self._disk_violation], daemon=True)
        self._limits = threading.Thread(target=self._run, args=[self._limit_violation], daemon=True)

    def __enter__(self) -> DiskQuota:
        if self._playground:
            self._disk.start()
            self._limits.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._playground:
            # The other thread is not waited for: it decides nothing here, and an engine of version 20.10 takes a
            # second for each node's limits.
            self._disk.join()
        full = self.disk_was_full or FreeSpace.of(self._engine).is_exhausted
        self.disk_was_full = full and not self._exceeded

    def _run(self, violation: Callable[[], str]) -> None:
        missed = 0
        while not self._over.wait(_INTERVAL_S):
            reason = ""
            try:
                reason = violation()
                missed = 0
            # Any: a watch that ends by an error of its own would conclude that all is fine.
            except Exception as error:
                if _is_engine_gone(error):
                    # Asked again; whether it is gone for good is found at the end of the run.
                    continue
                missed += 1
                log.debug("quota: not measured: %s", cut(str(error)))
                if missed >= _MISSED_LOOKS:
                    what = str(error) if isinstance(error, Unmeasured) else "what its nodes use"
                    reason = f"{what} could not be measured, which counts as too much"
            if reason and not self._over.is_set():
                self._exceeded = True
                self._end(reason)
                return

    def _limit_violation(self) -> str:
        """Which limit of the engine's was lifted; empty where none was."""
        nodes = self._playground.nodes if self._playground else ()
        if any(limits_were_lifted(node.container) for node in nodes if not self._over.is_set()):
            return "the limits of a node were lifted"
        if self._cgroup and self._cgroup.count(MAX_CGROUPS) > MAX_CGROUPS:
            return f"its nodes made more than {MAX_CGROUPS} cgroups"
        return ""

    def _disk_violation(self) -> str:
        """Which limit of this quota is exceeded; empty where none is."""
        full = FreeSpace.of(self._engine).is_exhausted
        self.disk_was_full = self.disk_was_full or full
        usage = self._usage
        assert usage
        limit = self._max_bytes
        if (used := usage.bytes_used(limit)) > limit:
            return f"its nodes held more than {limit / 1e9:g} GB of disk"
        # On a full disk, a submission with half a quota is the likely cause. A smaller one is not
        # blamed: it runs once more.
        if full and used > limit / 2:
            return f"its nodes held {used / 1e9:.1f} GB of a disk that was full"
        limit = usage.files_allowed(self._max_files)
        if usage.files_used(limit) > limit:
            return f"its nodes held more than {limit} files"
        return ""


def _is_engine_gone(error: Exception) -> bool:
    """Whether the engine did not answer at all; one that reads for a minute and has no figure then did."""
    if isinstance(error, APIError | ReadTimeout):
        return False
    return isinstance(error, DockerException | RequestException)


def limits_were_lifted(container: Container) -> bool:
    """Whether a container may use more memory or processes now than it was created with.

    Raises:
        Unmeasured: It runs, and the engine does not say what it may use.
    """
    api: Any = container.client.api if container.client else None
    created = container.attrs["HostConfig"]
    # one_shot: otherwise the engine takes a second sample a second later, to compute the CPU usage.
    now = api.stats(container.id, stream=False, one_shot=True)
    for section, wanted in (("memory_stats", "Memory"), ("pids_stats", "PidsLimit")):
        granted, limit = created[wanted] or 0, (now.get(section) or {}).get("limit") or 0
        # 0 or less when created means unlimited: nothing to lift then.
        if granted <= 0 or 0 < limit <= granted:
            continue
        if limit > granted:
            return True
        if _should_report(container):
            raise Unmeasured("the limits of a node")
    return False


def _should_report(container: Container) -> bool:
    """Whether a container without limits in its figures has none: one that does not run has no figures at all."""
    if container.attrs["HostConfig"].get("Runtime", "") not in _REPORTING_RUNTIMES:
        return False
    container.reload()
    return container.status in ("running", "paused")


def _lost(before: int | None, now: int | None) -> int | None:
    """How much less is free now; None where that cannot be seen."""
    return None if before is None or now is None else before - now


# Cached: it is needed every second, and does not change while an engine runs.
_data_folders: dict[str, Path] = {}


def _data_folder(engine: Engine) -> Path:
    """The engine's data folder; a path that does not exist here where the engine runs on another machine."""
    if engine.address not in _data_folders:
        found = engine.client.info()["DockerRootDir"] if engine.address.startswith("unix:") else ""
        _data_folders[engine.address] = Path(found or "/nonexistent")
    return _data_folders[engine.address]
