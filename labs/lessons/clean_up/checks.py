"""Checks of lesson 9. They ask the registry for manifests and blobs, look for files of blobs, and try the job."""

from __future__ import annotations

from contextlib import suppress

from docker.errors import NotFound
from docker.models.containers import Container

from labs.engine import seconds_of
from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.clean_up import leaked_shop, old_builds
from labs.lessons.clean_up.by_hand import HandMade, noise
from labs.lessons.clean_up.job_trial import tried
from labs.lessons.clean_up.wholeness import data_of, is_on_disk, missing_part
from labs.lessons.common import (
    ask,
    begun_at,
    data_on_node,
    listed,
    named,
    no_registry,
    on_port,
    pushed_at,
    registries_of,
    tags_of,
    wrong_image,
)
from labs.playground import Node, Playground
from labs.registry import RegistryClient, RegistryError, digest_of

PORT = 5000
APP, BOX = "team/app", "team/box"
DELETED_LAYER = digest_of(noise("app 1"))
"""The layer that only the image had whose tags are 1 and stable."""

_FILL_AGAIN = "The first cell of 9.6 brings everything back"
_AGAIN = "run the lesson's cells again, from the first one"
_RESTART = "the registry answers from its cache: a new start of it empties that"


def collected(playground: Playground, _answers: Answers) -> Finding:
    """team/app:1 is deleted, its layer is gone from the disk, and team/app:2 is whole."""
    node = playground.node(1)
    if missing := no_registry(node, PORT):
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, APP)
    if {"1", "stable"} & set(tags):
        return not_attempted(f"run the cell that deletes {APP}:1 by its digest first")
    if missing := _missing_tag(registry, APP, "2", tags):
        return missing
    if is_on_disk(node, data_of(node, PORT), DELETED_LAYER):
        return not_attempted(
            f"collect the garbage: the layer of the deleted image is still on the disk ({APP}:1)"
        )
    return passed()


def _missing_tag(
    registry: RegistryClient, repository: str, tag: str, tags: list[str]
) -> Finding | None:
    """None if a tag is there and whole."""
    if tag not in tags:
        return not_yet(f"{repository} has tags {listed(tags)}, wanted {listed([tag])}", hint=_AGAIN)
    if missing := missing_part(registry, repository, tag):
        return not_yet(
            f"{repository}:{tag} is not whole: {missing}",
            hint=f"garbage is what no manifest names, and this one does; {_AGAIN}",
        )
    return None


def pulled_again(playground: Playground, _answers: Answers) -> Finding:
    """team/box:1 is busybox, whole, after garbage-collect took it away under the registry's cache."""
    node = playground.node(1)
    if missing := no_registry(node, PORT):
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, BOX)
    if "1" not in tags:
        if not tags:
            return not_attempted(f"run the cell that pushes {BOX}:1 and collects it first")
        return not_yet(f"{BOX} has tags {listed(tags)}, wanted {listed(['1'])}", hint="push it")
    if missing_part(registry, BOX, "1") and not _started_since(node, BOX, "1"):
        return not_attempted(f"{BOX}:1 was pushed and cannot be pulled: repair it")
    return wrong_image(playground, registry, BOX, "1", image="busybox:latest") or passed()


def _started_since(node: Node, repository: str, tag: str) -> bool:
    """Whether the registry was started after the last push of a tag, so that its cache is empty."""
    container = on_port(node, PORT)
    if container is None:
        return False
    pushed = pushed_at(node, data_on_node(container), repository, tag)
    if pushed is None:
        return False
    return seconds_of(container.attrs["State"]["StartedAt"]) > pushed


