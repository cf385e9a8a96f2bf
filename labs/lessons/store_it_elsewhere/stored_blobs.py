"""Reads a registry whose blobs are in the playground's store, and finds out whether what is written arrives there.

A registry with a redirecting driver sends clients to the store by an address that only the nodes reach. So a check
follows a redirect from inside a node, where pulls come from.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
from docker.models.containers import Container

from labs.lessons.common import setting, upload
from labs.playground import Node, Playground, PlaygroundError
from labs.registry import RegistryClient

_TIMEOUT_S = 30.0
_MOST_BYTES = 32 << 20  # of a blob: no image of the lesson has one of a tenth of it
_BUCKETS = (("s3", "bucket"), ("s3aws", "bucket"), ("swift", "container"))


class NodeTransport(httpx.BaseTransport):
    """Sends requests to a registry; a redirect is followed from inside a node, as its engine would."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._http = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        answer = self._http.handle_request(request)
        if answer.status_code != 307 or request.method != "GET":
            return answer
        answer.close()
        status, content = fetch_from(self._node, answer.headers["location"])
        return httpx.Response(status or 504, content=content)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()


def client_of(node: Node, port: int) -> RegistryClient:
    """A client of the registry on a port of a node that gets blobs from where that node is sent for them."""
    return RegistryClient(node.url(port), timeout_s=_TIMEOUT_S, transport=NodeTransport(node))


def place_in_store(playground: Playground, container: Container, port: int) -> str:
    """Where in the store a write to a registry arrives, `registry/vault`; empty if it does not arrive there.

    Args:
        playground: Whose store it is.
        container: The registry's, whose settings name a bucket.
        port: Of node 1, which leads to it.
    """
    store, node = playground.store, playground.node(1)
    named = (setting(container, "storage", *path) for path in _BUCKETS)
    buckets = list(dict.fromkeys([store.bucket, *(name for name in named if name)]))
    with upload(node, node.url(port)) as begun:
        for bucket in buckets if begun else ():
            with suppress(PlaygroundError):  # the settings may name a bucket that is not there
                if place := begun.place_in(store, bucket) if begun else "":
                    return place
    return ""


def redirect_of(node: Node, port: int, repository: str, digest: str) -> str:
    """The URL to which a registry sends a client that asks for a blob; empty if it serves the blob itself."""
    url = f"{node.url(port)}/v2/{repository}/blobs/{digest}"
    # Not HEAD: the address is signed for the method of the request. The body, where there is one, is not read.
    with (
        httpx.Client(trust_env=False, timeout=_TIMEOUT_S) as http,
        http.stream("GET", url) as answer,
    ):
        return str(answer.headers.get("location", "")) if answer.is_redirect else ""


# The URL is signed for its host, so the Host header is the one of the URL. Values come from the environment: in the
# script's text a URL could be shell code. base64: what a command prints is read as text.
_FETCH = rf"""
exec 3<>"/dev/tcp/$NAME/$PORT" || exit 1
printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$TARGET" "$HOST" >&3
head -c {_MOST_BYTES} <&3 | base64 -w 0
"""


def fetch_from(node: Node, url: str) -> tuple[int, bytes]:
    """Status and body of a GET that is sent from inside a node; the status is 0 if nothing answers there."""
    parts = urlsplit(url)
    try:
        port = parts.port or 80
    except ValueError:  # any server can send any address
        return 0, b""
    values = {
        "NAME": parts.hostname or "",
        "PORT": str(port),
        "HOST": parts.netloc,
        "TARGET": f"{parts.path}?{parts.query}",
    }
    done = node.read_output(["timeout", "20", "bash", "-c", _FETCH], environment=values)
    head, _, body = base64.b64decode(done.stdout).partition(b"\r\n\r\n")
    line = head.split(b" ", 2)
    return (int(line[1]), body) if len(line) > 1 and line[1].isdigit() else (0, b"")
