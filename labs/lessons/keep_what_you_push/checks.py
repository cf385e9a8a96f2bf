"""Checks of lesson 2. They read the registry's API, the mounts of its container and the files behind them."""

from __future__ import annotations

import hashlib
import posixpath
from contextlib import suppress
from datetime import UTC, datetime
from posixpath import normpath

from docker.models.containers import Container

from labs.lesson.exercise import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.looking import (
    STORAGE,
    listed,
    no_registry,
    on_port,
    path_on_node,
    storage_on_node,
    tags_of,
)
from labs.playground import Node, Playground
from labs.registry import RegistryClient

PORT = 5000
SHELF, VOLUME = "/srv/shelf", "keep"
REPOSITORY, TAG = "hello-world", "latest"


def bind_mount(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5000 writes to /srv/shelf of the node, and hello-world is there."""
    node = playground.node(1)
    missing = no_registry(node, PORT)
    if missing:
        return missing
    container = on_port(node, PORT)
    place = storage_on_node(container) if container else ""
    if place == SHELF:
        digest = _digest(node)
        blob = _blob_path(SHELF, digest)
        if digest and node.exec(["test", "-f", blob]).exit_code == 0:
            return passed()
        return _not_pushed(node, SHELF)
    return _other_place(container, place)


def _other_place(container: Container | None, place: str) -> Finding:
    """The registry writes elsewhere: tell a slip of the finger from an exercise not begun."""
    mounts = container.attrs["Mounts"] if container else []
    for mount in mounts:
        if normpath(mount.get("Source", "")) == SHELF:
            return not_yet(
                f"{SHELF} is bound to {mount['Destination']}, wanted {STORAGE}",
                hint="the registry never writes to a folder that it does not know: read the path letter by letter",
            )
    if any(mount["Type"] == "bind" for mount in mounts) and place:
        return not_yet(
            f"the registry writes to {place}, wanted {SHELF}", hint=f"bind {SHELF} to {STORAGE}"
        )
    if _volume_names(container):
        return not_yet(
            f"the registry writes to the volume {_volume_names(container)[0]}, wanted the folder {SHELF}",
            hint="a name that begins with / is a folder of the node, any other a volume",
        )
    return not_attempted(f"run the registry with {SHELF} of the node bound to {STORAGE}")


def survives(playground: Playground, _answers: Answers) -> Finding:
    """The registry writes to the volume `keep`, and has an image that was pushed before its container was made."""
    node = playground.node(1)
    missing = no_registry(node, PORT)
    if missing:
        return missing
    container = on_port(node, PORT)
    place = storage_on_node(container) if container else ""
    mount = (
        next((m for m in container.attrs["Mounts"] if m.get("Name") == VOLUME), None)
        if container
        else None
    )
    if container is None or mount is None:
        return _no_volume(container)
    if not (place + "/").startswith(mount["Source"] + "/"):
        return not_yet(
            f"volume {VOLUME} is mounted at {mount['Destination']}, and the registry writes elsewhere",
            hint=f"mount it at {STORAGE}: read the path letter by letter",
        )
    pushed = _pushed_at(node, place)
    if pushed is None:
        return _not_pushed(node, f"volume {VOLUME}")
    if pushed > _made_at(container):
        return not_yet(
            f"{REPOSITORY} was pushed into the container that runs now: nothing has survived yet",
            hint=f"remove it (force=True) and run a new one on the volume {VOLUME}; do not push again",
        )
    return passed()


def manifest_file(playground: Playground, answers: Answers) -> Finding:
    """`path` is the file of the manifest of hello-world:latest, as the registry's container or the node sees it."""
    node = playground.node(1)
    missing = no_registry(node, PORT)
    if missing:
        return missing
    digest = _digest(node)
    if not digest:
        return not_attempted(f"push {REPOSITORY} to the registry on port {PORT} first")
    path = answers.get("path")
    if not isinstance(path, str) or not path.strip():
        return not_attempted('give the file\'s path: lab.check("2.3", path="/var/lib/registry/…")')
    content = _read(node, path.strip())
    if content is None:
        return not_yet(f"{path} is no file of the registry", hint="a blob's file is called data")
    if content.strip() == digest.encode():
        return not_yet(
            f"{path} holds the digest of the manifest, not the manifest",
            hint="that is a link; follow it to blobs/",
        )
    seen = "sha256:" + hashlib.sha256(content).hexdigest()
    if seen != digest:
        return not_yet(
            f"{path} is another blob: {len(content)} bytes with another digest than the manifest's",
            hint=f'lab.registry.head("{REPOSITORY}", "{TAG}").digest is the one to look for',
        )
    return passed()


def _digest(node: Node) -> str:
    """Digest of hello-world:latest in the registry; empty where it has none."""
    registry = RegistryClient(node.url(PORT))
    if TAG not in tags_of(registry, REPOSITORY):
        return ""
    return registry.head(REPOSITORY, TAG).digest


def _not_pushed(node: Node, place: str) -> Finding:
    catalog = RegistryClient(node.url(PORT)).catalog()
    if catalog and REPOSITORY not in catalog:
        return not_yet(
            f'the registry has {listed(catalog)}, wanted "{REPOSITORY}"',
            hint=f"push 127.0.0.1:{PORT}/{REPOSITORY}",
        )
    if catalog:
        return not_yet(
            f"the registry has {REPOSITORY}, but not below {place}",
            hint=f"it must write below {STORAGE}, and {place} must be mounted there",
        )
    return not_yet(
        f"the registry is empty, wanted {REPOSITORY}", hint=f"push 127.0.0.1:{PORT}/{REPOSITORY}"
    )


def _blob_path(root: str, digest: str) -> str:
    algorithm, _, digits = digest.partition(":")
    return f"{root}/docker/registry/v2/blobs/{algorithm}/{digits[:2]}/{digits}/data"


def _volume_names(container: Container | None) -> list[str]:
    """Named volumes of a container; an anonymous one has 64 digits for a name."""
    mounts = container.attrs["Mounts"] if container else []
    return [m["Name"] for m in mounts if m["Type"] == "volume" and len(m["Name"]) < 64]


def _no_volume(container: Container | None) -> Finding:
    """The registry runs without the volume: tell what it uses."""
    if _volume_names(container):
        return not_yet(
            f"the registry uses the volume {_volume_names(container)[0]}, wanted {VOLUME}",
            hint=f"name it {VOLUME}",
        )
    binds = (
        [m["Source"] for m in container.attrs["Mounts"] if m["Type"] == "bind"] if container else []
    )
    if VOLUME in {posixpath.basename(source) for source in binds}:
        return not_yet(
            f"the registry uses the folder {binds[0]}, wanted the volume {VOLUME}",
            hint="a volume's name has no / in it",
        )
    if binds:
        return not_attempted(
            f"the registry uses the folder {binds[0]}; run one on the volume {VOLUME}"
        )
    return not_attempted(f"run the registry on a volume called {VOLUME}")


def _pushed_at(node: Node, place: str) -> datetime | None:
    """When the tag was last pushed: the time of its link, below the folder that the registry writes to."""
    link = (
        f"{place}/docker/registry/v2/repositories/{REPOSITORY}/_manifests/tags/{TAG}/current/link"
    )
    found = node.exec(["stat", "-c", "%.9Y", link])
    return None if found.exit_code else datetime.fromtimestamp(float(found.stdout), UTC)


def _made_at(container: Container) -> datetime:
    """To the microsecond: the engine writes nanoseconds, which Python's dates do not hold."""
    seconds, _, fraction = str(container.attrs["Created"]).rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}.{fraction[:6]:0<6}+00:00")


def _read(node: Node, path: str) -> bytes | None:
    """A file by its path in the registry's container, below its storage folder, or on the node."""
    container = on_port(node, PORT)
    inside = (
        [path]
        if path.startswith("/")
        else [f"{STORAGE}/{path}", f"{STORAGE}/docker/registry/v2/{path}"]
    )
    places = [path_on_node(container, each) for each in inside] if container else []
    for place in [*filter(None, places), path]:
        with suppress(FileNotFoundError):
            return node.read_file(place)
    return None
