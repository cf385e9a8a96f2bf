"""What a push by hand sends more than once: a blob in two requests, and a manifest. Cells of lessons use it."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import httpx

from labs.registry import digest_of


def upload_blob(
    http: httpx.Client, repository: str, content: bytes, media_type: str
) -> dict[str, Any]:
    """POST opens an upload, PUT sends all bytes and closes it; return the blob's descriptor."""
    place = http.post(f"/v2/{repository}/blobs/uploads/").headers["location"]
    http.put(f"{place}&digest={digest_of(content)}", content=content).raise_for_status()
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def put_manifest(
    http: httpx.Client, repository: str, tag: str | None, document: dict[str, Any]
) -> dict[str, Any]:
    """PUT a manifest or an index, print what the registry answers, and return its descriptor.

    Args:
        http: A client of the registry.
        repository: Where it goes; all that it lists has to be there already.
        tag: Its tag. Without one it is stored under its digest alone.
        document: Becomes JSON; its `mediaType` is sent as `Content-Type`.
    """
    content, kind = json.dumps(document).encode(), document["mediaType"]
    url = f"/v2/{repository}/manifests/{tag or digest_of(content)}"
    reply = http.put(url, content=content, headers={"content-type": kind})
    print(f"PUT manifest {reply.status_code} {reply.text}".strip())
    return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}


def archive_of(name: str, content: bytes) -> bytes:
    """Return a tar archive with one file in it, as a layer is."""
    file, archive = tarfile.TarInfo(name), io.BytesIO()
    file.size = len(content)
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.addfile(file, io.BytesIO(content))
    return archive.getvalue()
