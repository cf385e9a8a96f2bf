"""The parent cgroup that all containers of one submission share, and where its figures are on this machine.

The kernel divides CPU time among siblings by weight. Without a parent of their own, every container is a sibling of
every other: eight busy ones get eight shares, and with cgroup v1 root in a node can raise the share of its own
container. Under one parent they get one share together, and the parent is out of a node's reach. The engine creates
the parent with the default weight, so all submissions have the same. It has a weight and no hard limit: with cgroup v1
a limit there would refuse `docker run --cpus` in a node where the student's own machine takes it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice, repeat
from pathlib import Path
from weakref import WeakKeyDictionary

import docker

TOP = Path("/sys/fs/cgroup")
# Few names that are used again and again: an engine that is not on this machine keeps the empty folders.
_WORKERS, _TURNS = 64, 3
_REMOVAL_S = 60
_LABEL = re.compile(r"(\d*)-(\d+)$")
# By client: all engines on unix sockets have the same base_url.
_drivers: WeakKeyDictionary[docker.APIClient, str] = WeakKeyDictionary()


@dataclass(frozen=True)
class Cgroup:
    """A parent cgroup.

    Attributes:
        name: `labs-1a2b3c4d-0-1`.
        driver: The engine's: `cgroupfs` or `systemd`; empty where it lets no one choose a parent.
    """

    name: str
    driver: str

    @property
    def parent(self) -> str | None:
        """For `cgroup_parent` of a container; None where the containers have the engine's own parent."""
        if not self.name or not self.driver:
            return None
        return f"{self.name}.slice" if self.driver == "systemd" else f"/{self.name}"

    def folder(self, controller: str, container: str = "") -> Path:
        """Its folder on a machine whose engine is there; with a container's id, that of the container in it.

        Args:
            controller: Of cgroup v1; v2 has one tree for all.
            container: The container's whole id.
        """
        path = TOP if (TOP / "cgroup.controllers").exists() else TOP / controller
        if self.driver == "systemd":
            # systemd.slice(5): a dash separates the levels, and each folder has the whole name of its level.
            words = self.name.split("-")
            for end in range(1, len(words) + 1):
                path /= "-".join(words[:end]) + ".slice"
            return path / f"docker-{container}.scope" if container else path
        return path / self.name / container if container else path / self.name

    def count(self, most: int) -> int:
        """How many cgroups are in it on this machine, counted up to `most`; 0 where it is on another."""
        try:
            for line in (self.folder("memory") / "cgroup.stat").read_text().splitlines():
                if line.startswith("nr_descendants "):
                    return int(line.split()[1])
        except OSError:  # version 1 has no such file
            pass
        return sum(1 for _ in islice(cgroup_folders(self.folder("memory")), most + 1))

    def remove(self) -> None:
        """Remove its folders from this machine, as far as they are here, unused, and this process may."""
        if not self.parent or self.driver == "systemd":  # systemd removes its own
            return
        for folder in (top / self.name for top in (TOP, *TOP.glob("*"))):
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                # What a node made in it, at any depth; a folder with a process in it stays.
                _remove_empty(folder)


def cgroup_folders(top: Path) -> Iterator[Path]:
    """A cgroup's folder and those below it, at any depth; deeper than a path can name, the same one again and again.

    Not `os.walk`, which until Python 3.12 calls itself for each level.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                below = [Path(each) for each in entries if each.is_dir(follow_symlinks=False)]
        except FileNotFoundError:
            continue  # ended meanwhile, or never there
        except OSError:
            # A name that is too long: those that count or look stop at limits of their own.
            yield from repeat(folder)
        yield folder
        waiting += below


def _remove_empty(folder: Path) -> None:
    command = ["find", str(folder), "-depth", "-type", "d", "-delete"]
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(command, capture_output=True, check=False, timeout=_REMOVAL_S)


def cgroup_name(course: str, label: str) -> str:
    """The parent cgroup of the sandbox with this label; two that run at the same time have different ones.

    Args:
        course: Id of the course folder.
        label: `<token><number of the worker>-<number of its sandbox>`.
    """
    found = _LABEL.search(label)
    worker, turn = (int(found[1] or 0), int(found[2])) if found else (0, 0)
    # A worker has up to three at a time: one in use, the next one, and one that is being removed.
    return f"labs-{course}-{worker % _WORKERS}-{turn % _TURNS}"


def cgroup_of(client: docker.DockerClient, name: str) -> Cgroup:
    """A parent cgroup of this name on an engine; `Cgroup.parent` is None where the engine takes none."""
    if client.api not in _drivers:
        found = client.info().get("CgroupDriver", "")
        _drivers[client.api] = found if found in ("cgroupfs", "systemd") else ""
    return Cgroup(name, _drivers[client.api])
