"""The check of 60.4: a push whose requests meet other replicas, and one whose connection ends in the middle."""

from __future__ import annotations

import base64
import secrets
import socket
import ssl
from urllib.parse import urlsplit

import httpx

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons.common import begun_at, code_of
from labs.lessons.run_the_registry_of_a_team.door import (
    ADDRESS,
    HOST,
    PORT,
    READER,
    TRIES,
    WRITER,
    DoorProbe,
    not_open,
)
from labs.lessons.run_the_registry_of_a_team.trial_image import (
    pushed,
    why_refused,
)
from labs.playground import Node, Playground
from labs.registry import digest_of

_REPOSITORY = f"{TRIES}/cut"
_BYTES = 3_000_000
_ROUNDS = 2  # through each node: replicas take turns


def cut_in_the_middle(playground: Playground, _answers: Answers) -> Finding:
    """An upload goes on through any node; one that is cut leaves nothing that can be pulled, and the next one works."""
    if closed := not_open(playground):
        return closed
    try:
        with pushed(playground.node(1), _REPOSITORY):
            return _not_continued(playground) or _half(playground) or passed()
    except httpx.HTTPError as error:
        return why_refused(error)


def _not_continued(playground: Playground) -> Finding | None:
    """Return None if each request of an upload may come through another node; otherwise what it is answered."""
    nodes = [*playground.nodes] * _ROUNDS
    for first, second, third in zip(
        nodes, [*nodes[1:], nodes[0]], [*nodes[2:], *nodes[:2]], strict=True
    ):
        content = secrets.token_bytes(1000)
        # Twice: a clean-up may have ended the connection.
        if seen := _upload(first, second, third, content) and _upload(
            first, second, third, content
        ):
            return not_yet(
                f"an upload to {ADDRESS} that one request opens is refused to the next: {seen}",
                hint="lesson 7: replicas share one http.secret, and their storage",
            )
    return None


def _upload(first: Node, second: Node, third: Node, content: bytes) -> str:
    """Open an upload, send it and end it, each through another node; what went wrong, empty if nothing did."""
    begun = DoorProbe(first).ask(f"/v2/{_REPOSITORY}/blobs/uploads/", method="POST", member=WRITER)
    path = begun_at(begun)
    if not path:
        return _words(begun)
    sent = DoorProbe(second).ask(path, method="PATCH", member=WRITER, content=content)
    path = begun_at(sent)
    if not path:
        return _words(sent)
    end = f"{path}{'&' if '?' in path else '?'}digest={digest_of(content)}"
    done = DoorProbe(third).ask(end, method="PUT", member=WRITER)
    return "" if done is not None and done.status_code == 201 else _words(done)


def _words(answer: httpx.Response | None) -> str:
    if answer is None:
        return "no answer"
    return code_of(answer) or str(answer.status_code)


def _half(playground: Playground) -> Finding | None:
    """Return None if half of a blob is not served, and the whole one is taken afterwards; otherwise what is wrong."""
    node, other = playground.node(1), playground.node(2)
    content = secrets.token_bytes(_BYTES)
    digest = digest_of(content)
    begun = DoorProbe(node).ask(f"/v2/{_REPOSITORY}/blobs/uploads/", method="POST", member=WRITER)
    path = begun_at(begun)
    if not path:
        return not_yet(f"an upload cannot begin: {_words(begun)}")
    _cut(node, f"{path}{'&' if '?' in path else '?'}digest={digest}", content)
    seen = DoorProbe(other).status(f"/v2/{_REPOSITORY}/blobs/{digest}", member=READER)
    if seen != 404:
        return not_yet(f"a blob whose push was cut in the middle is answered {seen}, wanted 404")
    return _sent_again(node, content, digest)


def _sent_again(node: Node, content: bytes, digest: str) -> Finding | None:
    """Return None if the blob is taken when it is pushed from the start."""
    seen = _upload(node, node, node, content)
    if seen:
        return not_yet(
            f"after a push was cut, the same push is refused: {seen}",
            hint="a proxy may limit the size of a request",
        )
    seen_status = DoorProbe(node).status(f"/v2/{_REPOSITORY}/blobs/{digest}", member=READER)
    if seen_status != 200:
        return not_yet(f"what was pushed again after a cut is answered {seen_status}, wanted 200")
    return None


def _cut(node: Node, path: str, content: bytes) -> None:
    """Announce all bytes of a blob, send half of them, and end the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    place = urlsplit(node.url(PORT))
    secret = base64.b64encode(":".join(WRITER).encode()).decode()
    head = (
        f"PUT {path} HTTP/1.1\r\nHost: {ADDRESS}\r\nAuthorization: Basic {secret}\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    with (
        socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as connection,
    ):
        connection.sendall(head.encode() + content[: len(content) // 2])
