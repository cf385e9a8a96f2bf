"""A registry's HTTP API in the calls that lessons need, over httpx. It retries and caches nothing.

Follows the OCI distribution spec 1.1. Proxies and certificates set in the environment (HTTP_PROXY,
SSL_CERT_FILE, REQUESTS_CA_BUNDLE) are ignored: a lesson's registry is on this machine, and a proxy
would not reach it. A repository, tag, digest or page size that no registry takes is refused here and not sent.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import httpx

from labs.errors import LabsError
from labs.registry.manifest import (
    INDEX_TYPES,
    MANIFEST_TYPES,
    Descriptor,
    Index,
    Manifest,
    digest_of,
    read_manifest,
)
from labs.registry.reference import digest_rule, repository_rule, tag_rule
from labs.registry.registry_error import RegistryError, refused, unreachable

# For an index, a registry answers 404 to a client that accepts manifests only: accept all types.
ACCEPT = ", ".join(MANIFEST_TYPES + INDEX_TYPES)


_GOOD = 'without the registry: tags("team/my-app"), head("team/my-app", "1.0")'


@cache
def authorities() -> ssl.SSLContext:
    """Return the well-known authorities. Reading them takes longer than a request, so it is done once."""
    return httpx.create_ssl_context(trust_env=False)


class RegistryClient:
    """One registry, as `http://127.0.0.1:5000` or `https://registry.lab`.

    Args:
        base_url: Scheme, host and port.
        auth: User and password, or any httpx.Auth.
        verify: True for the well-known authorities, a path for a CA file of your own, or a context.
        timeout_s: Seconds to wait for a registry that does not answer.
        transport: Where the requests go, for tests.
        user_agent: How the registry's log names the client; by default httpx's own name.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: httpx.Auth | tuple[str, str] | None = None,
        verify: bool | str | Path | ssl.SSLContext = True,
        timeout_s: float = 10.0,
        transport: httpx.BaseTransport | None = None,
        user_agent: str = "",
    ) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise LabsError(
                f"a registry's URL begins with http:// or https://, not {base_url!r}",
                hint="for example http://127.0.0.1:5000",
            )
        if isinstance(verify, (str, Path)):
            verify = ssl.create_default_context(cafile=str(verify))
        # httpx would read the authorities again for each client.
        if verify is True:
            verify = authorities()
        self.base_url = base_url.rstrip("/")
        self._http = httpx.Client(
            auth=auth, verify=verify, timeout=timeout_s, trust_env=False, transport=transport
        )
        if user_agent:
            self._http.headers["User-Agent"] = user_agent

    def ping(self) -> None:
        """Ask whether a registry is there and accepts these credentials.

        Raises:
            RegistryError: It is not, or it does not.
        """
        self._request("GET", "/v2/")

    def speaks(self) -> bool:
        """Whether anything there answers in HTTP, with any status."""
        try:
            # Any status counts, so it is not sent through _request, which raises.
            self._http.get(self.base_url + "/v2/")
        except httpx.TransportError:
            return False
        return True

    def catalog(self, *, page_size: int | None = None) -> list[str]:
        """All repositories, in the registry's order, asked for in pages of 100 or `page_size`.

        Raises:
            RegistryError: The registry refuses, or the page size is not a number from 1.
        """
        pages = self._pages("/v2/_catalog", page_size)
        return [name for page in pages for name in page.json()["repositories"] or ()]

    def tags(self, repository: str, *, page_size: int | None = None) -> list[str]:
        """All tags of a repository; none where the last one was deleted.

        Raises:
            RegistryError: There is no such repository, its name cannot be one, or the page size is not a number from 1.
        """
        pages = self._pages(self._path("GET", repository, "tags/list"), page_size)
        # `or ()`: distribution answers null for an empty list.
        return [tag for page in pages for tag in page.json()["tags"] or ()]

    def manifest(self, repository: str, reference: str) -> Manifest | Index:
        """The manifest or index that a tag or digest names; its bytes are kept as they came.

        Raises:
            RegistryError: There is none, or the bytes do not have the digest asked for.
        """
        reply = self._request(
            "GET", self._manifest_path("GET", repository, reference), accept=ACCEPT
        )
        # A tag cannot contain a colon, so this is a digest: what is asked for by content is compared with its
        # content.
        if ":" in reference:
            _check_digest(reply, reference)
        return read_manifest(reply.content, reply.headers.get("content-type", ""))

    def head(self, repository: str, reference: str) -> Descriptor:
        """The descriptor of what a tag or digest names, without its bytes."""
        reply = self._request(
            "HEAD", self._manifest_path("HEAD", repository, reference), accept=ACCEPT
        )
        return Descriptor(
            media_type=reply.headers.get("content-type", ""),
            digest=reply.headers.get("docker-content-digest", ""),
            size_bytes=int(reply.headers.get("content-length", 0)),
        )

    def referrers(self, repository: str, digest: str) -> list[Descriptor]:
        """What points to `digest` through its subject: from the referrers API, else the fallback tag.

        No distribution release has the API (spec 1.1, "Listing Referrers"): 404 is the normal answer.
        """
        path = self._path("GET", repository, "referrers", digest=digest)
        try:
            reply = self._request("GET", path)
            found: Manifest | Index | None = read_manifest(
                reply.content, reply.headers.get("content-type", "")
            )
        except RegistryError as error:
            # Any other status is a failure, not an answer that there is none.
            if error.status != 404:
                raise
            found = self._fallback(repository, digest)
        return list(found.manifests) if isinstance(found, Index) else []

    def _fallback(self, repository: str, digest: str) -> Manifest | Index | None:
        """What the tag `sha256-<digits>` names, if there is one."""
        try:
            # 64 digits at most (spec 1.1, "Referrers Tag Schema"): a whole sha512 is too long for a tag.
            algorithm, _, digits = digest.partition(":")
            return self.manifest(repository, f"{algorithm}-{digits[:64]}")
        except RegistryError as error:
            if error.status != 404:
                raise
            return None

    def blob(self, repository: str, digest: str) -> bytes:
        """The bytes of a blob; a redirect to the registry's storage backend is followed.

        Raises:
            RegistryError: There is none, or the bytes do not have that digest.
        """
        reply = self._request("GET", self._path("GET", repository, "blobs", digest=digest))
        _check_digest(reply, digest)
        return reply.content

    def blob_chunks(self, repository: str, digest: str, *, start: int = 0) -> Iterator[bytes]:
        """The bytes of a blob as they arrive, from byte `start` on; what uses them compares the digest of the whole.

        Raises:
            RegistryError: There is none, or the connection ended before its last byte.
        """
        url = self.base_url + self._path("GET", repository, "blobs", digest=digest)
        shown = str(_without_secrets(url))
        # identity: a range counts the bytes of the blob itself, not of a compressed form of it.
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
        try:
            with self._http.stream("GET", url, headers=headers, follow_redirects=True) as reply:
                if not reply.is_success:
                    reply.read()
                    raise refused("GET", shown, reply)
                # 200: this server has no ranges and sends all of it.
                passed_over = start if reply.status_code == 200 else 0
                for chunk in reply.iter_raw():
                    yield chunk[passed_over:]
                    passed_over = max(0, passed_over - len(chunk))
        except (httpx.TransportError, httpx.TooManyRedirects) as error:
            raise unreachable("GET", shown, error) from error

    def delete(self, repository: str, reference: str) -> None:
        """Delete a manifest, by its digest. What it pointed to stays until garbage is collected."""
        self._request("DELETE", self._manifest_path("DELETE", repository, reference))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"RegistryClient({str(_without_secrets(self.base_url))!r})"

    def _request(self, method: str, path: str, *, accept: str = "*/*") -> httpx.Response:
        """Send one request; anything but success is raised. GET follows a redirect to where a blob is."""
        url = self.base_url + path
        # The URL goes into error messages, and those into notebooks that students hand in.
        shown = str(_without_secrets(url))
        try:
            # Only GET: blobs may be in a storage backend. If that is another host, httpx leaves the Authorization
            # header out.
            reply = self._http.request(
                method, url, headers={"Accept": accept}, follow_redirects=method == "GET"
            )
        # Not only transport: a server that is not a registry may redirect in a circle or compress wrongly.
        except (httpx.TransportError, httpx.TooManyRedirects, httpx.DecodingError) as error:
            raise unreachable(method, shown, error) from error
        if not reply.is_success:
            raise refused(method, shown, reply)
        return reply

    def _manifest_path(self, method: str, repository: str, reference: str) -> str:
        # A tag cannot contain a colon.
        kind = "digest" if ":" in str(reference) else "tag"
        return self._path(method, repository, "manifests", **{kind: reference})

    def _path(
        self, method: str, repository: str, what: str, *, tag: str = "", digest: str = ""
    ) -> str:
        """The path of something in a repository: of the tag or digest, if one is named.

        Raises:
            RegistryError: A name breaks the rules of the spec; nothing was sent.
        """
        end = tag or digest
        path = f"/v2/{quote(str(repository))}/{what}" + (
            f"/{quote(str(end), safe=':')}" if end else ""
        )
        rule = _broken_rule(repository, tag, digest) or (
            "a tag or a digest is missing" if what != "tags/list" and not end else ""
        )
        if rule:
            shown = str(_without_secrets(self.base_url)) + path
            raise RegistryError(method, shown, message=f"not sent: {rule}", hint=_GOOD)
        return path

    def _pages(self, path: str, page_size: int | None) -> Iterator[httpx.Response]:
        """Follow `Link` from page to page. Its host is not used: behind a proxy it is often wrong."""
        if page_size is not None and (type(page_size) is not int or page_size < 1):
            shown = str(_without_secrets(self.base_url)) + f"{path}?n={page_size}"
            raise RegistryError(
                "GET",
                shown,
                message=f"not sent: a page size is a whole number from 1, not {page_size!r}",
                hint="page_size=100",
            )
        next_path = path if page_size is None else f"{path}?n={page_size}"
        seen: set[str] = set()
        while next_path:
            # A registry under test may repeat a page for ever.
            if next_path in seen:
                raise RegistryError(
                    "GET", self.base_url + next_path, message="the pages go in a circle"
                )
            seen.add(next_path)
            page = self._request("GET", next_path)
            yield page
            link = page.links.get("next", {}).get("url", "")
            path = page.url.join(link).raw_path.decode() if link else ""
            # One slash before it: `//host/…` or `@host` after the base URL would be another host.
            next_path = f"/{path.lstrip('/')}" if path else ""


def _broken_rule(repository: str, tag: str, digest: str) -> str:
    """The first rule that one of these names breaks; empty if none does."""
    for name in (repository, tag, digest):
        if not isinstance(name, str):
            return f"a name is text, not {type(name).__name__}"
    return (
        repository_rule(repository)
        or (tag_rule(tag) if tag else "")
        or (digest_rule(digest) if digest else "")
    )


def _without_secrets(url: str) -> httpx.URL:
    return httpx.URL(url).copy_with(username=None, password=None)


def _check_digest(reply: httpx.Response, digest: str) -> None:
    seen = digest_of(reply.content, digest.partition(":")[0])
    if seen != digest:
        shown = str(_without_secrets(str(reply.request.url)))
        raise RegistryError(
            "GET", shown, message=f"the bytes served have the digest {seen}, not {digest}"
        )
