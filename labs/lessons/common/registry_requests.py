"""One request of each kind that a registry answers, so that a check asks more than the path a lesson names.

A proxy may guard one path, one method or one repository and leave the others open. None of these requests changes what
a registry has, even where it is let through: what would write names something that does not exist.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx

from labs.lessons.common.check_http import Member

_NOWHERE = "sha256:" + "0" * 64
_NO_UPLOAD = "00000000-0000-4000-8000-000000000000"
_NO_TAG = "course-check"
_ELSEWHERE = "course-check"
_VOLATILE = re.compile(r"(?<=sha256:)[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What a registry answers to a request that it refuses for good; UNSUPPORTED is said of a DELETE that is switched off.
_REFUSALS = ("UNAUTHORIZED", "DENIED", "UNSUPPORTED")


@dataclass(frozen=True)
class Request:
    """A request without a password.

    Attributes:
        method: HTTP method.
        path: From `/v2/` on.
        content: Its body.
        content_type: Of the body.
    """

    method: str
    path: str
    content: bytes | None = None
    content_type: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to its body."""
        return {"Content-Type": self.content_type} if self.content_type else {}

    def __str__(self) -> str:
        # Without digests and ids: a verdict has the same text in every run.
        return f"{self.method} {_VOLATILE.sub('…', self.path.partition('?')[0])}"


class Probe(ABC):
    """Something that asks a registry, with a password or without."""

    @abstractmethod
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

    def send(self, request: Request, member: Member | None = None) -> httpx.Response | None:
        """The answer to a request of a check, or None."""
        return self.ask(
            request.path,
            method=request.method,
            member=member,
            headers=request.headers,
            content=request.content,
        )

    def status(self, path: str = "/v2/", *, member: Member | None = None) -> int:
        """The status of a GET; 0 if no HTTP server answers."""
        answer = self.ask(path, member=member)
        return answer.status_code if answer is not None else 0


Ask = Callable[[Request], httpx.Response | None]


def reading(repository: str, tag: str, digests: Sequence[str] = ()) -> Iterator[Request]:
    """Requests that read, GET and HEAD, of each kind of path.

    Args:
        repository: One that exists.
        tag: One of its tags.
        digests: Of blobs that it has, the manifest's first.
    """
    paths = [
        "/v2/",
        "/v2/_catalog",
        f"/v2/{repository}/tags/list",
        f"/v2/{repository}/manifests/{tag}",
        f"/v2/{repository}/manifests/{digests[0] if digests else _NOWHERE}",
        *(f"/v2/{repository}/blobs/{digest}" for digest in digests[1:] or [_NOWHERE]),
        f"/v2/{repository}/blobs/uploads/{_NO_UPLOAD}",
        f"/v2/{_ELSEWHERE}/tags/list",
        f"/v2/{_ELSEWHERE}/manifests/latest",
    ]
    for method in ("GET", "HEAD"):
        yield from (Request(method, path) for path in paths)


def writing(repository: str, *, upload: str = "", manifest_type: str = "") -> Iterator[Request]:
    """Requests that write, but POST, which begins an upload: PUT, PATCH and DELETE on each kind of path.

    Args:
        repository: One that exists.
        upload: Path of an upload of the check's own; without one, an upload that does not exist is named.
        manifest_type: Content type of a manifest of the repository.
    """
    kind = manifest_type or "application/vnd.docker.distribution.manifest.v2+json"
    for where in (repository, _ELSEWHERE):
        manifests, blobs = f"/v2/{where}/manifests", f"/v2/{where}/blobs"
        # A manifest that is none: a registry that may be written to says MANIFEST_INVALID.
        yield Request("PUT", f"{manifests}/{_NO_TAG}", b"{}", kind)
        yield Request("PUT", f"{manifests}/{_NOWHERE}", b"{}", kind)
        yield Request("DELETE", f"{manifests}/{_NOWHERE}")
        yield Request("DELETE", f"{manifests}/{_NO_TAG}")
        yield Request("DELETE", f"{blobs}/{_NOWHERE}")
    begun = upload or f"/v2/{repository}/blobs/uploads/{_NO_UPLOAD}"
    yield Request("PATCH", begun, b"", "application/octet-stream")
    with_digest = f"{begun}{'&' if '?' in begun else '?'}digest={_NOWHERE}"
    yield Request("PUT", with_digest, b"", "application/octet-stream")
    yield Request("DELETE", begun)


def beginning(repository: str) -> Iterator[Request]:
    """Requests that begin an upload; `begun_at` says where one that has begun is to be cancelled."""
    for where in (repository, _ELSEWHERE):
        yield Request("POST", f"/v2/{where}/blobs/uploads/")


def begun_at(answer: httpx.Response | None) -> str:
    """Where an upload is continued, the path alone: an answer may name any host; empty if none has begun."""
    if answer is None or answer.status_code != 202 or not answer.headers.get("location"):
        return ""
    # One slash before it: appended to host and port, "@elsewhere" would be another host.
    return "/" + httpx.URL(answer.headers["location"]).raw_path.decode().lstrip("/")


def lets_through(answer: httpx.Response | None) -> bool:
    """Whether a request got to a registry that was willing to do it, whatever came of it.

    A registry that would delete says that what was named is unknown; one that refuses says 401, 403 or 405. An error
    without a code of a registry is the proxy's own.
    """
    if answer is None:
        return False
    if answer.status_code < 400:
        return True
    return code_of(answer) not in ("", *_REFUSALS)


def says_registry(answer: httpx.Response) -> bool:
    """Whether a registry made this answer: its header is in each, also in those that a proxy passes on."""
    return "docker-distribution-api-version" in answer.headers


def asks_itself(answer: httpx.Response | None) -> bool:
    """Whether a proxy asks for a password of its own: with one that it knows, the request goes on."""
    return (
        answer is not None
        and answer.status_code == httpx.codes.UNAUTHORIZED
        and "www-authenticate" in answer.headers
        and not says_registry(answer)
    )


def code_of(answer: httpx.Response) -> str:
    """The code of a registry's error; empty if it is not one."""
    with suppress(LookupError, ValueError, TypeError):
        return str(json.loads(answer.content)["errors"][0]["code"])
    return ""


def open_to_strangers(
    repository: str, tag: str, ask: Ask, *, digests: Sequence[str] = ()
) -> tuple[Request, int] | None:
    """Ask everything without a password; return the first request that is not refused, and its status.

    Reading and the POST that begins a push have to be answered with 401, since clients send a password only then.

    Args:
        repository: One that exists.
        tag: One of its tags.
        ask: Sends a request, without a password.
        digests: Of blobs that it has, the manifest's first.
    """
    for request in reading(repository, tag, digests):
        answer = ask(request)
        status = answer.status_code if answer is not None else 0
        if status != 401:
            return request, status
    for request in beginning(repository):
        answer = ask(request)
        if path := begun_at(answer):
            ask(Request("DELETE", path))
        status = answer.status_code if answer is not None else 0
        if status != 401:
            return request, status
    for request in writing(repository):
        answer = ask(request)
        if answer is not None and lets_through(answer):
            return request, answer.status_code
    return None
