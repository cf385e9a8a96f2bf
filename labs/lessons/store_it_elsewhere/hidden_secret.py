"""The check of exercise 12.6: a registry on S3 whose secret key is in no answer of the engine about it, and in no file
that every user of its node can read.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from docker.models.containers import Container

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import named, no_registry, on_port, tags_of, wrong_image
from labs.lessons.store_it_elsewhere.stored_blobs import client_of, place_in_store
from labs.playground import Node, Playground

PORT = 5001
REPOSITORY, TAG = "hello-world", "latest"
IMAGE = f"{REPOSITORY}:{TAG}"
_FILE_INSTEAD = "put the settings into a file of the node, and mount that: volumes=[…]"
_CLOSED = "lab.node().write_file(path, content, mode=0o600)"


def hides_secret(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5001 keeps hello-world in the store, and nothing shows its secret to every user."""
    node, secret = playground.node(1), playground.store.secret_key
    missing = no_registry(node, PORT)
    container = on_port(node, PORT)
    if missing:
        return (_without_keys(container) if container else None) or missing
    if container is None:
        return not_attempted(f"run a registry on port {PORT} that keeps its data in the store")
    if shown := _shown_by_the_engine(node, container, secret):
        return shown
    if _is_own_image(node, container):
        return not_yet(
            f"{named(container)} is made from an image of your own, wanted registry:2",
            hint="a file in an image goes to everyone who gets the image: mount the file instead",
        )
    if misplaced := _without_root(playground, container):
        return misplaced
    if open_to_all := _readable(node, secret):
        return _open_to_all(container, open_to_all)
    with client_of(node, PORT) as registry:
        if TAG not in tags_of(registry, REPOSITORY):
            return not_yet(
                f"the registry on port {PORT} has no {IMAGE}",
                hint=f"push 127.0.0.1:{PORT}/{IMAGE}",
            )
        return wrong_image(playground, registry, REPOSITORY, TAG, image=IMAGE) or passed()


def _shown_by_the_engine(node: Node, container: Container, secret: str) -> Finding | None:
    """None if the engine shows the secret neither of the registry nor of what was tried before it."""
    if part := _part_with(container.attrs, secret):
        return not_yet(
            f"docker inspect shows the secret of {named(container)}, in {part}", hint=_FILE_INSTEAD
        )
    for other in node.docker.containers.list(all=True, ignore_removed=True):
        # The lesson's own registries, on other ports, have theirs in variables.
        if PORT in _wanted(other) and (part := _part_with(other.attrs, secret)):
            return not_yet(
                f"docker inspect shows the secret of {named(other)}, in {part}: it was for port {PORT} too",
                hint=f"what was tried before is still there: lab.remove({str(other.name)!r})",
            )
    for image in node.docker.images.list():
        if part := _part_with(image.attrs, secret):
            return not_yet(
                f"docker inspect shows the secret of an image, in {part}",
                hint="who gets the image gets the secret: remove it, and mount a file",
            )
    return None


def _part_with(attrs: dict[str, Any], secret: str) -> str:
    """The part of what `docker inspect` tells that has the secret; empty if none has."""
    spellings = (secret, base64.b64encode(secret.encode()).decode().rstrip("="))
    for part in ("Env", "Entrypoint", "Cmd", "Labels"):
        text = json.dumps((attrs.get("Config") or {}).get(part))
        if any(each in text for each in spellings):
            return part
    return "its answer" if any(each in json.dumps(attrs) for each in spellings) else ""


def _wanted(container: Container) -> set[int]:
    """The ports of the node that a container has, or would have if it ran."""
    bindings = (container.attrs["HostConfig"]["PortBindings"] or {}).values()
    return {int(each["HostPort"]) for pairs in bindings for each in pairs or [] if each["HostPort"]}


def _without_root(playground: Playground, container: Container) -> Finding | None:
    """None if what is pushed arrives in the store, below a root directory."""
    place = place_in_store(playground, container, PORT)
    if not place:
        return not_yet(
            f"what is pushed to port {PORT} does not arrive in the store",
            hint="a configuration file replaces the one in the image: /etc/docker/registry/config.yml",
        )
    if "/" not in place:
        return not_yet(
            f"the registry on port {PORT} writes to the top of {place} in the store, wanted a root directory",
            hint="rootdirectory below s3 in the file, or REGISTRY_STORAGE_S3_ROOTDIRECTORY",
        )
    return None


def _without_keys(container: Container) -> Finding | None:
    """Why a registry answers 500, if its log says that it has no keys."""
    if b"NoCredentialProviders" in container.logs(tail=200):
        return not_yet(
            f"the registry on port {PORT} has found no keys for the store",
            hint="REGISTRY_STORAGE=s3 in a variable replaces the section of your file, and its keys: leave it out",
        )
    return None


def _is_own_image(node: Node, container: Container) -> bool:
    known = node.docker.images.list(name="registry:2")
    return bool(known) and container.attrs["Image"] not in [image.id for image in known]


# As a user with no rights of its own, in the whole node: the modes of the folders above count too, and a copy that was
# written first and is not mounted is as open as one that is. What came with the node's image is older than .dockerenv.
# Of another user's process, a user sees the words of its command, not its variables: /proc/*/cmdline.
_FIND = r"""
export SECRET
setpriv --reuid 65534 --regid 65534 --clear-groups sh -c '
  find / \( -path /proc -o -path /sys -o -path /var/lib/docker \) -prune -o \
    -type f -size -1024k -newercc /.dockerenv -readable -print0 2>/dev/null | xargs -0r grep -lF -- "$SECRET"
  for line in /proc/[0-9]*/cmdline; do
    tr "\0" " " <"$line" | grep -q "$SECRET" && echo "the words of a running command"
  done' 2>/dev/null | sort -u
"""


def _readable(node: Node, secret: str) -> list[str]:
    """Every place of the node with the secret that each of its users can read, by path."""
    return node.read_output(["sh", "-c", _FIND], environment={"SECRET": secret}).stdout.splitlines()


def _open_to_all(container: Container, places: list[str]) -> Finding:
    mounted = tuple(_mounted(container))
    used = [each for each in places if each.startswith(mounted)]
    if used:
        return not_yet(f"every user of the node can read the secret in {used[0]}", hint=_CLOSED)
    return not_yet(
        f"every user of the node can read the secret in {places[0]}, which {named(container)} does not use",
        hint="a copy that is left is as open as the one in use: remove it, "
        'lab.node().exec(["rm", path])',
    )


def _mounted(container: Container) -> Iterator[str]:
    for mount in container.attrs["Mounts"]:
        if source := mount.get("Source"):
            yield source
