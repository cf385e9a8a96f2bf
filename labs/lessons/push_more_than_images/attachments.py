"""Attach something to an image, as clients do it where the registry keeps no list of referrers: what cells repeat."""

from __future__ import annotations

from typing import Any

import httpx

from labs.lessons.common import put_manifest, upload_blob

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
_EMPTY = "application/vnd.oci.empty.v1+json"
JSON = dict[str, Any]


def attach(http: httpx.Client, repository: str, subject: JSON, *, kind: str, text: bytes) -> JSON:
    """Push an artifact that refers to `subject`; return what a list of referrers says of it.

    Args:
        http: A client of the registry.
        repository: That of the subject.
        subject: Its descriptor: media type, digest and size.
        kind: The artifact type.
        text: What is attached: the one layer.
    """
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": kind,
        "config": upload_blob(http, repository, b"{}", _EMPTY),
        "layers": [upload_blob(http, repository, text, "text/plain")],
        "subject": subject,
    }
    return {**put_manifest(http, repository, None, document), "artifactType": kind}


def listed(http: httpx.Client, repository: str, digest: str) -> list[JSON]:
    """GET the list of what refers to a digest, from its fallback tag; without that tag it is empty."""
    url = f"/v2/{repository}/manifests/{digest.replace(':', '-')}"
    reply = http.get(url, headers={"accept": INDEX})
    if reply.status_code == 404:
        return []
    entries: list[JSON] = reply.raise_for_status().json()["manifests"]
    return entries


def put_list(http: httpx.Client, repository: str, digest: str, entries: list[JSON]) -> None:
    """PUT the list of what refers to a digest, under its fallback tag."""
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
    put_manifest(http, repository, digest.replace(":", "-"), document)
