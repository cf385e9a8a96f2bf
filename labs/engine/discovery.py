"""Finds the Docker engine that the course uses, and checks its version. Nothing is installed or started here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import docker
from docker import ContextAPI
from docker.context.config import get_current_context_name
from docker.errors import DockerException
from docker.tls import TLSConfig
from docker.utils import kwargs_from_env
from requests.exceptions import RequestException

from labs.engine.embedded import Embedded
from labs.engine.engine_error import EngineError
from labs.engine.sdk_client import EngineClient

_DEFAULT_ADDRESS = "unix:///var/run/docker.sock"
_ANSWER_TIMEOUT_S = 10  # for its first answer
_WORK_TIMEOUT_S = 60  # afterwards: a pull or a build may be silent for long
# Engine 20.10, Debian 12's docker.io, is the first with cgroup v2 and private cgroup namespaces.
OLDEST_ENGINE = (20, 10)


class EngineNotFound(EngineError):
    """No engine answers, neither the one the context points to nor an embedded one."""


class EngineTooOld(EngineError):
    """The engine answers, but lacks what the nodes need."""


@dataclass(frozen=True)
class Engine:
    """One engine of the host that answered.

    Attributes:
        client: SDK client of it.
        source: How it was found, for messages: `DOCKER_HOST`, `context "default"`, `embedded`.
        address: Its address, `unix://…` or `tcp://…`.
        version: What it calls itself, `20.10.24+dfsg1`.
    """

    client: docker.DockerClient
    source: str
    address: str
    version: str

    @property
    def embedded(self) -> bool:
        """Whether the course itself started it."""
        return self.source == "embedded"


def parse_version(text: str) -> tuple[int, int]:
    """The first two numbers of an engine's version: `20.10.24+dfsg1` gives (20, 10)."""
    # Distributions append to the number, `20.10.24+dfsg1`, and development builds may have none.
    numbers = [int("".join(c for c in part if c.isdigit()) or 0) for part in text.split(".")[:2]]
    return (numbers[0], numbers[1] if len(numbers) > 1 else 0)


def _asked_for() -> tuple[str, str, TLSConfig | None]:
    """Address, source and TLS of the engine that the Docker CLI would use.

    Raises:
        DockerException: The environment or the context that it names cannot be read.
    """
    asked = kwargs_from_env()
    if host := asked.get("base_url"):
        return host, "DOCKER_HOST", asked.get("tls")
    name = os.environ.get("DOCKER_CONTEXT") or get_current_context_name()
    try:
        context = ContextAPI.get_context(name)
    except Exception as error:  # the SDK raises a bare one for a damaged file
        raise DockerException(f'context "{name}" cannot be read: {error}') from error
    if context is None:  # the SDK would take the default socket, and the CLI would not
        raise DockerException(f'there is no context "{name}"')
    address = (context.Host or _DEFAULT_ADDRESS).replace("http+unix://", "unix://")
    return address, f'context "{name}"', context.TLSConfig


def _from_context(timeout_s: int) -> Engine:
    address, source, tls = _asked_for()
    try:
        return _engine(address, source, timeout_s, tls)
    except (DockerException, RequestException) as error:
        reason = str(error).splitlines()[0]
        raise DockerException(
            f"no Docker engine answers at {address} ({source}): {reason}"
        ) from error


def _engine(address: str, source: str, timeout_s: int, tls: TLSConfig | None = None) -> Engine:
    client = EngineClient(address, tls=tls, timeout_s=timeout_s)
    version = client.version()["Version"]
    # The short timeout is for finding an engine only: with it a long build would be given up.
    client.api.timeout = _WORK_TIMEOUT_S
    return Engine(client=client, source=source, address=address, version=version)


def _checked(engine: Engine) -> Engine:
    if parse_version(engine.version) < OLDEST_ENGINE:
        oldest = ".".join(map(str, OLDEST_ENGINE))
        raise EngineTooOld(
            f"the engine at {engine.address} is {engine.version}, this course needs {oldest} or later",
            hint="update Docker, or point DOCKER_HOST at a newer engine",
        )
    return engine


def find(embedded: Embedded | None = None, *, timeout_s: int = _ANSWER_TIMEOUT_S) -> Engine:
    """Find the engine: the Docker context's or DOCKER_HOST's if it answers, else a running embedded one.

    Args:
        embedded: The embedded engine; by default this machine's.
        timeout_s: Seconds that each of the two has for its first answer.

    Raises:
        EngineNotFound: Neither answers.
        EngineTooOld: The one that answers is older than `OLDEST_ENGINE`.
    """
    embedded = embedded or Embedded()
    try:
        return _checked(_from_context(timeout_s))
    except DockerException as error:
        seen = str(error)
    if embedded.running():
        try:
            # The context's engine comes first: a student who has Docker must not get a second engine unasked.
            return _checked(_engine(embedded.address, "embedded", timeout_s))
        except (DockerException, RequestException) as error:
            seen += f"; the embedded one does not answer either: {str(error).splitlines()[0]}"
    raise EngineNotFound(
        seen, hint="run `make start`, or start Docker and try again; `labs doctor` tells more"
    )


def find_or_start(
    ask: Callable[[str], bool], say: Callable[[str], None], embedded: Embedded | None = None
) -> Engine:
    """Find an engine, or start the embedded one after `ask` agreed to what will be done.

    Raises:
        EngineNotFound: None answers and none can be started here, or `ask` returned False; nothing was changed.
    """
    embedded = embedded or Embedded()
    try:
        return find(embedded)
    except EngineNotFound as missing:
        reason = embedded.why_not()
        if reason:
            raise EngineNotFound(missing.message, hint=reason) from missing
        plan = "\n".join(f"  - {step}" for step in embedded.plan())
        if not ask(
            f"{missing.message}\nThe course can start an engine of its own:\n{plan}\nGo on?"
        ):
            raise EngineNotFound(
                "no engine was started: the answer was no", hint="start Docker yourself, then again"
            ) from missing
    embedded.start(say)
    return _checked(_engine(embedded.address, "embedded", _ANSWER_TIMEOUT_S))
