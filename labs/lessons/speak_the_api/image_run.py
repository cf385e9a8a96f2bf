"""Pulls an image that a student made and runs it, without a network and with a time limit, and removes both."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace

from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.containers import Container
from requests.exceptions import ConnectionError, ReadTimeout

from labs.lesson import PullFailed, pull
from labs.playground import Node

_PATIENCE_S = 6  # an image that prints a line ends at once, on a busy machine within seconds
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HINTS = (
    (
        "don't match image configuration",
        "rootfs.diff_ids has a digest for each layer, in their order, unpacked",
    ),
    (
        "unsupported media type",
        "the config's media type is application/vnd.oci.image.config.v1+json",
    ),
    ("no matching manifest", "the index lists no image for this node's platform"),
    (
        "executable file not found",
        "there is only what the layers hold: busybox has echo, sh and cat",
    ),
    (
        "no such file or directory",
        "there is only what the layers hold: busybox has echo, sh and cat",
    ),
    (
        "no command specified",
        'what runs is in the config, under "config": {"Cmd": ["echo", …]}',
    ),
)


@dataclass(frozen=True)
class Ran:
    """The result of a run: the output, or the engine's error without digests.

    `fits` is whether its config names the node's platform: an engine also runs an image that names another one.
    """

    output: str = ""
    fits: bool = True
    error: str = ""
    hint: str = ""


def run_image(node: Node, reference: str) -> Ran:
    """Pull `reference` into the node, run it to its end and return what it printed."""
    engine = node.docker
    before = _image_id(node, reference)
    try:
        pull(engine, reference)
    except PullFailed as error:
        return _failed("the engine cannot pull it", error.message)
    try:
        return _run(node, reference)
    finally:
        # An image that the student had already is left.
        if not before:
            with suppress(APIError):
                engine.images.remove(reference)


def _run(node: Node, reference: str) -> Ran:
    container = None
    try:
        container = node.docker.containers.create(
            # A student's image may do anything: no network, little memory, few processes.
            reference,
            network_disabled=True,
            mem_limit="64m",
            pids_limit=64,
        )
        container.start()
        return replace(_outcome(container), fits=_fits(node, reference))
    except (APIError, NotFound) as error:
        return _failed("it cannot run", error.explanation or str(error))
    finally:
        if container is not None:
            container.remove(force=True)


def _fits(node: Node, reference: str) -> bool:
    image, engine = node.docker.images.get(reference).attrs, node.docker.version()
    return bool((image["Os"], image["Architecture"]) == (engine["Os"], engine["Arch"]))


def _outcome(container: Container) -> Ran:
    try:
        status = container.wait(timeout=_PATIENCE_S)["StatusCode"]
    # requests raises either one when `wait` times out, by the state of the connection.
    except (ReadTimeout, ConnectionError):
        return Ran(error=f"it still runs after {_PATIENCE_S} seconds", hint="print, and end")
    # 20 lines: the output is the student's, of any length.
    output = container.logs(tail=20).decode(errors="replace")
    if status:
        return Ran(
            error=f"it ends with status {status}",
            hint="docker.containers.run(…) shows what it says",
        )
    return Ran(output)


def _failed(what: str, said: str) -> Ran:
    """Return the end of the engine's error, which is what the student can act on."""
    words = _DIGEST.sub("sha256:…", said.strip()).removesuffix(": unknown")
    words = words.rpartition("unable to start container process: ")[2]
    words = re.sub(r"^pull \S+: ", "", words)
    hint = next((hint for sign, hint in _HINTS if sign in words), "")
    return Ran(error=f"{what}: {words}", hint=hint)


def _image_id(node: Node, reference: str) -> str:
    try:
        return str(node.docker.images.get(reference).id)
    except ImageNotFound:
        return ""
