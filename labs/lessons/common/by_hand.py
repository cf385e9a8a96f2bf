"""Images, indexes and signatures made by hand and pushed by HTTP, as in lessons 3 and 4: the same in every run.

Layers are bytes that no program can make smaller, so that sizes on a disk can be foreseen. An engine that pulls such an
image reads its manifest; it cannot unpack the layers.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

import httpx

from labs.registry import digest_of

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"
ACCEPT = f"{_INDEX}, {_MANIFEST}"
"""The types of what is made here. Without them a registry answers 404, or with a manifest of its own making."""

_LAYER = "application/vnd.oci.image.layer.v1.tar"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_SIGNATURE = "application/vnd.example.signature"


@dataclass(frozen=True)
class HandMade:
    """A manifest or an index, with all that has to be in the repository before it.

    Attributes:
        content: Its bytes.
        media_type: Of these.
        blobs: Config and layers.
        parts: The manifests that an index lists.
        platform: Operating system and architecture, of an image.
    """

    content: bytes
    media_type: str
    blobs: tuple[bytes, ...] = ()
    parts: tuple[HandMade, ...] = ()
    platform: tuple[str, str] = ("", "")

    @property
    def digest(self) -> str:
        """The digest of the bytes."""
        return digest_of(self.content)

    @property
    def descriptor(self) -> dict[str, Any]:
        """What another document says of this one."""
        found = _descriptor(self.content, self.media_type)
        if all(self.platform):
            found["platform"] = dict(zip(("os", "architecture"), self.platform, strict=True))
        return found


def noise(seed: int | str, megabytes: float = 3) -> bytes:
    """The same bytes for the same seed, and as many on a disk as in memory."""
    # A text's hash differs in each process; as a seed of `random` it does not.
    return random.Random(seed).randbytes(int(megabytes * 1_000_000))


def image(
    *layers: bytes, created: str = "2026-11-01T09:00:00Z", architecture: str = "amd64"
) -> HandMade:
    """An image of these layers, with the date that its config gives."""
    config = _json(
        {
            "os": "linux",
            "architecture": architecture,
            "created": created,
            "rootfs": {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]},
        }
    )
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": _descriptor(config, _CONFIG),
        "layers": [_descriptor(layer, _LAYER) for layer in layers],
    }
    return HandMade(_json(manifest), _MANIFEST, (config, *layers), platform=("linux", architecture))


def index(*images: HandMade) -> HandMade:
    """One index for images of several platforms."""
    listed = [each.descriptor for each in images]
    content = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": listed}
    return HandMade(_json(content), _INDEX, parts=images)


def signature(subject: HandMade) -> HandMade:
    """A referrer of a document. It signs nothing: what is asked here is where it is kept."""
    empty, text = b"{}", f"signed: {subject.digest}".encode()
    content = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "artifactType": _SIGNATURE,
        "config": _descriptor(empty, "application/vnd.oci.empty.v1+json"),
        "layers": [_descriptor(text, "text/plain")],
        "subject": _descriptor(subject.content, subject.media_type),
    }
    return HandMade(_json(content), _MANIFEST, (empty, text))


def signature_tag(digest: str) -> str:
    """The tag under which cosign keeps the signatures of a digest."""
    return f"{digest.replace(':', '-')}.sig"


def push(http: httpx.Client, repository: str, tag: str | None, document: HandMade) -> str:
    """Push a document and all that it needs; return its digest, its only name without a tag."""
    for part in document.parts:
        push(http, repository, None, part)
    for blob in document.blobs:
        # As an engine does: what is there is not sent again.
        if http.head(f"/v2/{repository}/blobs/{digest_of(blob)}").status_code != 200:
            upload(http, repository, blob)
    return put(http, repository, tag, document)


def upload(http: httpx.Client, repository: str, content: bytes) -> str:
    """Upload a blob and return its digest."""
    begun = http.post(f"/v2/{repository}/blobs/uploads/").raise_for_status()
    digest = digest_of(content)
    # The location is absolute and names the port inside the node.
    place = httpx.URL(begun.headers["location"]).raw_path.decode()
    http.put(f"{place}&digest={digest}", content=content).raise_for_status()
    return digest


def put(http: httpx.Client, repository: str, tag: str | None, document: HandMade) -> str:
    """Send the document alone, as the last request of a push, and return its digest."""
    http.put(
        f"/v2/{repository}/manifests/{tag or document.digest}",
        content=document.content,
        headers={"content-type": document.media_type},
    ).raise_for_status()
    return document.digest


def _json(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def _descriptor(content: bytes, media_type: str) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}
