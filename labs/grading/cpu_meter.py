"""Reads how much CPU time a submission's containers used, and how busy the machine was meanwhile.

Where the engine runs on this machine, the figures are in its cgroup folders and in /proc. Elsewhere the engine is asked
for each container, and `/proc/stat` is read by a program in the kernel's container, by the user of its relay: neither
the program nor the file can be changed by the student.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from labs.engine import Engine
from labs.grading.starvation import Sample, now_s
from labs.playground import Cgroup, cgroup_folders

_STAT = Path("/proc/stat")
# Of cgroup v1; Debian has them apart, other systems together.
_CONTROLLERS = ("cpuacct", "cpu,cpuacct")
# A node in which a student makes folders without end must not hold up the grader.
_MOST_FOLDERS, _MOST_TASKS = 300, 4000
_RELAY = "990:990"
# Where the engine is asked: it takes up to a second for each container.
_SELDOM_S = 5.0


class CpuMeter:
    """Takes samples of one submission.

    Args:
        engine: The host's.
        cgroup: The parent of all its containers.
        kernel: Id of the kernel's container.
        nodes: Gives the ids of the containers of its nodes, which a reset replaces.
    """

    def __init__(
        self, engine: Engine, cgroup: Cgroup, kernel: str, nodes: Callable[[], list[str]]
    ) -> None:
        self._engine, self._kernel, self._nodes = engine, kernel, nodes
        self._folders = _local_folders(cgroup, kernel) if cgroup.parent else None
        self._waiting = _Waiting()
        self._asked_s = -_SELDOM_S

    def sample(self) -> Sample | None:
        """How much was used up to now; None where it is too early to ask the engine again."""
        if self._folders:
            return self._local(*self._folders)
        if now_s() - self._asked_s < _SELDOM_S:
            return None
        self._asked_s = now_s()
        return self._asked()

    def _local(self, parent: Path, kernel: Path) -> Sample:
        cpus, idle_s = idle_of(_STAT.read_text())
        pressure = parent / "cpu.pressure"
        waited_s = pressed_s(pressure.read_text()) if pressure.exists() else None
        if waited_s is None and (parent / "tasks").exists():  # version 1
            waited_s = self._waiting.add(parent)
        whole_s = used_s(parent) + time.process_time()
        return Sample(now_s(), cpus, idle_s, used_s(kernel), whole_s, waited_s)

    def _asked(self) -> Sample:
        api: Any = self._engine.client.api
        used = []
        for container in (self._kernel, *self._nodes()):
            now = api.stats(container, stream=False, one_shot=True)
            used.append(now["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9)
        run = api.exec_create(self._kernel, ["cat", str(_STAT)], user=_RELAY)["Id"]
        cpus, idle_s = idle_of(api.exec_start(run).decode())
        return Sample(now_s(), cpus, idle_s, used[0], sum(used) + time.process_time())


class _Waiting:
    """Adds up the time in which a task was ready to run and did not; cgroup v1 has no figure for a group."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._at_s = now_s()
        self._total_s = 0.0

    def add(self, parent: Path) -> float:
        """Look at the tasks now; returns seconds up to now."""
        seen = {task: delay for task in tasks_of(parent) if (delay := _delay_ns(task)) is not None}
        # The longest wait of one task: of several that wait at the same time, the time counts once.
        grown = max((seen[task] - self._seen.get(task, seen[task]) for task in seen), default=0)
        at_s = now_s()
        self._total_s += min(grown / 1e9, at_s - self._at_s)
        self._seen, self._at_s = seen, at_s
        return self._total_s


def _local_folders(cgroup: Cgroup, kernel: str) -> tuple[Path, Path] | None:
    """The folders of the parent and of the kernel's container, if they are on this machine."""
    for controller in _CONTROLLERS:
        found = cgroup.folder(controller), cgroup.folder(controller, kernel)
        # The container's: only the machine that has it has a folder with its id.
        if found[1].is_dir():
            return found
    return None


def tasks_of(parent: Path) -> list[str]:
    """Ids of the tasks in a cgroup and those below it, up to a limit."""
    tasks: list[str] = []
    for folder in islice(cgroup_folders(parent), _MOST_FOLDERS):
        if len(tasks) >= _MOST_TASKS:
            break
        with suppress(OSError):  # ended meanwhile
            tasks += (folder / "tasks").read_text().split()
    return tasks[:_MOST_TASKS]


def _delay_ns(task: str) -> int | None:
    """How long a task waited for a CPU (Documentation/scheduler/sched-stats.rst); None where it has ended."""
    try:
        return int(Path(f"/proc/{task}/schedstat").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None


def used_s(folder: Path) -> float:
    """CPU time that a cgroup used, in seconds."""
    if (count := folder / "cpuacct.usage").exists():
        return int(count.read_text()) / 1e9
    for line in (folder / "cpu.stat").read_text().splitlines():
        name, _, value = line.partition(" ")
        if name == "usage_usec":
            return int(value) / 1e6
    raise ValueError(f"{folder} has no CPU time")


def pressed_s(pressure: str) -> float:
    """Seconds in which a task of a cgroup waited (Documentation/accounting/psi.rst)."""
    some = next(line for line in pressure.splitlines() if line.startswith("some"))
    return int(some.rpartition("total=")[2]) / 1e6


def idle_of(stat: str) -> tuple[int, float]:
    """Number of CPUs, and their idle seconds together (proc(5), /proc/stat); a CPU that waits for a disk is idle."""
    lines = stat.splitlines()
    cpus = sum(line.startswith("cpu") and line[3:4].isdigit() for line in lines)
    fields = [int(field) for field in lines[0].split()[1:]]
    return cpus, (fields[3] + fields[4]) / os.sysconf("SC_CLK_TCK")