def read_only(playground: Playground, _answers: Answers) -> Finding:
    """The registry refuses to begin an upload with 405, and serves team/app:2."""
    node = playground.node(1)
    if missing := no_registry(node, PORT):
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, APP)
    begun = ask(f"{node.url(PORT)}/v2/{APP}/blobs/uploads/", method="POST")
    if path := begun_at(begun):
        ask(node.url(PORT) + path, method="DELETE")
        if not tags:
            return not_yet(
                f"the registry has no {APP}, and takes pushes",
                hint="the same volume, and one variable more",
            )
        return not_attempted(f"make the registry read-only: POST of an upload gives 202 in {APP}")
    status = begun.status_code if begun is not None else 0
    if status != 405:
        return not_yet(
            f"POST of an upload gives {status}, wanted 405",
            hint="a registry that cannot write is not read-only: it is broken. The variable tells it",
        )
    return _missing_tag(registry, APP, "2", tags) or passed()


def purged(playground: Playground, _answers: Answers) -> Finding:
    """Nothing of the images with the key can be pulled or read, and every other tag is as it was."""
    node = playground.node(1)
    if missing := no_registry(node, PORT):
        return missing
    registry = RegistryClient(node.url(PORT))
    if not tags_of(registry, leaked_shop.API) and not tags_of(registry, leaked_shop.WORKER):
        return not_attempted("run the cell that fills shop/api and shop/worker first")
    left = [each for each in leaked_shop.LEAKED if _answers_to(registry, *each)]
    if len(left) == len(leaked_shop.LEAKED):
        return not_attempted("the key is still there: two images have the layer")
    for (repository, tag), document in leaked_shop.KEPT.items():
        if wrong := _not_as_pushed(registry, repository, tag, document):
            return wrong
    if left:
        return _still_listed(*left[0])
    return _bytes_left(playground, node, registry) or passed()


def _answers_to(registry: RegistryClient, repository: str, document: HandMade) -> bool:
    try:
        registry.head(repository, document.digest)
    except RegistryError as error:
        if error.status != 404:
            raise
        return False
    return True


def _still_listed(repository: str, document: HandMade) -> Finding:
    if repository == leaked_shop.API:
        return not_yet(
            f"a manifest of {repository} without a tag still lists the layer",
            hint="overwriting a tag deletes nothing; on the disk, _manifests/revisions has every manifest",
        )
    return not_yet(
        f"a manifest of {repository} still lists the layer",
        hint="an image of another repository may have it too: look at every one",
    )


def _not_as_pushed(
    registry: RegistryClient, repository: str, tag: str, document: HandMade
) -> Finding | None:
    """None if a tag is what it was, and whole."""
    named_tag = f"{repository}:{tag}"
    if tag not in tags_of(registry, repository):
        return not_yet(
            f"{named_tag} is gone, wanted as it was",
            hint=f"delete by the digests of what has to go, and of nothing else. {_FILL_AGAIN}",
        )
    if missing := missing_part(registry, repository, tag):
        return not_yet(
            f"{named_tag} is not whole: {missing}",
            hint="what an index lists has no tag of its own, and belongs to a tag: keep it too (-m does not). "
            + _FILL_AGAIN,
        )
    if registry.head(repository, tag).digest != document.digest:
        return not_yet(f"{named_tag} is another image than before", hint=_AGAIN)
    return None


def _bytes_left(playground: Playground, node: Node, registry: RegistryClient) -> Finding | None:
    """None if no blob of the images with the key is on the disk, in the cache, or reached from node 2."""
    data = data_of(node, PORT)
    kept = {digest_of(blob) for each in leaked_shop.KEPT.values() for blob in _blobs(each)}
    gone = {digest_of(blob) for _, each in leaked_shop.LEAKED for blob in _blobs(each)} - kept
    if any(is_on_disk(node, data, digest) for digest in sorted(gone)):
        return not_yet(
            "no manifest lists the layer, and its bytes are still on the disk",
            hint="DELETE frees nothing: collect the garbage, and look at what the command prints",
        )
    for repository in (leaked_shop.API, leaked_shop.WORKER):
        for digest in sorted(gone):
            path = f"/v2/{repository}/blobs/{digest}"
            answer = ask(node.url(PORT) + path, method="HEAD")
            seen = [answer.status_code if answer is not None else 0]
            seen.append(_status_from(playground.node(2), path))
            if 200 in seen:
                return not_yet(
                    f"HEAD of a blob that was deleted gives 200 in {repository}", hint=_RESTART
                )
    return None


