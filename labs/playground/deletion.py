"""Deletes one container, volume or network of the course, also one that the engine cannot delete by itself.

An engine deletes a folder by opening each level of it, so folders nested deeper than it may open files stay, and with
them the container or the volume ("too many open files"). A program that anyone may run in a node makes such folders.
A container of this module empties them with `find`, which needs a few open files at any depth.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from docker.models.volumes import Volume
from requests.exceptions import ReadTimeout, RequestException

from labs.engine import Engine
from labs.images import Catalog
from labs.playground.cgroups import cgroup_folders
from labs.playground.labels import NODE, SPEC
from labs.waiting import WaitTimeout, wait_until

_EMPTY = ("find", "/held", "-xdev", "-mindepth", "1", "-delete")
# A million files take about a minute on a slow disk; the engine goes on with it after its answer has timed out.
_DELETION_S = 600.0
_AGAIN_S = 0.3
_THAW = """
for each in $(find /sys/fs/cgroup/freezer -mindepth 2 -name freezer.state); do echo THAWED >$each; done
"""
_MOST_CGROUPS = 100_000
_THAW_S = 5.0  # a shell loop over a few files; an engine that takes longer is dead


def remove_container(container: Container) -> None:
    """Remove a container and its anonymous volumes; do nothing if it does not exist any more.

    Raises:
        APIError: The engine refused, or it is still there after minutes.
    """

    def remove() -> None:
        # v: an image may declare volumes, which the engine creates without a name or a label to find them by.
        container.remove(force=True, v=True)

    # Where the engine keeps what the container wrote. Read before: a container that was half removed may not say it.
    layer = ((container.attrs.get("GraphDriver") or {}).get("Data") or {}).get("UpperDir", "")
    _remove(remove, _emptying(container, layer, container.labels))


def remove_volume(volume: Volume) -> None:
    """Remove a volume; do nothing if it does not exist any more.

    Raises:
        APIError: The engine refused, or it is still there after minutes.
    """
    # Without `force`: with it, an engine that fails forgets the volume's labels and keeps its files.
    empty = _emptying(volume, str(volume.name), volume.attrs.get("Labels") or {})
    _remove(volume.remove, empty)


def remove_network(network: Network) -> None:
    """Remove a network; do nothing if it does not exist any more. Containers on it are disconnected first."""
    with suppress(NotFound):
        network.reload()
        # A container of the student, connected by hand: it keeps running.
        for container in network.containers:
            network.disconnect(container, force=True)
        network.remove()


def thaw(engine: Engine, container: Container) -> None:
    """Unfreeze paused containers in a node: with cgroup v1 neither they nor the node could be killed."""
    # From outside where that is possible: a student is root in the node, and may leave no process free for `exec`.
    if engine.address.startswith("unix:") and os.geteuid() == 0:
        _thaw_from_outside(int((container.attrs.get("State") or {}).get("Pid") or 0))
    api: Any = container.client.api if container.client else None
    # Best effort: if it fails, the removal that follows reports why.
    with suppress(DockerException, RequestException, WaitTimeout):
        run = api.exec_create(container.id, ["sh", "-c", _THAW])["Id"]
        api.exec_start(run, detach=True)
        wait_until(lambda: not api.exec_inspect(run)["Running"], "it to go on", timeout_s=_THAW_S)


def _thaw_from_outside(pid: int) -> None:
    """Unfreeze the cgroups below that of a process of this machine; nothing where it has none of version 1."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines() if pid else []
        for path in (line.split(":", 2)[2] for line in lines if ":freezer:" in line):
            if path.strip("/"):  # never the whole machine's
                top = Path(f"/sys/fs/cgroup/freezer{path}")
                for folder in islice(cgroup_folders(top), _MOST_CGROUPS):
                    (folder / "freezer.state").write_text("THAWED")


def _remove(remove: Callable[[], Any], empty: Callable[[], None]) -> None:
    """Remove an object; empty it first where the engine fails at its files."""
    try:
        _remove_patiently(remove)
    except APIError as error:
        if error.status_code is None or error.status_code < 500:
            raise
        empty()
        _remove_patiently(remove)


def _remove_patiently(remove: Callable[[], Any]) -> None:
    """Ask until it is gone: an engine goes on with what a request began that timed out."""

    def is_gone() -> bool:
        try:
            remove()
        except NotFound:
            return True
        except ReadTimeout:
            return False
        except APIError as error:
            # 409 has other reasons too, such as a volume in use; with these words it is being removed.
            if error.status_code == 409 and "already in progress" in str(error.explanation):
                return False
            raise
        return True

    what = "the engine to delete its files"
    wait_until(is_gone, what, timeout_s=_DELETION_S, interval_s=_AGAIN_S)


def _emptying(thing: Container | Volume, source: str, labels: dict[str, str]) -> Callable[[], None]:
    """A function that deletes all files of a container's layer (a folder of the engine's) or of a volume."""

    def empty() -> None:
        client = thing.client
        if not source or client is None:  # a storage driver that has no such folder
            return
        # With the course's labels, and a name that begins as that of the object: so any removal finds both.
        kept = {key: value for key, value in labels.items() if key not in (NODE, SPEC)}
        helper = _start_helper(client, f"{thing.name}-empty{secrets.token_hex(2)}", source, kept)
        try:
            helper.wait(timeout=_DELETION_S)
        finally:
            helper.remove(force=True)

    return empty


def _start_helper(
    client: docker.DockerClient, name: str, source: str, labels: dict[str, str]
) -> Container:
    return client.containers.run(
        Catalog.read().images["node"].name,
        list(_EMPTY[1:]),
        entrypoint=_EMPTY[0],
        name=name,
        labels=labels,
        detach=True,
        volumes={source: {"bind": "/held", "mode": "rw"}},
        # The files are a student's: nothing but them can be reached, and no program among them is run.
        network_mode="none",
        read_only=True,
        cap_drop=["ALL"],
        # Folders of other users, with and without the sticky bit.
        cap_add=["DAC_OVERRIDE", "FOWNER"],
        security_opt=["no-new-privileges", "label=disable"],
        mem_limit="512m",
        pids_limit=16,
    )
