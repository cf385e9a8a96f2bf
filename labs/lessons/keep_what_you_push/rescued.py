"""The check of 2.6: what went to a volume without a name is in one called `rescued`."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    listed,
    missing_part,
    no_registry,
    on_port,
    root_of,
    storage_mount,
    tags_of,
)
from labs.lessons.keep_what_you_push.own_image import NOTES
from labs.playground import Node, Playground
from labs.registry import RegistryClient

PORT = 5000
VOLUME, REPOSITORY, TAG = "rescued", "lost", "latest"


def rescued(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5000 writes to the volume `rescued`, and has the image that was pushed before."""
    node = playground.node(1)
    digest = _noted(node)
    if not digest:
        return not_attempted(f"run the cell that pushes {REPOSITORY} first")
    missing = no_registry(node, PORT)
    if missing:
        return missing
    container = on_port(node, PORT)
    if container is None or not _mounts(container.attrs["Mounts"]):
        return _not_begun(node)
    if storage_mount(container).get("Name") != VOLUME:
        where = next(each for each in container.attrs["Mounts"] if each.get("Name") == VOLUME)
        return not_yet(
            f"volume {VOLUME} is mounted at {where['Destination']}, wanted {root_of(container)}",
            hint="the registry writes elsewhere: read the path letter by letter",
        )
    return _has_it(RegistryClient(node.url(PORT)), digest)


def _noted(node: Node) -> str:
    try:
        return node.read_file(f"{NOTES}/{REPOSITORY}").decode().strip()
    except FileNotFoundError:
        return ""


def _mounts(mounts: list[dict[str, str]]) -> bool:
    return any(each.get("Name") == VOLUME for each in mounts)


def _not_begun(node: Node) -> Finding:
    if any(volume.name == VOLUME for volume in node.docker.volumes.list()):
        return not_yet(
            f"there is a volume {VOLUME}, and the registry on port {PORT} does not use it",
            hint=f'run the registry again with "{VOLUME}:/var/lib/registry"',
        )
    return not_attempted(f"bring what the registry has into a volume called {VOLUME}")


def _has_it(registry: RegistryClient, digest: str) -> Finding:
    """The registry uses the volume: see whether the image is there, and the same, and whole."""
    if TAG not in tags_of(registry, REPOSITORY):
        catalog = registry.catalog()
        seen = f"the registry has {listed(catalog)}" if catalog else "the registry is empty"
        return not_yet(
            f'{seen}, wanted "{REPOSITORY}"',
            hint="it was in the anonymous volume of the registry before: copy all of that, "
            "cp -a /from/. /to, before the new registry runs",
        )
    if registry.head(REPOSITORY, TAG).digest != digest:
        return not_yet(
            f"{REPOSITORY}:{TAG} is not the image that was pushed",
            hint="another build is another image: copy what the anonymous volume has",
        )
    if missing := missing_part(registry, REPOSITORY, TAG):
        return not_yet(
            f"{REPOSITORY}:{TAG} is there in part: {missing}",
            hint="repositories have links, and the bytes are below blobs: copy the whole folder",
        )
    return passed()
