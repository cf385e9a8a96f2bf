"""Descriptors, manifests and indexes, read from the bytes a registry served. It writes none.

A digest is always that of the bytes served: JSON that is parsed and written again may differ in a
space and so in its digest. Follows the OCI image spec 1.1 (descriptor.md, manifest.md,
image-index.md) and Docker's schema 2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from labs.errors import LabsError

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
MANIFEST_TYPES = (OCI_MANIFEST, DOCKER_MANIFEST)
INDEX_TYPES = (OCI_INDEX, DOCKER_LIST)


class InvalidManifest(LabsError):
    """Bytes that are neither a manifest nor an index."""


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """The digest of `content`: `sha256:` and 64 hexadecimal digits, or that of another algorithm."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


@dataclass(frozen=True)
class Descriptor:
    """A pointer to content: what it is, its digest, and how long it is.

    `platform` is `os/architecture[/variant]`, and `artifact_type` what a referrer is; both are empty
    for what has none.
    """

    media_type: str
    digest: str
    size_bytes: int
    platform: str = ""
    # Not hashed: a dict cannot be.
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    artifact_type: str = ""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Descriptor:
        """Read one descriptor out of a parsed manifest."""
        where = data.get("platform") or {}
        parts = (where.get("os"), where.get("architecture"), where.get("variant"))
        return cls(
            media_type=data.get("mediaType", ""),
            digest=data["digest"],
            size_bytes=data["size"],
            platform="/".join(part for part in parts if part),
            annotations=data.get("annotations") or {},
            artifact_type=data.get("artifactType", ""),
        )


@dataclass(frozen=True)
class Document:
    """What manifests and indexes share: the bytes as served, and the descriptor of those bytes."""

    content: bytes
    media_type: str

    @property
    def json(self) -> dict[str, Any]:
        """The content, parsed; for reading only."""
        # Parsed at each call: a caller that changes the result must not change the document.
        parsed: dict[str, Any] = json.loads(self.content)
        return parsed

    @property
    def digest(self) -> str:
        """The digest of the bytes served."""
        return digest_of(self.content)

    @property
    def descriptor(self) -> Descriptor:
        """The descriptor with which another document points to this one."""
        return Descriptor(self.media_type, self.digest, len(self.content))

    @property
    def subject(self) -> Descriptor | None:
        """What this document is a referrer of, if it is one."""
        found = self.json.get("subject")
        return Descriptor.from_json(found) if found else None


class Manifest(Document):
    """One image: the descriptor of its config and those of its layers, lowest first."""

    @property
    def config(self) -> Descriptor:
        """The blob that says how the image is run."""
        return Descriptor.from_json(self.json["config"])

    @property
    def layers(self) -> tuple[Descriptor, ...]:
        """The blobs the image's files are in."""
        return tuple(map(Descriptor.from_json, self.json["layers"]))


class Index(Document):
    """A list of manifests, mostly one for each platform."""

    @property
    def manifests(self) -> tuple[Descriptor, ...]:
        """The manifests listed."""
        return tuple(map(Descriptor.from_json, self.json["manifests"]))


def read_manifest(content: bytes, media_type: str = "") -> Manifest | Index:
    """Read a manifest or an index: the media type in the bytes decides, else the one they were served with.

    Raises:
        InvalidManifest: The bytes are neither, or lack a field that every such document has.
    """
    try:
        data = json.loads(content)
        # `mediaType` in a manifest is optional in OCI's spec and required in Docker's schema 2.
        kind = data.get("mediaType") or media_type.partition(";")[0].strip()
        document = _document(content, kind)
        # Read once, so that a missing field is reported here and not at a later use.
        _ = (
            document.manifests
            if isinstance(document, Index)
            else (document.config, document.layers)
        )
    # Bytes from a registry can be any JSON: a list, a number, a field of another type.
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # 60 bytes tell an HTML page, an error in JSON or a blob apart, and fit on a line.
        seen = content[:60].decode(errors="replace")
        raise InvalidManifest(f"neither a manifest nor an index ({error}): {seen!r}") from error
    return document


def _document(content: bytes, kind: str) -> Manifest | Index:
    if kind in INDEX_TYPES:
        return Index(content, kind)
    if kind in MANIFEST_TYPES:
        return Manifest(content, kind)
    raise InvalidManifest(
        f"media type {kind!r} is none that this course reads",
        hint="schema 1 is gone since distribution 3; push the image again with a current engine",
    )
