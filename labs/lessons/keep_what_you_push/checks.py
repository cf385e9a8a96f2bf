"""Checks of lesson 2. They read the registry's API, the mounts of its container and the files behind them."""

from __future__ import annotations

import json
import posixpath
import re
from contextlib import suppress
from posixpath import normpath

from docker.models.containers import Container

from labs.engine import seconds_of
from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    blob_file,
    data_on_node,
    driver_of,
    listed,
    named,
    no_registry,
    on_port,
    pushed_at,
    read_file,
    registries_of,
    root_of,
    storage_mount,
    storage_on_node,
    tags_of,
    within,
    wrong_image,
)
from labs.lessons.keep_what_you_push.own_image import LABEL
from labs.playground import Node, Playground
from labs.registry import STORAGE, Manifest, RegistryClient, RegistryError, digest_of

PORT = 5000
SHELF, VOLUME = "/srv/shelf", "keep"
REPOSITORY, TAG = "hello-world", "latest"
DRAWN = "drawn"
"""Repository of the image of exercise 2.4."""
# What the lesson's own cells use: found there, the exercise was not begun.
LESSON_FOLDERS = ("/srv/registry-data", "/srv/misspelled")
LESSON_VOLUMES = ("registry-data", "saved", "rescued")
_DIGEST = re.compile(rb"sha256:[0-9a-f]{64}\s*")
_DIGITS = re.compile(r"\b[0-9a-f]{64}\b")
_TWO_DIGITS = re.compile(r"(?<=sha256/)[0-9a-f]{2}(?=/|$)")


