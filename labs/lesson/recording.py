"""Records the requests to a registry while a block runs, from the registry's own access log.

A log and not a recording proxy: with nothing between engine and registry, the requests are those of a pull
without recording (same address, same TLS, same login), and a registry that is running already can be recorded.
Headers and bodies, which only a proxy would see, are not drawn anyway. Two requests of its own mark the beginning
and the end.
"""

from __future__ import annotations

from uuid import uuid4

import httpx
from docker.models.containers import Container

from labs.registry import (
    Index,
    LoggedRequest,
    Manifest,
    RegistryClient,
    RegistryError,
    Step,
    conversation,
    read_access_log,
)
from labs.waiting import wait_until


class Recording:
    """The requests that a registry answered from `start` to `end`.

    Args:
        container: The registry's; its log is read through the engine.
        url: Where that registry is reached.
    """

    def __init__(self, container: Container, url: str) -> None:
        self._container = container
        self._url = url
        # A mark sends no credentials and its answer is not used, so the registry's certificate is not verified: lessons
        # use their own authorities.
        self._http = httpx.Client(base_url=url, trust_env=False, verify=False)
        self._first = ""

    def start(self) -> None:
        """Begin: what was answered before is not recorded."""
        self._first = self._mark()

    def end(self) -> list[Step]:
        """Return the steps since the beginning."""
        last = self._mark()
        log = self._log()
        marks = [request.agent for request in log]
        between = log[marks.index(self._first) + 1 : marks.index(last)]
        return conversation(between, self._documents(between))

    def _mark(self) -> str:
        """Send a request that is known by its User-Agent, and wait until the log has it."""
        # A random part: marks of an earlier block are in the same log.
        agent = f"labs-recording/{uuid4().hex}"
        self._http.get("/v2/", headers={"User-Agent": agent})
        wait_until(
            lambda: agent in [request.agent for request in self._log()],
            "the registry's log",
            # The log has the line within milliseconds, and every drawing in a lesson waits for it twice.
            interval_s=0.01,
        )
        return agent

    def _log(self) -> list[LoggedRequest]:
        # distribution writes its access log to standard output and its other log to standard error.
        return read_access_log(self._container.logs(stdout=True, stderr=False).decode())

    def _documents(self, requests: list[LoggedRequest]) -> list[Manifest | Index]:
        """The manifests that these requests were about, each once."""
        found: dict[str, Manifest | Index] = {}
        registry = RegistryClient(self._url)
        for request in requests:
            if request.what == "manifests" and request.status < 400:
                try:
                    document = registry.manifest(request.repository, request.end)
                except RegistryError:
                    continue  # deleted since, or another answer to a client with fewer types
                found[document.digest] = document
        return list(found.values())
