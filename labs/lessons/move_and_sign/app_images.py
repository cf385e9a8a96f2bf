"""Images that the lesson pushes over HTTP: busybox with another command, an index of two of them, and how they arrive.

They run: their layer is that of busybox. What the shop has signed is in `shop_images`.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import Any

import httpx

from labs.lesson import push as push_image
from labs.playground import Node
from labs.registry import Manifest, RegistryClient, RegistryError, digest_of

HERE, THERE = 5000, 5001
"""Ports of the two registries."""
APP = "team/app"
BASE = "team/base"
_OCI = "application/vnd.oci.image"
MANIFEST, INDEX = f"{_OCI}.manifest.v1+json", f"{_OCI}.index.v1+json"
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Pushable:
    """A manifest or an index, with all that has to be in the repository before it.

    Attributes:
        content: Its bytes.
        media_type: Of these.
        blobs: Config and layers.
        parts: The manifests that an index lists.
        platform: Architecture, of an image.
        artifact_type: What it is, if it is not an image.
    """

    content: bytes
    media_type: str = MANIFEST
    blobs: tuple[bytes, ...] = ()
    parts: tuple[Pushable, ...] = ()
    platform: str = ""
    artifact_type: str = ""

    @property
    def digest(self) -> str:
        """Of its bytes."""
        return digest_of(self.content)


@dataclass(frozen=True)
class Base:
    """The layer that all images have.

    Attributes:
        layer: Its bytes, compressed.
        architecture: What its programs run on.
    """

    layer: bytes
    architecture: str

    @classmethod
    def of(cls, node: Node) -> Base:
        """That of busybox, which the node pulls and pushes to its own registry, if it is not there."""
        with RegistryClient(node.url(HERE)) as registry:
            if not (found := cls.read(registry)):
                reference = f"127.0.0.1:{HERE}/{BASE}"
                node.docker.images.pull("busybox", tag="latest").tag(reference, tag="1")
                push_image(node.docker, f"{reference}:1")
                found = cls.read(registry)
        assert found
        return found

    @classmethod
    def read(cls, registry: RegistryClient) -> Base | None:
        """That of the registry on port 5000; None if nothing was pushed there yet."""
        try:
            found = registry.manifest(BASE, "1")
            if not isinstance(found, Manifest):
                return None
            config = json.loads(registry.blob(BASE, found.config.digest))
            return cls(registry.blob(BASE, found.layers[0].digest), config["architecture"])
        except RegistryError as error:
            if error.status != 404:
                raise
            return None

    def both(self, text: str) -> Pushable:
        """An index for two platforms. On the other one its image would not run: it is the same layer."""
        return index(*(self.image(text, architecture) for architecture in ("amd64", "arm64")))

    def image(self, text: str, architecture: str = "", *, compressed: bool = True) -> Pushable:
        """An image that prints a text."""
        architecture = architecture or self.architecture
        unpacked = gzip.decompress(self.layer)
        layer = self.layer if compressed else unpacked
        config = {
            "architecture": architecture,
            "os": "linux",
            "created": "2026-11-01T09:00:00Z",
            "config": {"Cmd": ["echo", text], "Env": ["PATH=/bin:/usr/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(unpacked)]},
        }
        kind = f"{_OCI}.layer.v1.tar" + ("+gzip" if compressed else "")
        return manifest(as_json(config), layer, kind=kind, platform=architecture)


def manifest(
    config: bytes, layer: bytes, *, kind: str, platform: str = "", **more: Any
) -> Pushable:
    """A manifest of one layer; `more` is what the layer's descriptor has beside the usual."""
    content = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(config, f"{_OCI}.config.v1+json"),
        "layers": [descriptor(layer, kind) | more],
    }
    return Pushable(as_json(content), MANIFEST, (config, layer), platform=platform)


def index(*images: Pushable) -> Pushable:
    """One index for images of several platforms, or of artifacts, which have none."""
    listed = [
        descriptor(each.content, each.media_type)
        | ({"platform": {"os": "linux", "architecture": each.platform}} if each.platform else {})
        | ({"artifactType": each.artifact_type} if each.artifact_type else {})
        for each in images
    ]
    content = {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}
    return Pushable(as_json(content), INDEX, parts=images)


def descriptor(content: bytes, kind: str) -> dict[str, Any]:
    """What another document says of these bytes."""
    return {"mediaType": kind, "digest": digest_of(content), "size": len(content)}


def as_json(data: object) -> bytes:
    """The same bytes for the same data."""
    return json.dumps(data, separators=(",", ":")).encode()


def push(http: httpx.Client, repository: str, tag: str | None, document: Pushable) -> None:
    """Push a document and all that it needs, under a tag or by its digest alone."""
    for part in document.parts:
        push(http, repository, None, part)
    for blob in document.blobs:
        _upload(http, repository, blob)
    kind = {"Content-Type": document.media_type}
    path = f"/v2/{repository}/manifests/{tag or document.digest}"
    http.put(path, content=document.content, headers=kind).raise_for_status()


def _upload(http: httpx.Client, repository: str, blob: bytes) -> None:
    digest = digest_of(blob)
    # Most images have the same layer: a registry that has it in another repository takes it from there.
    mount = {"mount": digest, "from": BASE}
    begun = http.post(f"/v2/{repository}/blobs/uploads/", params=mount).raise_for_status()
    if begun.status_code != httpx.codes.CREATED:
        place = begun.headers["location"]
        http.put(f"{place}&digest={digest}", content=blob).raise_for_status()


def client_of(node: Node, port: int = HERE) -> httpx.Client:
    """An HTTP client of a registry of the node."""
    return httpx.Client(base_url=node.url(port), trust_env=False, timeout=_TIMEOUT_S)


def app_images(base: Base) -> dict[str, Pushable]:
    """What each tag of team/app is at first: two images, and an index for two platforms."""
    return {"1": base.image("app 1"), "2": base.image("app 2"), "both": base.both("both")}


def fill(node: Node) -> None:
    """Push team/app to the registry on port 5000."""
    with client_of(node) as http:
        for tag, document in app_images(Base.of(node)).items():
            push(http, APP, tag, document)
