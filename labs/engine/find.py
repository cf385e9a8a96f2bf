"""Which Docker engine the course uses, and whether it will do. Nothing is installed or started here."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import docker
from docker import ContextAPI
from docker.errors import DockerException
from requests.exceptions import RequestException

from labs.engine.client import EngineClient
from labs.engine.embedded import Embedded, EngineError

OLDEST_ENGINE = (20, 10)  # Debian 12's docker.io: the first with cgroup v2 and private cgroup namespaces


class EngineNotFound(EngineError):
    """No engine answers, neither the one the context points to nor an embedded one."""


class EngineTooOld(EngineError):
    """The engine answers, but lacks what the nodes need."""


@dataclass(frozen=True)
class Engine:
    """One engine of the host that answered.

    Attributes:
        client: SDK client of it.
        source: How it was found, in words: `DOCKER_HOST`, `context "default"`, `embedded`.
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
    numbers = [int("".join(c for c in part if c.isdigit()) or 0) for part in text.split(".")[:2]]
    return (numbers[0], numbers[1] if len(numbers) > 1 else 0)


def _asked_for() -> tuple[str, str]:
    """Address and source of the engine that the Docker CLI would use."""
    host = os.environ.get("DOCKER_HOST")
    if host:
        return host, "DOCKER_HOST"
    try:
        context = ContextAPI.get_current_context()
    except DockerException:
        return "unix:///var/run/docker.sock", 'context "default"'
    address = getattr(context, "Host", None) or "unix:///var/run/docker.sock"
    return address.replace("http+unix://", "unix://"), f'context "{context.name}"'


def _from_context() -> Engine:
    address, source = _asked_for()
    client = docker.from_env(timeout=60)
    version = client.version()["Version"]
    return Engine(client=client, source=source, address=address, version=version)


def _from_embedded(embedded: Embedded) -> Engine:
    client = EngineClient(embedded.address)
    version = client.version()["Version"]
    return Engine(client=client, source="embedded", address=embedded.address, version=version)


def _checked(engine: Engine) -> Engine:
    if parse_version(engine.version) < OLDEST_ENGINE:
        oldest = ".".join(map(str, OLDEST_ENGINE))
        raise EngineTooOld(
            f"the engine at {engine.address} is {engine.version}, this course needs {oldest} or later",
            hint="update Docker, or point DOCKER_HOST at a newer engine",
        )
    return engine


def find(embedded: Embedded | None = None) -> Engine:
    """Find the engine: the Docker context's or DOCKER_HOST's if it answers, else a running embedded one.

    Raises:
        EngineNotFound: Neither answers.
        EngineTooOld: The one that answers is older than `OLDEST_ENGINE`.
    """
    embedded = embedded or Embedded()
    try:
        return _checked(_from_context())
    except (DockerException, RequestException) as error:
        seen = str(error).splitlines()[0]
    if embedded.running():
        return _checked(_from_embedded(embedded))
    address, source = _asked_for()
    raise EngineNotFound(
        f"no Docker engine answers at {address} ({source}): {seen}",
        hint="run `make start`, or start Docker and try again; `labs doctor` tells more",
    )


def find_or_start(
    ask: Callable[[str], bool], say: Callable[[str], None], embedded: Embedded | None = None
) -> Engine:
    """Find an engine, or start the embedded one after `ask` agreed to what will be done.

    Raises:
        EngineNotFound: None answers and none can be started here, or `ask` said no; nothing was changed.
    """
    embedded = embedded or Embedded()
    try:
        return find(embedded)
    except EngineNotFound as missing:
        reason = embedded.why_not()
        if reason:
            raise EngineNotFound(missing.message, hint=reason) from missing
        plan = "\n".join(f"  - {step}" for step in embedded.plan())
        if not ask(f"{missing.message}\nThe course can start an engine of its own:\n{plan}\nGo on?"):
            raise EngineNotFound(
                "no engine was started: the answer was no", hint="start Docker yourself, then again"
            ) from missing
    embedded.start(say)
    return _checked(_from_embedded(embedded))
