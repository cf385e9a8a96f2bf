"""Requests to write that a registry refused, by its access log: an attempt that left nothing else behind.

A check asks here before it says "not attempted". What a registry was asked that has been removed is not seen.
"""

from __future__ import annotations

from labs.lesson import Finding, not_yet
from labs.lessons.common.registry_state import on_port
from labs.playground import Node
from labs.registry import LoggedRequest, read_access_log

_WRITING = ("POST", "PATCH", "PUT")


def refused_request(node: Node, port: int, *words: str) -> LoggedRequest | None:
    """The last request to write whose address has one of the words, if its answer was an error.

    Args:
        node: Where the registry runs.
        port: Where it answers.
        words: Parts of an address, such as a repository or the id of an upload.
    """
    container = on_port(node, port)
    if container is None:
        return None
    log = container.logs().decode(errors="replace")
    asked = [
        request
        for request in read_access_log(log)
        if request.method in _WRITING and any(word in request.target for word in words)
    ]
    return asked[-1] if asked and asked[-1].status >= 400 else None


def refused_attempt(node: Node, port: int, *words: str, hint: str) -> Finding | None:
    """Say what was refused, without ids and digests; None if nothing was."""
    request = refused_request(node, port, *words)
    if request is None:
        return None
    what = {"manifests": "a manifest", "blobs/uploads": "a blob"}.get(request.what)
    of = f" of {what} to {request.repository}" if what else " to an address of that repository"
    return not_yet(f"the last {request.method}{of} was answered with {request.status}", hint=hint)
