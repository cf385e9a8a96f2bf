"""Pushes and pulls that raise when they fail: the SDK hides it in the stream (docker-py #3277)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import docker
import docker.errors

from labs.errors import LabsError
from labs.registry import Reference

_DIGEST = re.compile(r"\bsha256:[0-9a-f]{64}\b")
# The first that is in the engine's message is shown: `denied` and `not found` are in many, so more specific ones come
# before them.
_HINTS = (
    (
        "server gave HTTP response to HTTPS client",
        "list the registry in the engine's insecure-registries",
    ),
    (
        "connection refused",
        "nothing listens there: is the registry's container running, on that port?",
    ),
    ("no such host", "the engine resolves names, not the notebook: it knows no such host"),
    (
        "does not exist locally",
        "docker.images.list() shows what you have; image.tag(…) gives it this name",
    ),
    (
        "unknown authority",
        "put the authority's certificate into certs.d/<host:port>/ca.crt of the engine",
    ),
    ("no basic auth credentials", "log in to exactly this host: docker.login(…, registry=…)"),
    ("unauthorized", "log in to exactly this host: docker.login(…, registry=…)"),
    ("denied", "this user may not do that in this repository, or there is none of that name"),
    ("manifest unknown", "the registry has no such tag: lab.registry.tags(…) lists those it has"),
    (
        "not found",
        "the registry has no such repository or tag: lab.registry.catalog() lists those it has",
    ),
    ("toomanyrequests", "the registry limits pulls; wait, or log in"),
)


class PushFailed(LabsError):
    """A push failed; the message is the engine's own."""


class PullFailed(LabsError):
    """A pull failed; the message is the engine's own."""


def push(engine: docker.DockerClient, ref: str) -> str:
    """Push what `ref` names, and return its digest in the registry.

    Raises:
        InvalidReference: `ref` is not a reference.
        PushFailed: The engine or the registry refused.
    """
    reference = Reference.parse(ref)
    if reference.digest:
        raise PushFailed(f"push {ref}: a digest cannot be pushed to", hint="give a tag")
    # The familiar name: the engine looks up local images by the name that it prints.
    name, tag = reference.familiar_name, reference.tag
    try:
        stream = engine.api.push(name, tag=tag, stream=True, decode=True)
        return _digest(stream)
    except (docker.errors.APIError, _RefusedError) as error:
        message, hint = _failure("push", ref, error)
        raise PushFailed(message, hint=hint) from error


def pull(engine: docker.DockerClient, ref: str) -> str:
    """Pull what `ref` names, and return its digest in the registry.

    Raises:
        InvalidReference: `ref` is not a reference.
        PullFailed: The engine or the registry refused.
    """
    reference = Reference.parse(ref)
    name, end = reference.familiar_name, reference.digest or reference.tag
    try:
        stream = engine.api.pull(name, tag=end, stream=True, decode=True)
        return _digest(stream)
    except (docker.errors.APIError, _RefusedError) as error:
        message, hint = _failure("pull", ref, error)
        raise PullFailed(message, hint=hint) from error


class _RefusedError(Exception):
    """The stream of a push or pull ended with this error."""


def _digest(stream: Iterable[Mapping[str, Any]]) -> str:
    """Read a stream to its end: the last digest is that of what was moved; layers come before.

    Raises:
        _RefusedError: It holds an error, or no digest.
    """
    digest = last = ""
    for step in stream:
        if "errorDetail" in step or "error" in step:
            raise _RefusedError((step.get("errorDetail") or {}).get("message") or step.get("error"))
        last = str(step.get("status") or last)
        # A push has the digest in `aux`, a pull in a status line `Digest: sha256:…`.
        told = (step.get("aux") or {}).get("Digest") or (last if "igest:" in last else "")
        if found := _DIGEST.search(told):
            digest = found[0]
    if not digest:
        raise _RefusedError(f"the stream ended without a digest; its last words: {last!r}")
    return digest


def _failure(verb: str, ref: str, error: Exception) -> tuple[str, str]:
    """Return message and hint for an error of the engine."""
    said = getattr(error, "explanation", None) or str(error)
    hint = next((hint for words, hint in _HINTS if words.lower() in said.lower()), "")
    return f"{verb} {ref}: {said}", hint
