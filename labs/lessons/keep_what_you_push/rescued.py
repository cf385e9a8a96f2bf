"""The check of 2.6: what went to a volume without a name is in one called `rescued`."""

from __future__ import annotations

import json

from docker.models.containers import Container

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    missing_part,
    no_registry,
    on_port,
    read_note,
    storage_mount,
    tags_of,
)
from labs.lessons.keep_what_you_push.checks import PORT, TAG, contents, mounted_elsewhere
from labs.lessons.keep_what_you_push.own_image import NOTE
from labs.playground import Node, Playground
from labs.registry import RegistryClient

_DIGITS = 64  # of the name of a volume without a name of its own
VOLUME = "rescued"


def rescued(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5000 writes to the volume `rescued`, and has the images that were pushed before."""
    node = playground.node(1)
    digests = read_note(node, NOTE)
    if not digests:
        return not_attempted("run the cell that pushes with the mistyped mount first")
    missing = no_registry(node, PORT)
    if missing:
        return missing
    container = on_port(node, PORT)
    if container is None:
        return _not_begun(node, container)
    mount = storage_mount(container)
    if mount.get("Name") != VOLUME:
        return mounted_elsewhere(container, VOLUME) or _not_begun(node, container)
    if not mount["RW"]:
        return not_yet(
            f"volume {VOLUME} is mounted read-only: the registry takes no push any more",
            hint='"mode": "rw", or none at all',
        )
    registry = RegistryClient(node.url(PORT))
    found = (_has_it(node, registry, *each) for each in digests.items())
    return next((each for each in found if each), passed())


def _not_begun(node: Node, container: Container | None) -> Finding:
    if any(volume.name == VOLUME for volume in node.docker.volumes.list()):
        return not_yet(
            f"there is a volume {VOLUME}, and the registry on port {PORT} does not use it",
            hint=f'run the registry again with "{VOLUME}:/var/lib/registry"',
        )
    if container and _on_given_volume(container):
        return not_yet(
            f"the registry runs on the volume without a name, wanted its data in one called {VOLUME}",
            hint="copy it: a prune removes a volume without a name once no container uses it",
        )
    return not_attempted(f"bring what the registry has into a volume called {VOLUME}")


def _on_given_volume(container: Container) -> bool:
    """Whether it was run with an anonymous volume by its name; one that the image declares was not given."""
    name = storage_mount(container).get("Name") or ""
    config = container.attrs["HostConfig"]
    given = json.dumps([config.get("Binds"), config.get("Mounts")])
    return len(name) == _DIGITS and name in given


def _has_it(node: Node, registry: RegistryClient, repository: str, digest: str) -> Finding | None:
    """The registry uses the volume: see whether an image is there, and the same, and whole."""
    if TAG not in tags_of(registry, repository):
        if _too_deep(node):
            return not_yet(
                f"volume {VOLUME} has a folder in it, and the registry's folder in that",
                hint="copy what is in the folder, /from/., not the folder itself",
            )
        return not_yet(
            f'{contents(registry)}, wanted "{repository}"',
            hint="it was in the anonymous volume of the registry before: copy all of that, "
            "cp -a /from/. /to, before the new registry runs",
        )
    if registry.head(repository, TAG).digest != digest:
        return not_yet(
            f"{repository}:{TAG} is not the image that was pushed",
            hint="another build is another image: copy what the anonymous volume has",
        )
    if missing := missing_part(registry, repository, TAG):
        return not_yet(
            f"{repository}:{TAG} is there in part: {missing}",
            hint="repositories have links, and the bytes are below blobs: copy the whole folder",
        )
    return None


def _too_deep(node: Node) -> bool:
    """Whether the volume has the registry's folder one level too deep, as `cp -a /from /to` leaves it."""
    folder = f"/var/lib/docker/volumes/{VOLUME}/_data"
    return bool(node.read_output(["sh", "-c", f"ls -d {folder}/*/docker/registry"]).stdout)
