"""Asks the registry at registry.lab:5000 as member and as untrusted client."""

from __future__ import annotations

import ssl
from contextlib import suppress
from dataclasses import dataclass

import httpx

from labs.lesson import Answers
from labs.lessons.common import Member, Probe, ask, begun_at
from labs.playground import Node
from labs.registry import (
    ACCEPT,
    InvalidManifest,
    Manifest,
    RegistryClient,
    digest_of,
    read_manifest,
)
from labs.waiting import WaitTimeout, wait_until

HOST, PORT = "registry.lab", 5000
ADDRESS = f"{HOST}:{PORT}"
REPOSITORY, TAG = "team/hello", "latest"
MANIFEST = f"/v2/{REPOSITORY}/manifests/{TAG}"
FIRST = f"run a registry that answers at {ADDRESS} first (50.1)"
MOBY: Member = ("moby", "gordon")
_PATIENCE_S = 5.0  # a registry and, after it, a proxy have to listen


@dataclass(frozen=True)
class RegistryProbe(Probe):
    """Port 5000 of node 1, asked over TLS, else over plain HTTP. The certificate is not verified here."""

    node: Node

    def ask(
        self,
        path: str = "/v2/",
        *,
        method: str = "GET",
        member: Member | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response | None:
        """Return the answer, or None if no HTTP server answers."""
        url = self.node.url(PORT) + path
        for each in (url.replace("http:", "https:", 1), url):
            answer = ask(
                each,
                method=method,
                member=member,
                headers={"Accept": ACCEPT, **(headers or {})},
                content=content,
                host=HOST,
            )
            if answer is not None:
                return answer
        return None

    def begins_upload(self, repository: str, member: Member | None = None) -> int:
        """The status of a POST that begins an upload; the upload is cancelled."""
        answer = self.ask(f"/v2/{repository}/blobs/uploads/", method="POST", member=member)
        if path := begun_at(answer):
            self.ask(path, method="DELETE", member=member)
        return answer.status_code if answer is not None else 0

    def plain(self) -> int:
        """The status of a GET in plain HTTP, 0 for no answer; a port with TLS answers 400."""
        answer = ask(self.node.url(PORT) + "/v2/")
        return answer.status_code if answer is not None else 0

    def wait(self) -> None:
        """Give a container that was just started the time to listen, behind a proxy too."""
        if self.node.docker.containers.list(ignore_removed=True):
            with suppress(WaitTimeout):
                wait_until(self._settled, "the registry", timeout_s=_PATIENCE_S)

    def _settled(self) -> bool:
        # 502: a proxy answers, and the registry behind it does not yet.
        return self.status() not in (0, 502)


def given(answers: Answers) -> Member | None:
    """The second user, as the student names it."""
    user, password = answers.get("user"), answers.get("password")
    # Answers are JSON of any type.
    named = isinstance(user, str) and isinstance(password, str) and user
    return (str(user), str(password)) if named else None


def allowed(probe: RegistryProbe, answers: Answers) -> Member | None:
    """Return a member whom the registry accepts, moby before the second user."""
    known = (MOBY, given(answers))
    return next((each for each in known if each and probe.status(member=each) == 200), None)


def digests_of(probe: RegistryProbe, member: Member | None) -> list[str]:
    """Return the digests of the image that was pushed, its manifest's first; none if a member does not get it."""
    answer = probe.ask(MANIFEST, member=member) if member else None
    if answer is None or answer.status_code != 200:
        return []
    try:
        found = read_manifest(answer.content)
    except InvalidManifest:
        return []
    below = (found.config, *found.layers) if isinstance(found, Manifest) else ()
    return [digest_of(answer.content), *(each.digest for each in below)]


def as_client(probe: RegistryProbe, member: Member) -> RegistryClient:
    """A client of the registry with a member's password. The certificate is not verified here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    url = probe.node.url(PORT)
    secure = ask(f"{url.replace('http:', 'https:', 1)}/v2/", host=HOST) is not None
    return RegistryClient(
        url.replace("http:", "https:", 1) if secure else url, auth=member, verify=context
    )
