"""Images that checks push as writer, and remove again: small, different in each run, and known byte by byte."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import httpx

from labs.lesson import Finding, not_yet
from labs.lessons.common import by_hand, code_of, missing_part
from labs.lessons.run_the_registry_of_a_team.door import READER, TRIES, client, http
from labs.playground import Node
from labs.registry import digest_of

_MEGABYTES = 0.05
_PAUSE_S = 0.3


@dataclass(frozen=True)
class Trial:
    """An image that the writer pushed.

    Attributes:
        repository: Where it is.
        tag: Its tag.
        document: What it is.
    """

    repository: str
    tag: str
    document: by_hand.HandMade

    @property
    def digests(self) -> list[str]:
        """Of its manifest, config and layers."""
        return [self.document.digest, *(digest_of(blob) for blob in self.document.blobs)]

    def lacks(self, node: Node, *, patience_s: float = 0.0) -> str:
        """What the reader does not get of it through a node: the beginning of a sentence, empty if it is whole.

        Args:
            node: Through which it is read.
            patience_s: For how long it is asked for again.
        """
        deadline = time.monotonic() + patience_s
        while True:
            with client(node, READER) as registry:
                missing = missing_part(registry, self.repository, self.tag)
            if not missing or time.monotonic() > deadline:
                return missing
            time.sleep(_PAUSE_S)


def new_image(created: str = "2026-11-01T09:00:00Z") -> by_hand.HandMade:
    """An image whose bytes nobody has seen."""
    return by_hand.image(by_hand.noise(secrets.token_hex(8), _MEGABYTES), created=created)


@contextmanager
def pushed(node: Node, repository: str = f"{TRIES}/trial", tag: str = "1") -> Iterator[Trial]:
    """An image that the writer has pushed through a node; afterwards it is deleted.

    Raises:
        httpx.HTTPError: The push is refused; `why_refused` says how.
    """
    trial = Trial(repository, tag, new_image())
    try:
        send(node, repository, tag, trial.document)
        yield trial
    finally:
        with http(node) as writer, suppress(httpx.HTTPError):
            writer.delete(f"/v2/{repository}/manifests/{trial.document.digest}")


def send(
    node: Node, repository: str, tag: str, document: by_hand.HandMade, *, patience_s: float = 40.0
) -> None:
    """Push as the writer, again if it fails: a clean-up may have the registry off or read-only for a moment.

    Raises:
        httpx.HTTPError: It fails each time, or the writer is not let in.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            with http(node) as writer:
                by_hand.push(writer, repository, tag, document)
            return
        except httpx.HTTPError as error:
            if time.monotonic() > deadline or _is_final(error):
                raise
        time.sleep(_PAUSE_S)


def _is_final(error: httpx.HTTPError) -> bool:
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code in (401, 403)


def why_refused(error: httpx.HTTPError) -> Finding:
    """What the writer's push was answered."""
    if not isinstance(error, httpx.HTTPStatusError):
        return not_yet(
            "a push of writer was not answered: the connection ended",
            hint="the logs of the services tell: docker service logs …",
        )
    answer = error.response
    what = f"{answer.status_code} {code_of(answer)}".strip()
    return not_yet(
        f"writer cannot push: {answer.request.method} gives {what}",
        hint="docker login swarm.lab:5000 as writer, then push; the services' logs say more",
    )
