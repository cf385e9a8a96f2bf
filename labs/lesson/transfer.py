"""Pushes and pulls that raise when they fail: the SDK hides it in the stream (docker-py #3277)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import docker
import docker.errors
from requests.exceptions import Timeout
from urllib3.exceptions import TimeoutError as StreamTimeout

from labs.errors import LabsError
from labs.lesson import diagnosis
from labs.lesson.diagnosis import Failure, Hub
from labs.lesson.observation import AGENT, Answers, Server, how_it_answers, is_here, server_on
from labs.registry import InvalidReference, Reference, RegistryClient, RegistryError

_DIGEST = re.compile(r"\bsha256:[0-9a-f]{64}\b")


class PushFailed(LabsError):
    """A push failed; the message is the engine's own, or the registry's where the engine would try it again in vain."""


class PullFailed(LabsError):
    """A pull failed; the message is the engine's own."""


_SILENCE = (Timeout, StreamTimeout)
"""The engine has sent nothing for as long as the SDK waits: before its answer, and in the middle of it."""


class _RefusedError(Exception):
    """The stream of a push or pull ended with this error."""


_SILENT = "it waits for the registry, or for a disk; run the cell again"
Ports = Mapping[int, str]
"""Where this machine reaches the ports of the engine's node: URLs by the port."""

Served = Callable[[], Sequence[str]]


def push(
    engine: docker.DockerClient,
    ref: str,
    *,
    ports: Ports | None = None,
    served: Served = tuple,
    node: str = "node1",
) -> str:
    """Push what `ref` names, and return its digest in the registry.

    Args:
        engine: The node's.
        ref: Where to; an image of that name is there.
        ports: For a hint that says how the server on one of these answers, and which of them has a repository.
        served: For a hint that says what the lesson's mirror has.
        node: The engine's, by name.

    Raises:
        InvalidReference: `ref` is not a reference.
        PushFailed: The engine or the registry refused.
    """
    reference = _parse(ref, ports or {})
    if reference.digest:
        raise PushFailed(f"push {ref}: a digest cannot be pushed to", hint="give a tag")
    looking = Surroundings(engine, reference, ports or {}, served, node)
    # The familiar name: the engine looks up local images by the name that it prints.
    name, tag = reference.familiar_name, reference.tag
    try:
        stream = engine.api.push(name, tag=tag, stream=True, decode=True)
        return _digest(stream, looking.in_vain)
    except (docker.errors.APIError, _RefusedError, *_SILENCE) as error:
        message, hint = looking.failure("push", ref, error)
        raise PushFailed(message, hint=hint) from error


def pull(
    engine: docker.DockerClient,
    ref: str,
    *,
    ports: Ports | None = None,
    served: Served = tuple,
    node: str = "node1",
) -> str:
    """Pull what `ref` names, and return its digest in the registry.

    Args:
        engine: The node's.
        ref: Where from.
        ports: For a hint that says how the server on one of these answers, and which of them has a repository.
        served: For a hint that says what the lesson's mirror has.
        node: The engine's, by name.

    Raises:
        InvalidReference: `ref` is not a reference.
        PullFailed: The engine or the registry refused.
    """
    reference = _parse(ref, ports or {})
    looking = Surroundings(engine, reference, ports or {}, served, node)
    name, end = reference.familiar_name, reference.digest or reference.tag
    try:
        stream = engine.api.pull(name, tag=end, stream=True, decode=True)
        return _digest(stream)
    except (docker.errors.APIError, _RefusedError, *_SILENCE) as error:
        message, hint = looking.failure("pull", ref, error)
        raise PullFailed(message, hint=hint) from error


def _parse(ref: str, ports: Ports) -> Reference:
    """Read a reference; for a URL of the node, as `lab.url` gives it, the hint has what to write instead.

    Raises:
        InvalidReference: It is not a reference.
    """
    try:
        return Reference.parse(ref)
    except InvalidReference as error:
        scheme, separator, rest = ref.partition("://")
        inside = next(
            (p for p, url in ports.items() if urlsplit(url).netloc == rest.partition("/")[0]), None
        )
        if not separator or scheme not in ("http", "https"):
            raise
        host = f"127.0.0.1:{inside}" if inside else rest.partition("/")[0]
        good = f"{host}/{rest.partition('/')[2] or 'hello-world'}"
        hint = f"a reference has no {scheme}://; " + (
            f"and the engine is inside the node, where this registry is {host}: {good}"
            if inside
            else good
        )
        raise InvalidReference(error.message, hint=hint) from error


