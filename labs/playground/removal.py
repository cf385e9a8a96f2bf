"""Removes what carries the course's label on the host's engine, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from docker.errors import DockerException, NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from requests.exceptions import RequestException

from labs import course
from labs.engine import Engine
from labs.playground import creation
from labs.playground.labels import COURSE, FOLDER, NODE, Filters, course_filters
from labs.waiting import WaitTimeout, wait_until

_THAW = """
for each in $(find /sys/fs/cgroup/freezer -mindepth 2 -name freezer.state); do echo THAWED >$each; done
"""
_THAW_S = 5.0  # a shell loop over a few files; an engine that takes longer is dead


def remove_all(engine: Engine) -> list[str]:
    """Remove everything with this course folder's label; return the names of what was removed."""
    removed = remove_objects(engine, course_filters(course.course_id()))
    shutil.rmtree(course.state_folder() / "playgrounds", ignore_errors=True)
    return removed


def others(engine: Engine) -> list[str]:
    """Return the names of running containers that do not belong to this course folder."""
    own = {c.id for c in engine.client.containers.list(filters=course_filters(course.course_id()))}
    running = engine.client.containers.list(ignore_removed=True)
    return [str(c.name) for c in running if c.id not in own]


def strays(engine: Engine) -> dict[str, str]:
    """Return course folders that were deleted from this machine but left objects: course id to folder."""
    found = {
        labels[COURSE]: labels[FOLDER]
        for labels in _all_labels(engine)
        if labels.get(COURSE) and labels.get(FOLDER)
    }
    # The label is a path on this machine. Where the folder exists, its course is in use: only others are removed.
    return {owner: folder for owner, folder in found.items() if not Path(folder).is_dir()}


def remove_strays(engine: Engine) -> list[str]:
    """Remove the objects of deleted course folders; return the names of what was removed."""
    return [
        name for owner in strays(engine) for name in remove_objects(engine, course_filters(owner))
    ]


def _all_labels(engine: Engine) -> Iterator[dict[str, str]]:
    wanted: Filters = {"label": [COURSE]}
    client = engine.client
    for container in client.containers.list(all=True, filters=wanted, ignore_removed=True):
        yield container.labels
    for each in (*client.volumes.list(filters=wanted), *client.networks.list(filters=wanted)):
        yield each.attrs.get("Labels") or {}


def _remove_network(network: Network) -> None:
    network.reload()
    # A container of the student, connected by hand: it keeps running.
    for container in network.containers:
        network.disconnect(container, force=True)
    network.remove()


def _thaw(container: Container) -> None:
    """Unfreeze paused containers in a node: with cgroup v1 neither they nor the node could be killed."""
    api: Any = container.client.api if container.client else None
    # Best effort: if it fails, the removal that follows reports why.
    with suppress(DockerException, RequestException, WaitTimeout):
        run = api.exec_create(container.id, ["sh", "-c", _THAW])["Id"]
        api.exec_start(run, detach=True)
        wait_until(lambda: not api.exec_inspect(run)["Running"], "it to go on", timeout_s=_THAW_S)


def _remove_from_swarm(engine: Engine, filters: Filters) -> list[str]:
    """Remove services and configs of a killed `labs grade --swarm`: a service would start its containers again."""
    client: Any = engine.client
    removed = []
    for kind in ("service", "config"):
        for each in getattr(client, f"{kind}s").list(filters=filters):
            # Another `labs reset` may have removed it in between.
            with suppress(NotFound):
                each.remove()
                removed.append(f"{kind} {each.name}")
    return removed


def remove_objects(engine: Engine, filters: Filters) -> list[str]:
    """Remove the containers, volumes and networks that `filters` match; on a swarm, its services and configs first.

    Returns:
        Kind and name of each.
    """
    client = engine.client
    about = client.info()
    # Only a manager can list services; on any other engine the request is an error.
    removed = _remove_from_swarm(engine, filters) if about["Swarm"]["ControlAvailable"] else []
    # ignore_removed: the SDK lists first and inspects each then, and raises for one that was removed in between.
    containers = client.containers.list(all=True, filters=filters, ignore_removed=True)
    frozen = about.get("CgroupVersion", "1") == "1"  # older engines do not report it and have v1
    running = [c for c in containers if frozen and c.status == "running"]
    nodes = [c for c in running if c.labels.get(NODE, "").startswith("node")]
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(_thaw, nodes))
        list(pool.map(creation.remove_container, containers))
    removed += [f"container {c.name}" for c in containers]
    # After their containers: the engine refuses to remove a volume or a network in use.
    for volume in client.volumes.list(filters=filters):
        volume.remove(force=True)
        removed.append(f"volume {volume.name}")
    for network in client.networks.list(filters=filters):
        try:
            _remove_network(network)
        except NotFound:  # another process removed it first
            continue
        removed.append(f"network {network.name}")
    return removed
