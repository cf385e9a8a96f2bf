"""Removes what carries the course's label on the host's engine, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from requests.exceptions import RequestException

from labs import course
from labs.engine import Engine
from labs.playground import deletion
from labs.playground.labels import COURSE, FOLDER, NODE, Filters, course_filters
from labs.playground.node_errors import PlaygroundError
from labs.waiting import WaitTimeout


class RemovalError(PlaygroundError):
    """Some objects could not be removed; all others were.

    Attributes:
        left: Kind and name of each, with the engine's words.
        removed: Kind and name of what was removed all the same.
    """

    def __init__(self, left: dict[str, str], removed: list[str]) -> None:
        words = "; ".join(f"{name}: {reason}" for name, reason in left.items())
        super().__init__(
            f"removed {len(removed)} objects, and could not remove {len(left)}: {words}",
            hint="`labs reset` tries again; a full disk, or an engine that hangs, keeps it from that",
        )
        self.left, self.removed = left, removed


def remove_all(engine: Engine) -> list[str]:
    """Remove everything with this course folder's label; return the names of what was removed.

    Raises:
        RemovalError: Something is left. Its certificates are kept then, so that it can still be used.
    """
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
    """Remove the objects of deleted course folders; return the names of what was removed.

    Raises:
        RemovalError: Something is left.
    """
    work = _Removal()
    for owner in strays(engine):
        _remove_into(work, engine, course_filters(owner), None)
    return work.done()


def _all_labels(engine: Engine) -> Iterator[dict[str, str]]:
    wanted: Filters = {"label": [COURSE]}
    client = engine.client
    for container in client.containers.list(all=True, filters=wanted, ignore_removed=True):
        yield container.labels
    for each in (*client.volumes.list(filters=wanted), *client.networks.list(filters=wanted)):
        yield each.attrs.get("Labels") or {}


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


def remove_objects(
    engine: Engine, filters: Filters, named: Callable[[str], object] | None = None
) -> list[str]:
    """Remove the containers, volumes and networks that `filters` match; on a swarm, its services and configs first.

    One that cannot be removed keeps none of the others.

    Args:
        engine: The host's.
        filters: Which objects.
        named: Only those for whose name this is true; services and configs not at all.

    Returns:
        Kind and name of each.

    Raises:
        RemovalError: Something is left.
    """
    work = _Removal()
    _remove_into(work, engine, filters, named)
    return work.done()


class _Removal:
    """What was removed, and what was not."""

    def __init__(self) -> None:
        self.removed: list[str] = []
        self.left: dict[str, str] = {}

    def attempt(self, name: str, remove: Callable[[], None]) -> None:
        """Remove one object, and keep what came of it."""
        try:
            remove()
        except APIError as error:
            self.left[name] = str(error.explanation or error)
        except (DockerException, RequestException, WaitTimeout) as error:
            self.left[name] = str(error)
        else:
            self.removed.append(name)

    def done(self) -> list[str]:
        """Kind and name of what was removed.

        Raises:
            RemovalError: Something is left.
        """
        if self.left:
            raise RemovalError(self.left, self.removed)
        return self.removed


def _remove_into(
    work: _Removal, engine: Engine, filters: Filters, named: Callable[[str], object] | None
) -> None:
    client, about = engine.client, engine.client.info()
    # Only a manager can list services; on any other engine the request is an error.
    if named is None and about["Swarm"]["ControlAvailable"]:
        work.removed += _remove_from_swarm(engine, filters)
    # ignore_removed: the SDK lists first and inspects each then, and raises for one that was removed in between.
    containers = client.containers.list(all=True, filters=filters, ignore_removed=True)
    containers = [each for each in containers if named is None or named(str(each.name))]
    frozen = about.get("CgroupVersion", "1") == "1"  # older engines do not report it and have v1
    running = [c for c in containers if frozen and c.status == "running"]
    nodes = [c for c in running if c.labels.get(NODE, "").startswith("node")]

    def remove(container: Container) -> None:
        work.attempt(f"container {container.name}", lambda: deletion.remove_container(container))

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda node: deletion.thaw(engine, node), nodes))
        list(pool.map(remove, containers))
    # After their containers: the engine refuses to remove a volume or a network in use.
    for volume in client.volumes.list(filters=filters):
        if named is None or named(str(volume.name)):
            work.attempt(f"volume {volume.name}", partial(deletion.remove_volume, volume))
    for network in client.networks.list(filters=filters):
        if named is None or named(str(network.name)):
            work.attempt(f"network {network.name}", partial(deletion.remove_network, network))