def _blobs(document: HandMade) -> list[bytes]:
    parts = [blob for part in document.parts for blob in _blobs(part)]
    return [document.content, *document.blobs, *parts]


_HEAD = """exec 3<>"/dev/tcp/node1/$1" || exit 1
printf 'HEAD %s HTTP/1.0\r\nHost: node1\r\n\r\n' "$2" >&3
read -r -t 5 _ status _ <&3 && echo "$status"
"""


def _status_from(node: Node, path: str) -> int:
    """The status of a HEAD to the registry, sent by another node; 0 if nothing answers there."""
    found = node.exec(["bash", "-c", _HEAD, "ask", str(PORT), path]).stdout.strip()
    return int(found) if found.isdecimal() else 0


def retained(playground: Playground, _answers: Answers) -> Finding:
    """Of team/site there are the newest builds, what stable is, and their signatures, each as it was pushed."""
    node, repository = playground.node(1), old_builds.REPOSITORY
    if missing := no_registry(node, PORT):
        return missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, repository)
    if not tags:
        return not_attempted(f"run the cell that fills {repository} first")
    if not set(old_builds.EVERYTHING) - set(tags):
        return not_attempted(f"{repository} has all of its {len(tags)} tags: delete the old builds")
    for tag in old_builds.KEPT:
        if tag not in tags:
            return not_yet(
                f"{old_builds.shown(tag)} is gone, wanted kept",
                hint=f"{_why_kept(tag)}. {_FILL_AGAIN}",
            )
        if wrong := _not_as_pushed(registry, repository, tag, old_builds.EVERYTHING[tag]):
            return wrong
    left = [
        tag
        for tag in old_builds.OLD
        if _answers_to(registry, repository, old_builds.EVERYTHING[tag])
    ]
    if left:
        return not_yet(
            f"{' and '.join(map(old_builds.shown, left))} can still be pulled, wanted deleted",
            hint="a build is old by the date in its config; its signature goes with it",
        )
    return passed()


def _why_kept(tag: str) -> str:
    if tag in ("stable", "build-8"):
        return "two tags with one digest: a DELETE takes both"
    if tag.endswith(".sig"):
        return "what it signs is kept: the digits in its tag are those of that digest"
    return (
        "the three newest images by the date in their config; two tags of one digest are one image"
    )


def collected_by_itself(playground: Playground, _answers: Answers) -> Finding:
    """A job in a container of its own collects garbage, and no push suffers from it."""
    node = playground.node(1)
    every = node.docker.containers.list(all=True, ignore_removed=True)
    registries = {each.id for each in registries_of(node) if _serves(each)}
    jobs = [each for each in every if each.id not in registries]
    if not jobs:
        return not_attempted("run the job in a container of its own")
    running = [each for each in jobs if each.status == "running"]
    if not running:
        return not_yet(
            f"{named(jobs[0])} is {jobs[0].status}, wanted running",
            hint=f'docker.containers.get("{jobs[0].name}").logs() tells why',
        )
    return tried(node) or _ended(running) or passed()


def _ended(jobs: list[Container]) -> Finding | None:
    """None if a job still runs: one that collected once and ended is not a job that does so again and again."""
    for job in jobs:
        with suppress(NotFound):
            job.reload()
            if job.status == "running":
                return None
    return not_yet(
        f"{named(jobs[0])} has ended, wanted one that collects again and again",
        hint="a loop: while sleep 10; do …; done",
    )


def _serves(container: Container) -> bool:
    """Whether a container of the registry's image serves, or did one thing with its configuration file and ended.

    Anything else, such as a shell or crond of that image, is a job.
    """
    program, words = str(container.attrs["Path"]), container.attrs["Args"] or [""]
    return program.endswith(("entrypoint.sh", "registry")) and words[-1].endswith((".yml", ".yaml"))
