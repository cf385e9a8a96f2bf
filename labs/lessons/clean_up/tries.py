"""What was tried and did not work, as it can be seen from outside: in the registry's access log, in the engine's events
of commands inside its container, and in what lies in volumes and folders of the node.

A check asks here before it says "not attempted". What a new container or a new playground has swept away is not seen.
"""

from __future__ import annotations

import time
from typing import Any

from docker.models.containers import Container

from labs.engine import seconds_of
from labs.lesson import Finding, not_yet
from labs.lessons.common import data_on_node, listed, on_port
from labs.playground import Node
from labs.registry import LoggedRequest, read_access_log

PORT = 5000
_FRESH = "the registry answers from its cache: a new start of it empties that. Push after it"
# Newer than the registry: an earlier try may have left one.
_SCRIPTS = """
find /srv /root /etc/cron* /var/spool/cron -type f -newerct "@$1" -print0 2>/dev/null |
  xargs -0r grep -ls garbage-collect
"""
_RUN_AGAIN = 'serve(REGISTRY_STORAGE_DELETE_ENABLED="true") runs it on the lesson\'s volume'


def repair_tried(node: Node, repository: str) -> Finding | None:
    """What was done to an image that the lesson broke and that cannot be pulled; None if nothing is seen."""
    container = on_port(node, PORT)
    if container is None:
        return None
    done = _pushes_and_deletes(container, repository)
    after = done.rpartition("D")[2]
    if len(after) > 1:
        return not_yet(
            f"{repository}:1 was pushed again, and still cannot be pulled",
            hint=f"the registry found its layer in the cache again: {_FRESH}",
        )
    # The cell may have run twice: then a push of its own comes before its DELETE.
    if done.endswith("DPDP") or _collections(node, container, _last_push(container, repository)):
        return not_yet(
            f"{repository}:1 was deleted or collected once more, and still cannot be pulled",
            hint=_FRESH,
        )
    return None


def moved_away(node: Node, repository: str) -> Finding | None:
    """Where the repository is that the registry does not have; None if no volume has it."""
    folders = f"/var/lib/docker/volumes/*/_data/docker/registry/v2/repositories/{repository}"
    found = node.read_output(["sh", "-c", f"ls -d {folders}"]).stdout.split()
    if not found:
        return None
    container = on_port(node, PORT)
    if container is None:
        return not_yet(
            f"no registry runs on port {PORT}, and a volume has {repository}", hint=_RUN_AGAIN
        )
    if any(folder.startswith(f"{data_on_node(container)}/") for folder in found):
        return not_yet(
            f"{repository} has tags {listed([])}, wanted {listed(['1'])}", hint="push it"
        )
    return not_yet(
        f"the registry on port {PORT} has no {repository}, and another volume has it",
        hint=_RUN_AGAIN,
    )


def removal_tried(node: Node, *repositories: str) -> Finding | None:
    """What was sent or run to remove images that are all still there; None if nothing is seen."""
    container = on_port(node, PORT)
    if container is None:
        return None
    for request in reversed(_requests(container)):
        is_image = request.what in ("manifests", "blobs") and request.repository in repositories
        if is_image and request.method == "DELETE":
            return _without_effect(request)
    if _collections(node, container, seconds_of(container.attrs["Created"])):
        return not_yet(
            "garbage was collected, and every manifest is still there",
            hint="what a manifest names is not garbage: delete the manifests first, by their digests",
        )
    return None


def _without_effect(request: LoggedRequest) -> Finding:
    kind = "blob" if request.what == "blobs" else "digest" if ":" in request.end else "tag"
    hint = "the digest of a manifest, in the repository that has it: lab.registry.head(…).digest"
    if request.status == 405:
        hint = f"this registry may not delete: {_RUN_AGAIN}"
    elif kind == "blob":
        hint = "the manifests still list it: delete these, and collect what they leave"
    return not_yet(
        f"DELETE of a {kind} in {request.repository} gave {request.status}, and no image with a tag has gone",
        hint=hint,
    )


def job_tried(node: Node) -> Finding | None:
    """What is left of a job that has no container any more; None if nothing is seen."""
    container = on_port(node, PORT)
    if container is None:
        return None
    since = seconds_of(container.attrs["Created"])
    for event in _events(node, since):
        about = event["Actor"]["Attributes"]
        failed = event["Action"] == "die" and about["exitCode"] != "0"
        # One that ended well may be the example of the lesson's text.
        if failed and not about["image"].startswith("registry"):
            return not_yet(
                f"a container of {about['image']} ended with exit code {about['exitCode']}, and is gone",
                hint="without remove=True and --rm it stays, and its logs() tell why it ended",
            )
    if script := node.read_output(["sh", "-c", _SCRIPTS, "find", str(since)]).stdout.split():
        return not_yet(
            f"{script[0]} collects garbage, and no container calls it",
            hint="a container of busybox, with / mounted at /host: chroot /host sh and the script's path",
        )
    return None


def _requests(container: Container) -> list[LoggedRequest]:
    return read_access_log(container.logs().decode(errors="replace"))


def _pushes_and_deletes(container: Container, repository: str) -> str:
    """A letter for each manifest of a repository that was pushed or deleted, in order: `PDP`."""
    letters = {"PUT": "P", "DELETE": "D"}
    return "".join(
        letters.get(request.method, "")
        for request in _requests(container)
        if (request.repository, request.what) == (repository, "manifests") and request.status < 300
    )


def _last_push(container: Container, repository: str) -> float:
    """When a manifest of a repository was last pushed, in seconds since 1970."""
    lines = container.logs(timestamps=True).decode(errors="replace").splitlines()
    sent = f'"PUT /v2/{repository}/manifests/'
    return max((seconds_of(line.split()[0]) for line in lines if sent in line), default=0.0)


def _collections(node: Node, container: Container, since: float) -> int:
    """How often garbage-collect was run inside a registry's container, dry runs not counted."""
    commands = (str(event["Action"]) for event in _events(node, since, container))
    return sum(
        each.startswith("exec_create") and "garbage-collect" in each and " --dry-run" not in each
        for each in commands
    )


def _events(node: Node, since: float, of: Container | None = None) -> list[dict[str, Any]]:
    """The engine's events of a container, or of all, the oldest first; an engine keeps the last 256."""
    which = {"container": of.id} if of else {}
    found = node.docker.api.events(
        since=int(since),
        until=int(time.time()) + 1,
        decode=True,
        filters={"type": "container", **which},
    )
    return [event for event in found if event["timeNano"] / 1e9 >= since]
