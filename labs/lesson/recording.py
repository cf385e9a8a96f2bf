"""Records the requests to a registry while a block runs, from the registry's own access log.

A log and not a recording proxy: with nothing between engine and registry, the requests are those of a pull
without recording (same address, same TLS, same login), and a registry that is running already can be recorded.
Headers and bodies, which only a proxy would see, are not drawn anyway. Two requests of its own mark the beginning
and the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid4

import httpx
from docker.errors import DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from labs.errors import LabsError
from labs.lesson.lesson import LessonError
from labs.lesson.observation import AGENT
from labs.lesson.registry_container import settings_of
from labs.registry import (
    Index,
    LoggedRequest,
    Manifest,
    RegistryClient,
    Traffic,
    read_access_log,
)
from labs.waiting import WaitTimeout, wait_until

Recorded = dict[str, Traffic]
"""What each registry was asked, by the name of its container."""

_LOG_S = 5.0  # the line is there at once; without it, the log is another container's


class Recording:
    """The requests that a registry answered from `start` to `end`.

    Args:
        container: The registry's; its log is read through the engine.
        url: Where that registry is reached.

    Raises:
        LessonError: This registry writes no access log.
    """

    def __init__(self, container: Container, url: str) -> None:
        self._container = container
        self._url = url
        if not settings_of(container).access_log:
            raise LessonError(
                f"the registry in container {container.name} writes no access log",
                hint="REGISTRY_LOG_ACCESSLOG_DISABLED, or log.accesslog.disabled in its file, switches it off",
            )
        self._first = ""

    def start(self) -> None:
        """Begin: what was answered before is not recorded.

        Raises:
            LessonError: Nothing answers at the URL, or it is not the container that does.
        """
        self._first = self._mark()

    def requests(self) -> list[LoggedRequest]:
        """Return the requests since the beginning.

        Raises:
            LessonError: The registry does not answer any more.
        """
        last = self._mark()
        log = self._log()
        marks = [request.agent for request in log]
        return [
            request
            for request in log[marks.index(self._first) + 1 : marks.index(last)]
            if not request.agent.startswith(AGENT)  # asked by `lab.push`, for the hint of a failure
        ]

    def _mark(self) -> str:
        """Send a request that is known by its User-Agent, and wait until the log has it."""
        # A random part: marks of an earlier block are in the same log.
        agent = f"labs-recording/{uuid4().hex}"
        self._ask(agent)
        try:
            wait_until(
                lambda: agent in [request.agent for request in self._log()],
                "the registry's log",
                timeout_s=_LOG_S,
                # The log has the line within milliseconds, and every drawing in a lesson waits for it twice.
                interval_s=0.01,
            )
        except WaitTimeout as error:
            raise LessonError(
                f"{self._url} answers, and the log of container {self._container.name} has no line of it",
                hint="is it another container that has the port? lab.requests(NAME, port=…)",
            ) from error
        return agent

    def _ask(self, agent: str) -> None:
        # A mark sends no credentials and its answer is not used, so the registry's certificate is not verified: lessons
        # use their own authorities.
        try:
            with httpx.Client(trust_env=False, verify=False, headers={"User-Agent": agent}) as http:
                reply = http.get(f"{self._url}/v2/")
                # What a Go server with TLS answers to plain HTTP, without a line in its access log.
                if reply.status_code == 400 and "HTTPS server" in reply.text:
                    self._url = self._url.replace("http://", "https://", 1)
                    http.get(f"{self._url}/v2/")
        except httpx.HTTPError as error:
            raise LessonError(
                f"nothing answers at {self._url}: {error}",
                hint="start the registry before `with lab.requests()`, and call lab.wait(PORT)",
            ) from error

    def _log(self) -> list[LoggedRequest]:
        # distribution writes its access log to standard output and its other log to standard error.
        try:
            log = self._container.logs(stdout=True, stderr=False)
        except (DockerException, RequestException) as error:
            said = getattr(error, "explanation", None) or error
            raise LessonError(
                f"the log of container {self._container.name} cannot be read: {said}",
                hint="lab.requests(NAME) reads the log of a container that exists, with the log driver json-file",
            ) from error
        return read_access_log(log.decode(errors="replace"))

    def documents(self, requests: Iterable[LoggedRequest]) -> list[Manifest | Index]:
        """The manifests that these requests were about, each once."""
        found: dict[str, Manifest | Index] = {}
        registry = RegistryClient(self._url, verify=False)
        for request in requests:
            if request.what == "manifests" and request.status < 400:
                try:
                    document = registry.manifest(request.repository, request.end)
                except LabsError:
                    continue  # deleted since, or another answer to a client with fewer types
                found[document.digest] = document
        return list(found.values())


class Recordings:
    """The requests that several registries answered from `start` to `end`, for a table of all.

    Args:
        recordings: One for each, by the name of its container.
    """

    def __init__(self, recordings: dict[str, Recording]) -> None:
        self._recordings = recordings

    def start(self) -> None:
        """Begin.

        Raises:
            LessonError: Nothing answers at a URL, or it is not the container that does.
        """
        for recording in self._recordings.values():
            recording.start()

    def end(self) -> tuple[Recorded, list[Manifest | Index]]:
        """Return what each was asked, and the manifests that this was about.

        Raises:
            LessonError: A registry does not answer any more.
        """
        # All of them before any manifest is asked for: a cache would ask its upstream for it.
        asked = {name: recording.requests() for name, recording in self._recordings.items()}
        found: dict[str, Manifest | Index] = {}
        for name, recording in self._recordings.items():
            found.update({each.digest: each for each in recording.documents(asked[name])})
        recorded = {name: Traffic(tuple(requests)) for name, requests in asked.items()}
        return recorded, list(found.values())
