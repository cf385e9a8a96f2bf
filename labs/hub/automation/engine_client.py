"""Requests to the engine that builds, over TLS with the hub's own certificate."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

import urllib3
from django.conf import settings

API = "/v1.42"  # the first that tells of volumes alone
LONGEST_S = 600
# What a build writes is on the disk of the node, which has no quota.
LARGEST_FILE = {"Name": "fsize", "Soft": 1 << 30, "Hard": 1 << 30}


class EngineRefused(Exception):
    """The engine answered with an error; the message is its own."""


def request(
    method: str,
    path: str,
    *,
    body: Iterable[bytes] | bytes | None = None,
    headers: dict[str, str] | None = None,
) -> urllib3.BaseHTTPResponse:
    """Send a request and return the answer unread, so that what comes slowly can be followed.

    Raises:
        EngineRefused: Its status is an error.
        urllib3.exceptions.HTTPError: The engine does not answer.
    """
    answer = _pool().request(
        method, API + path, body=body, headers=headers, preload_content=False, redirect=False
    )
    if answer.status >= 400:
        raise EngineRefused(json.loads(answer.read() or b"{}").get("message", str(answer.status)))
    return answer


def ask(method: str, path: str, content: object = None) -> Any:
    """Send JSON and return the JSON of the answer; None if it has none.

    Raises:
        EngineRefused: Its status is an error.
        urllib3.exceptions.HTTPError: The engine does not answer.
    """
    body = None if content is None else json.dumps(content).encode()
    answer = request(method, path, body=body, headers={"Content-Type": "application/json"})
    data = answer.read()
    return json.loads(data) if data.strip() else None


def encoded(content: object) -> str:
    """A login, as the engine takes it in a header."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def _pool() -> urllib3.connectionpool.HTTPConnectionPool:
    host, _, port = settings.ENGINE.removeprefix("tcp://").partition(":")
    folder = settings.ENGINE_CERTIFICATES
    return urllib3.HTTPSConnectionPool(
        host,
        int(port),
        cert_file=str(folder / "cert.pem"),
        key_file=str(folder / "key.pem"),
        ca_certs=str(folder / "ca.pem"),
        timeout=urllib3.Timeout(connect=10, read=LONGEST_S),
        retries=False,
    )