def bind_mount(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5000 writes to /srv/shelf of the node, and hello-world is there."""
    node = playground.node(1)
    missing = no_registry(node, PORT)
    if missing:
        return missing
    container = on_port(node, PORT)
    if container is None:
        return not_attempted(f"run the registry with {SHELF} of the node bound to {STORAGE}")
    if problem := _no_files(container):
        return problem
    data = data_on_node(container)
    if not (within(data, SHELF) or _is_below(node, data, SHELF)):
        return _other_place(container, storage_on_node(container)) or _not_begun(node)
    if not storage_mount(container)["RW"]:
        return not_yet(
            f"{SHELF} is mounted read-only: the registry cannot write to it",
            hint='"mode": "rw", or none at all',
        )
    return _not_pushed(playground) or _in_folder(node, data)


def _no_files(container: Container) -> Finding | None:
    """Return None if a registry keeps its data in files; otherwise where it keeps them."""
    driver = driver_of(container)
    if driver == "filesystem":
        return None
    where = "in memory" if driver == "inmemory" else f"in {driver}"
    return not_yet(
        f"{named(container)} keeps its data {where}, wanted files",
        hint="run it without REGISTRY_STORAGE: registry:2 writes to files of its own accord",
    )


# -ef compares device and inode, so a mount or a link to the folder is recognized, and a volume made of it.
_UPWARD = """
at="$1"
while [ "$at" != / ]; do [ "$at" -ef "$2" ] && exit 0; at=$(dirname "$at"); done
exit 1
"""


def _is_below(node: Node, path: str, folder: str) -> bool:
    """Whether a path of the node is a folder, or something in it, by way of a mount or a link."""
    return bool(path) and node.exec(["sh", "-c", _UPWARD, "upward", path, folder]).exit_code == 0


def _in_folder(node: Node, data: str) -> Finding:
    blob = blob_file(data, RegistryClient(node.url(PORT)).head(REPOSITORY, TAG).digest)
    # On the disk: a registry whose folder was removed while it ran still answers from its cache.
    if node.exec(["test", "-f", blob]).exit_code == 0:
        return passed()
    return not_yet(
        f"the registry has {REPOSITORY}, but its files are not below {SHELF}",
        hint="was the folder removed while the registry ran? Then run it again, and push",
    )


def _other_place(container: Container, place: str) -> Finding | None:
    """Say where a registry writes that does not write to the folder; None if the student has chosen no place."""
    mounts = container.attrs["Mounts"]
    for mount in mounts:
        if normpath(mount["Destination"]) == SHELF:
            return not_yet(
                f"{mount.get('Source')} of the node is bound to {SHELF} in the container, wanted the other way round",
                hint=f"the node's folder comes first, then where the container sees it: {STORAGE}",
            )
        if mount.get("Source") and within(mount["Source"], SHELF):
            return not_yet(
                f"{SHELF} is bound to {mount['Destination']}, wanted {root_of(container)}",
                hint="the registry never writes to a folder that it does not know: read the path letter by letter",
            )
    if storage_mount(container).get("Type") == "bind" and place not in LESSON_FOLDERS:
        return not_yet(
            f"the registry writes to {place}, wanted {SHELF}", hint=f"bind {SHELF} to {STORAGE}"
        )
    names = _own_volumes(container)
    # The volume keep belongs to exercise 2.5.
    if names and names != [VOLUME]:
        return not_yet(
            f"the registry uses the volume {names[0]}, wanted the folder {SHELF}",
            hint="a name that begins with / is a folder of the node, any other a volume",
        )
    return None


def _not_begun(node: Node) -> Finding:
    """The registry has no place of its own: whatever the folder contains was written by something else."""
    if node.read_output(["find", SHELF, "-name", "data", "-type", "f"]).stdout:
        return not_yet(
            f"{SHELF} has blobs, and the registry on port {PORT} does not write there",
            hint=f"they came from elsewhere, or from before: run the registry with {SHELF} bound to {STORAGE}",
        )
    return not_attempted(f"run the registry with {SHELF} of the node bound to {STORAGE}")


def survives(playground: Playground, _answers: Answers) -> Finding:
    """The registry writes to the volume `keep`, and has an image that was pushed before its container was made."""
    node = playground.node(1)
    missing = no_registry(node, PORT)
    if missing:
        return missing
    container = on_port(node, PORT)
    if container is None:
        return not_attempted(f"run the registry on a volume called {VOLUME}")
    if problem := _no_files(container):
        return problem
    if storage_mount(container).get("Name") != VOLUME:
        return _no_volume(container)
    return _not_pushed(playground) or _not_survived(node, container)


def _not_survived(node: Node, container: Container) -> Finding:
    """The image is in the volume: see whether it was pushed through an earlier container."""
    pushed = pushed_at(node, data_on_node(container), REPOSITORY, TAG)
    if pushed is None or pushed > seconds_of(container.attrs["Created"]):
        return not_yet(
            f"{REPOSITORY} was pushed after this container was made: that it survives is not shown yet",
            hint=f"remove it (force=True) and run a new one on the volume {VOLUME}; do not push again",
        )
    # A container that was only stopped has not been removed, and could come back with the volume.
    others = [c for c in registries_of(node) if c.id != container.id and VOLUME in _volumes(c)]
    if others:
        return not_yet(
            f"{named(others[0])} is {others[0].status} and still has the volume {VOLUME}, wanted removed",
            hint=f'docker.containers.get("{others[0].name}").remove(force=True)',
        )
    return passed()


def _no_volume(container: Container) -> Finding:
    """Say what a registry uses that does not write to the volume."""
    if elsewhere := mounted_elsewhere(container, VOLUME):
        return elsewhere
    names = _own_volumes(container)
    if names:
        return not_yet(
            f"the registry uses the volume {names[0]}, wanted {VOLUME}", hint=f"name it {VOLUME}"
        )
    place = storage_on_node(container)
    if posixpath.basename(place) == VOLUME:
        return not_yet(
            f"the registry uses the folder {place}, wanted the volume {VOLUME}",
            hint="a volume's name has no / in it",
        )
    return not_attempted(f"run the registry on a volume called {VOLUME}")


def mounted_elsewhere(container: Container, volume: str) -> Finding | None:
    """Return None if a container does not have the volume; otherwise that the registry does not write there."""
    for mount in container.attrs["Mounts"]:
        if mount.get("Name") == volume:
            return not_yet(
                f"volume {volume} is mounted at {mount['Destination']}, wanted {root_of(container)}",
                hint="the registry writes elsewhere: read the path letter by letter",
            )
    return None


def _volumes(container: Container) -> list[str]:
    """Named volumes of a container; an anonymous one has 64 digits for a name."""
    mounts = container.attrs["Mounts"]
    return [m["Name"] for m in mounts if m["Type"] == "volume" and len(m["Name"]) < 64]


def _own_volumes(container: Container) -> list[str]:
    """Named volumes that no cell of the lesson made."""
    return [name for name in _volumes(container) if name not in LESSON_VOLUMES]


def _not_pushed(playground: Playground) -> Finding | None:
    """Return None if the registry has hello-world; otherwise what it has."""
    registry = RegistryClient(playground.node(1).url(PORT))
    tags = tags_of(registry, REPOSITORY)
    if TAG in tags:
        return wrong_image(playground, registry, REPOSITORY, TAG, image=f"{REPOSITORY}:{TAG}")
    if tags:
        return not_yet(
            f'repository "{REPOSITORY}" has tags {listed(tags)}, wanted "{TAG}"',
            hint=f"push 127.0.0.1:{PORT}/{REPOSITORY}:{TAG}",
        )
    return not_yet(
        f'{contents(registry)}, wanted "{REPOSITORY}"',
        hint=f"push 127.0.0.1:{PORT}/{REPOSITORY}:{TAG}",
    )


def contents(registry: RegistryClient) -> str:
    """Say which repositories a registry has."""
    catalog = registry.catalog()
    return f"the registry has {listed(catalog)}" if catalog else "the registry is empty"


def manifest_file(playground: Playground, answers: Answers) -> Finding:
    """`path` is the file of the manifest of drawn:latest, as the registry's container sees it.

    No other playground has that image, so no copied path is right.
    """
    node = playground.node(1)
    missing = no_registry(node, PORT)
    if missing:
        return missing
    container = on_port(node, PORT)
    registry = RegistryClient(node.url(PORT))
    if container is None or TAG not in tags_of(registry, DRAWN):
        return not_attempted(
            f"run the cell that pushes {DRAWN} to the registry on port {PORT} first"
        )
    path = answers.get("path")
    if not isinstance(path, str) or not path.strip():
        return not_attempted('give the file\'s path: lab.check("2.4", path="/var/lib/registry/…")')
    if not _is_own(registry):
        return not_yet(
            f"{DRAWN}:{TAG} is not the image that the exercise builds",
            hint=f"run the cell that builds and pushes {DRAWN} again",
        )
    return _judge_path(registry, container, path.strip())


def _is_own(registry: RegistryClient) -> bool:
    """Whether the image was built here: it carries the number that was drawn."""
    manifest = registry.manifest(DRAWN, TAG)
    with suppress(RegistryError, ValueError, LookupError, TypeError):
        digest = manifest.config.digest if isinstance(manifest, Manifest) else ""
        config = json.loads(registry.blob(DRAWN, digest))
        return bool(config["config"]["Labels"][LABEL])
    return False


def _judge_path(registry: RegistryClient, container: Container, path: str) -> Finding:
    """Read the file at `path`; say whether it is the manifest, or what it is instead."""
    # Digests are masked: a verdict has the same text in every run.
    root, shown = (
        root_of(container),
        _TWO_DIGITS.sub("<2 digits>", _DIGITS.sub("<64 digits>", path)),
    )
    if not within(path, root):
        return not_yet(
            f"{shown} is not below {root}",
            hint="give the path as the registry's container sees it, not as the node does",
        )
    content = read_file(container, normpath(path))
    if content is None:
        return not_yet(
            f"{shown} is not a file of the registry",
            hint="below blobs/sha256: a folder of the first two digits, one of all digits, the file data",
        )
    if _DIGEST.fullmatch(content):
        return not_yet(
            f"{shown} holds a digest, not the manifest",
            hint="that is a link; follow it to blobs/",
        )
    digest = registry.head(DRAWN, TAG).digest
    if digest_of(content) == digest:
        return (
            passed()
            if normpath(path) == blob_file(f"{root}/docker/registry/v2", digest)
            else _copy(shown)
        )
    return not_yet(
        f"{shown} is {_kind(registry, content)}, wanted the manifest of {DRAWN}:{TAG}",
        hint=f'lab.registry.head("{DRAWN}", "{TAG}").digest is the one to look for',
    )


def _copy(shown: str) -> Finding:
    return not_yet(
        f"{shown} is a copy of the manifest, wanted the file that the registry reads",
        hint="the registry reads blobs below docker/registry/v2/blobs alone",
    )


def _kind(registry: RegistryClient, content: bytes) -> str:
    """What a blob is to the manifest."""
    manifest = registry.manifest(DRAWN, TAG)
    if isinstance(manifest, Manifest):
        if digest_of(content) == manifest.config.digest:
            return "the image's config"
        if digest_of(content) in [layer.digest for layer in manifest.layers]:
            return "a layer"
    return "another file"
