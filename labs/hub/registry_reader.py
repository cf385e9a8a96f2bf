"""Reads manifests and configs from the registry behind the hub, with tokens of the hub's own.

Anyone who may push chooses what these documents hold, so nothing that is read here is taken for granted.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import urllib3
from django.conf import settings

from labs.hub.rights.token_server import sign

READER = "hub-reader"
"""Who reads, in the registry's events: no account can have a name with a dash."""

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPT = ", ".join((*_INDEXES, *_MANIFESTS))
_PAGE = 1000
# distribution takes manifests up to 4 MiB; a config of an image has some kilobytes.
_MOST_MANIFEST, _MOST_CONFIG = 4 << 20, 1 << 20
_DIGEST = re.compile(r"sha(?:256|512):[0-9a-f]{64,128}\Z")
_MOST_LISTED = 50  # each is asked for, while the registry waits for the answer to its event
_MOST_NUMBER = (1 << 63) - 1  # of a column of SQLite
_WRONG = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
_pool = urllib3.PoolManager(timeout=urllib3.Timeout(10), retries=False)


@dataclass(frozen=True)
class Described:
    """What is worth knowing of a manifest; a document that makes no sense has neither size nor platforms.

    Attributes:
        digest: Of its bytes.
        media_type: As the registry has it.
        size: Bytes of config and layers; of an index, of all its images; None if that is not known.
        platforms: `linux/amd64`, one for an image, several for an index.
        layers: Digest and size of each.
        manifests: Of an index: digest, platform and size of each image.
    """

    digest: str
    media_type: str
    size: int | None
    platforms: list[str]
    layers: list[dict[str, Any]]
    manifests: list[dict[str, Any]] = field(default_factory=list)


def describe(path: str, reference: str) -> Described | None:
    """Read a manifest by tag or digest; None if the registry has none.

    Raises:
        urllib3.exceptions.HTTPError: The registry does not answer.
    """
    headers = {**_login(path), "Accept": ACCEPT}
    status, given, data = _get(
        f"/v2/{path}/manifests/{quote(reference, safe=':')}", headers, _MOST_MANIFEST
    )
    if status != 200:
        return None
    kind = given.get("Content-Type", "")[:120]
    digest = given.get("Docker-Content-Digest", reference)
    try:
        return _described(path, digest, kind, json.loads(data))
    except _WRONG:
        return Described(digest, kind, None, [], [])


def digest_of(path: str, tag: str) -> str:
    """The digest of a tag's image; empty if there is no such tag."""
    headers = {**_login(path), "Accept": ACCEPT}
    url = f"{settings.REGISTRY}/v2/{path}/manifests/{quote(tag, safe=':')}"
    answer = _pool.request("HEAD", url, headers=headers)
    return answer.headers.get("Docker-Content-Digest", "") if answer.status == 200 else ""


def tags(path: str) -> list[str]:
    """All tags of a repository, as the registry has them."""
    _, _, data = _get(f"/v2/{path}/tags/list", _login(path))
    return sorted(json.loads(data).get("tags") or [])


def catalog() -> list[str]:
    """All repositories that the registry has on its disk."""
    token = sign(READER, [{"type": "registry", "name": "catalog", "actions": ["*"]}])
    found: list[str] = []
    while True:
        last = f"&last={quote(found[-1])}" if found else ""
        headers = {"Authorization": f"Bearer {token}"}
        _, _, data = _get(f"/v2/_catalog?n={_PAGE}{last}", headers)
        page = json.loads(data).get("repositories") or []
        found += page
        if len(page) < _PAGE:
            return found


def delete(path: str, digest: str) -> int:
    """Delete a manifest by digest; return the registry's status, 202 if it is gone."""
    url = f"{settings.REGISTRY}/v2/{path}/manifests/{digest}"
    return int(_pool.request("DELETE", url, headers=_login(path, "delete")).status)


def _login(path: str, action: str = "pull") -> dict[str, str]:
    access = [{"type": "repository", "name": path, "actions": [action]}]
    return {"Authorization": f"Bearer {sign(READER, access)}"}


def _get(
    path: str, headers: dict[str, str], most: int = 64 << 20
) -> tuple[int, urllib3.HTTPHeaderDict, bytes]:
    """Status, headers and body; a body that is longer than `most` is cut, whatever its length was said to be."""
    answer = _pool.request("GET", settings.REGISTRY + path, headers=headers, preload_content=False)
    try:
        return answer.status, answer.headers, answer.read(most)
    finally:
        answer.close()


def _described(path: str, digest: str, kind: str, document: dict[str, Any]) -> Described:
    if kind in _INDEXES:
        return _index(path, digest, kind, document["manifests"][:_MOST_LISTED])
    layers: list[dict[str, Any]] = [
        {"digest": str(each["digest"])[:140], "size": _number(each["size"])}
        for each in (document.get("layers") or ())[:500]
    ]
    config = document.get("config") or {}
    size = _number(sum(each["size"] for each in layers) + _number(config.get("size", 0)))
    return Described(digest, kind, size, _platforms_of(path, config), layers)


def _index(path: str, digest: str, kind: str, listed: list[dict[str, Any]]) -> Described:
    manifests: list[dict[str, Any]] = []
    for each in listed:
        platform = _platform(each.get("platform") or {})
        # What describes an image, such as how it was built, is listed with the platform unknown/unknown.
        if platform and not platform.startswith("unknown"):
            child = str(each.get("digest", ""))[:140]
            manifests.append({"digest": child, "platform": platform, "size": _size_of(path, child)})
    sizes = [each["size"] for each in manifests]
    size = None if None in sizes else _number(sum(sizes))
    platforms = sorted({each["platform"] for each in manifests})
    return Described(digest, kind, size, platforms, [], manifests)


def _size_of(path: str, digest: str) -> int | None:
    """Bytes of config and layers of an image that an index lists; None if that is not known."""
    if not _DIGEST.match(digest):
        return None
    headers = {**_login(path), "Accept": ", ".join(_MANIFESTS)}
    url = f"/v2/{path}/manifests/{quote(digest, safe=':')}"
    status, _, data = _get(url, headers, _MOST_MANIFEST)
    if status != 200:
        return None
    try:
        document = json.loads(data)
        return _number(sum(each["size"] for each in (*document["layers"], document["config"])))
    except _WRONG:
        return None


def _platforms_of(path: str, config: dict[str, Any]) -> list[str]:
    # Artifacts have configs of other types.
    if "image" not in str(config.get("mediaType", "")):
        return []
    url = f"/v2/{path}/blobs/{quote(str(config['digest']), safe=':')}"
    status, _, data = _get(url, _login(path), _MOST_CONFIG)
    try:
        found = _platform(json.loads(data)) if status == 200 else ""
    except _WRONG:
        return []
    return [found] if found else []


def _platform(described: dict[str, Any]) -> str:
    parts = (described.get(key) for key in ("os", "architecture", "variant"))
    return "/".join(str(part) for part in parts if part)[:60]


def _number(value: Any) -> int:
    return max(0, min(int(value), _MOST_NUMBER))
