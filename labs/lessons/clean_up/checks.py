"""Checks of lesson 11. They ask the registry for manifests and blobs, look for files of blobs, and try the job."""

from __future__ import annotations

from contextlib import suppress

from docker.errors import NotFound
from docker.models.containers import Container

from labs.engine import seconds_of
from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.clean_up import old_builds
from labs.lessons.clean_up.job_trial import tried
from labs.lessons.clean_up.purged_shop import AGAIN, FILL_AGAIN, PORT, answers_to, not_as_pushed
from labs.lessons.clean_up.registry_data import data_of, is_on_disk
from labs.lessons.clean_up.tries import job_tried, moved_away, removal_tried, repair_tried
from labs.lessons.common import (
    ask,
    begun_at,
    by_hand,
    data_on_node,
    listed,
    missing_part,
    named,
    no_registry,
    on_port,
    pushed_at,
    registries_of,
    settings_of,
    tags_of,
    wrong_image,
)
from labs.playground import Node, Playground
from labs.registry import STORAGE, RegistryClient, digest_of

APP, BOX = "team/app", "team/box"
_DELETED = by_hand.image(by_hand.noise("base"), by_hand.noise("app 1"))
DELETED_LAYER = digest_of(_DELETED.blobs[-1])
"""The layer that only the image had whose tags are 1 and stable."""


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
    data = data_of(node, PORT)
    if is_on_disk(node, data, DELETED_LAYER):
        return not_attempted(
            f"collect the garbage: the layer of the deleted image is still on the disk ({APP}:1)"
        )
    if is_on_disk(node, data, _DELETED.digest, digest_of(_DELETED.blobs[0])):
        return not_yet(
            f"the layer of the deleted image is gone from the disk, its manifest or config is not ({APP}:1)",
            hint="garbage-collect removes all three: not by hand, a file may be needed by another image",
        )
    return passed()


def _missing_tag(
    registry: RegistryClient, repository: str, tag: str, tags: list[str]
) -> Finding | None:
    """None if a tag is there and whole."""
    if tag not in tags:
        return not_yet(f"{repository} has tags {listed(tags)}, wanted {listed([tag])}", hint=AGAIN)
    if missing := missing_part(registry, repository, tag):
        return not_yet(
            f"{repository}:{tag} is not whole: {missing}",
            hint=f"garbage is what no manifest names, and this one does; {AGAIN}",
        )
    return None


def pulled_again(playground: Playground, _answers: Answers) -> Finding:
    """team/box:1 is busybox, whole, after garbage-collect took it away under the registry's cache."""
    node = playground.node(1)
    if missing := no_registry(node, PORT):
        blank = missing.outcome == "not attempted"
        return (moved_away(node, BOX) if blank else None) or missing
    registry = RegistryClient(node.url(PORT))
    tags = tags_of(registry, BOX)
    if "1" not in tags:
        if not tags:
            return moved_away(node, BOX) or not_attempted(
                f"run the cell that pushes {BOX}:1 and collects it first"
            )
        return not_yet(f"{BOX} has tags {listed(tags)}, wanted {listed(['1'])}", hint="push it")
    if missing_part(registry, BOX, "1") and not _started_since(node, BOX, "1"):
        return repair_tried(node, BOX) or not_attempted(
            f"{BOX}:1 was pushed and cannot be pulled: repair it"
        )
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
        if own := _own_settings(node):
            return not_yet(
                f"POST of an upload gives 202 with {' and '.join(own)}, wanted 405",
                hint="the variable of the section, REGISTRY_STORAGE_MAINTENANCE, and the rest as JSON",
            )
        return not_attempted(f"make the registry read-only: POST of an upload gives 202 in {APP}")
    status = begun.status_code if begun is not None else 0
    if status != 405:
        return not_yet(
            f"POST of an upload gives {status}, wanted 405",
            hint="a registry that cannot write is not read-only: it is broken. The variable tells it",
        )
    return _missing_tag(registry, APP, "2", tags) or passed()


def _own_settings(node: Node) -> list[str]:
    """The registry's variables and mounts that neither its image nor the lesson's cells set."""
    container = on_port(node, PORT)
    if container is None:
        return []
    theirs = {"PATH", "OTEL_TRACES_EXPORTER", "REGISTRY_STORAGE_DELETE_ENABLED"}
    mounted = {each["Destination"] for each in container.attrs["Mounts"]} - {STORAGE}
    return sorted(set(settings_of(container)) - theirs) + sorted(mounted)


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
        return removal_tried(node, repository) or not_attempted(
            f"{repository} has all of its {len(tags)} tags: delete the old builds"
        )
    for tag in old_builds.KEPT:
        if tag not in tags:
            return not_yet(
                f"{old_builds.shown(tag)} is gone, wanted kept",
                hint=f"{_why_kept(tag)}. {FILL_AGAIN}",
            )
        if wrong := not_as_pushed(registry, repository, tag, old_builds.EVERYTHING[tag]):
            return wrong
    left = [
        tag
        for tag in old_builds.OLD
        if answers_to(registry, repository, old_builds.EVERYTHING[tag])
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
        return job_tried(node) or not_attempted("run the job in a container of its own")
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
