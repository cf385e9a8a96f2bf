"""A visit to a registry, as a client of one repository pays it: a login, uploads, manifests. Nothing is judged here.

The requests are those of the OCI distribution specification, version 1.1.1. A login is none of its matters: what a
registry asks for is in its answer, and clients do what `docker` does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import httpx

from labs.registry import digest_of

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
EMPTY = "application/vnd.oci.empty.v1+json"
ACCEPT = f"{MANIFEST}, {INDEX}"
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class BearerLogin(httpx.Auth):
    """Fetches a token where a registry asks for one, and sends it with all that follows until it asks again.

    Args:
        member: Name and password for the token server; none for a stranger.
    """

    requires_response_body = True

    def __init__(self, member: tuple[str, str] | None = None) -> None:
        self._member = member
        self._token = ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request; after a challenge, ask its realm for its scope and send it once more."""
        if self._token:
            request.headers["authorization"] = f"Bearer {self._token}"
        answer = yield request
        kind, _, parameters = answer.headers.get("www-authenticate", "").partition(" ")
        if answer.status_code != 401 or kind != "Bearer":
            return
        asked = dict(_PARAMETER.findall(parameters))
        to_realm = httpx.Request("GET", asked.pop("realm"), params=asked)
        if self._member:
            to_realm = next(httpx.BasicAuth(*self._member).auth_flow(to_realm))
        given = yield to_realm
        if given.status_code == 200:
            self._token = given.json()["token"]
            request.headers["authorization"] = f"Bearer {self._token}"
            yield request


@dataclass(frozen=True)
class Visit:
    """A registry and a repository in it.

    Attributes:
        http: A client that may write there.
        stranger: A client without a login.
        repository: Where the visit writes; what is there already is left, but for tags that it writes itself.
    """

    http: httpx.Client
    stranger: httpx.Client
    repository: str
    _uploaded: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def to(cls, url: str, repository: str, member: tuple[str, str] | None = None) -> Visit:
        """Visit the registry at an address, with a login or without."""
        return cls(_client(url, member), _client(url, None), repository)

    def path(self, *parts: str, of: str = "") -> str:
        """A path below a repository, by default the visit's: `/v2/team/app/tags/list`."""
        return "/".join(["/v2", of or self.repository, *parts])

    def begin(self, query: str = "", of: str = "") -> httpx.Response:
        """POST: begin an upload. A client sends no body with it, and says so."""
        return self.http.post(self.path("blobs", "uploads", f"{query}", of=of), content=b"")

    def finish(self, begun: httpx.Response, digest: str, content: bytes = b"") -> httpx.Response:
        """PUT: send what is left of an upload and close it, at the place that its last answer named."""
        return self.http.put(_place(begun).copy_add_param("digest", digest), content=content)

    def send(self, begun: httpx.Response, content: bytes, start: int) -> httpx.Response:
        """PATCH: send one chunk of an upload."""
        chunk = {"content-range": f"{start}-{start + len(content) - 1}"}
        return self.http.patch(_place(begun), content=content, headers=chunk)

    def upload(self, content: bytes, of: str = "") -> dict[str, Any]:
        """Upload a blob, once a visit, and return its descriptor, with a layer's media type."""
        digest = digest_of(content)
        if (of, digest) not in self._uploaded:
            self.finish(self.begin(of=of), digest, content).raise_for_status()
            self._uploaded.add((of, digest))
        return described(content, LAYER)

    def image(self, text: str) -> bytes:
        """Upload the blobs of an image whose one layer is `text`; return its manifest."""
        config = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers"}})
        self.upload(config.encode())
        layers = [self.upload(text.encode())]
        return document(MANIFEST, config=described(config.encode(), CONFIG), layers=layers)

    def put(self, content: bytes, reference: str = "") -> httpx.Response:
        """PUT: push a manifest by a tag, or by its digest alone."""
        kind = str(json.loads(content)["mediaType"])
        path = self.path("manifests", reference or digest_of(content))
        return self.http.put(path, content=content, headers={"content-type": kind})

    def get(self, *parts: str, **options: Any) -> httpx.Response:
        """GET: something of the repository."""
        return self.http.get(self.path(*parts), **options)

    def delete(self, *parts: str) -> httpx.Response:
        """DELETE: something of the repository."""
        return self.http.delete(self.path(*parts))


def described(content: bytes, media_type: str) -> dict[str, Any]:
    """A descriptor: media type, digest and size."""
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def document(media_type: str, **fields: Any) -> bytes:
    """A manifest or an index with these fields, as bytes."""
    content = {"schemaVersion": 2, "mediaType": media_type, **fields}
    return json.dumps(content, separators=(",", ":")).encode()


def _client(url: str, member: tuple[str, str] | None) -> httpx.Client:
    auth = BearerLogin(member)
    return httpx.Client(
        base_url=url, auth=auth, headers={"accept": ACCEPT}, trust_env=False, timeout=30
    )


def _place(answer: httpx.Response) -> httpx.URL:
    """Where an upload goes on. The path and query alone: a registry may name itself by a port that is not ours."""
    place = httpx.URL(answer.headers["location"])
    return httpx.URL(place.raw_path.decode())