class Surroundings:
    """Looks at the server that a reference names, when something has failed.

    Args:
        engine: That pushes or pulls.
        reference: What is moved.
        ports: Where this machine reaches the ports of the engine's node.
        served: Gives what the lesson's mirror has.
        node: The engine's, by name.
    """

    def __init__(
        self,
        engine: docker.DockerClient,
        reference: Reference,
        ports: Ports,
        served: Served,
        node: str = "node1",
    ) -> None:
        self._engine, self._reference, self._ports = engine, reference, ports
        self._served, self._node = served, node
        self._began = time.time()

    def failure(self, verb: str, ref: str, error: Exception) -> tuple[str, str]:
        """Return message and hint for an error of the engine."""
        if isinstance(error, _SILENCE):
            wait_s = self._engine.api.timeout
            return f"{verb} {ref}: the engine has said nothing for {wait_s} s", _SILENT
        said = str(getattr(error, "explanation", None) or error)
        at = {urlsplit(url).netloc: port for port, url in self._ports.items()}
        look = (self._server(), at, self._answers, self._hub)
        failure = Failure(verb, self._reference, said, *look)
        return f"{verb} {ref}: {said}", diagnosis.hint(failure)

    def in_vain(self) -> str:
        """Why another try of the engine cannot succeed; empty if it might."""
        return diagnosis.in_vain(self._reference.registry, self._server(), self._answers)

    def _hub(self) -> Hub:
        """Where else an image without a registry's name could have been found."""
        try:
            return Hub(tuple(self._served()), self._is_on_node(), self._holder())
        except Exception:  # looking must not hide the failure that is looked into
            return Hub()

    def _is_on_node(self) -> bool:
        try:
            return bool(self._engine.images.get(self._reference.familiar))
        except docker.errors.ImageNotFound:
            return False

    def _holder(self) -> str:
        """The registry on a port of the node that has the repository."""
        for port, url in self._ports.items():
            with suppress(RegistryError):
                # By a name of its own: a drawing of requests leaves it out.
                asking = RegistryClient(url, timeout_s=3, user_agent=AGENT)
                asking.tags(self._reference.familiar_name)
                return f"127.0.0.1:{port}"
        return ""

    def _server(self) -> Server | None:
        if not is_here(self._reference.host, self._node):
            return None
        return server_on(self._engine, self._reference.port, self._began)

    def _answers(self) -> Answers | None:
        url = self._ports.get(self._reference.port or 0)
        if not url or not is_here(self._reference.host, self._node):
            return None
        return how_it_answers(url, self._reference.registry, self._reference.repository)


def _digest(stream: Iterable[Mapping[str, Any]], in_vain: Callable[[], str] = lambda: "") -> str:
    """Read a stream to its end: the last digest is that of what was moved; layers come before.

    Args:
        stream: Of a push or pull.
        in_vain: Called when the engine begins to wait for another try: why that cannot succeed, or "".

    Raises:
        _RefusedError: It holds an error, or no digest.
    """
    digest = last = ""
    asked = False
    for step in stream:
        if "errorDetail" in step or "error" in step:
            raise _RefusedError((step.get("errorDetail") or {}).get("message") or step.get("error"))
        last = str(step.get("status") or last)
        # Five tries, 50 seconds in all, and then an answer without a reason.
        if last.startswith("Retrying in") and not asked:
            asked = True
            if reason := in_vain():
                raise _RefusedError(reason)
        # A push has the digest in `aux`, a pull in a status line `Digest: sha256:…`.
        told = (step.get("aux") or {}).get("Digest") or (last if "igest:" in last else "")
        if found := _DIGEST.search(told):
            digest = found[0]
    if not digest:
        raise _RefusedError(f"the stream ended without a digest; its last words: {last!r}")
    return digest
