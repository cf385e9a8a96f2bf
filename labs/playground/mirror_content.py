"""Reads from a playground's mirror what the images of the course are, whatever nodes have under their names.

The files of the mirror's registry are read through the host's engine: the mirror publishes no port, and a node, whose
network is the student's, could be led to another server of that name.
"""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

from docker.errors import NotFound
from docker.models.containers import Container

from labs.engine import Engine
from labs.images import SERVES_LABEL

_ROOT = "/mirror/docker/registry/v2"
Config = dict[str, Any]


class Mirror:
    """The mirror of a playground, running or not; a mirror that does not exist serves nothing.

    Args:
        engine: The host's.
        name: Its container's.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._known: dict[str, list[Config]] = {}

    @property
    def served(self) -> list[str]:
        """What nodes can pull from it, such as `registry:2`; empty where it does not tell."""
        mirror = self._container()
        return mirror.labels.get(SERVES_LABEL, "").split() if mirror else []

    def configs_of(self, image: str) -> list[Config]:
        """Return the configs of an image that it serves, one for each platform; none if it does not serve it.

        Args:
            image: As nodes pull it: `httpd:2`.
        """
        if not self._known.get(image) and (mirror := self._container()):
            repository, _, tag = image.rpartition(":")
            link = f"{_ROOT}/repositories/library/{repository}/_manifests/tags/{tag}/current/link"
            digest = _read(mirror, link).decode().strip()
            self._known[image] = _configs(mirror, digest) if digest else []
        return self._known.get(image, [])

    def _container(self) -> Container | None:
        try:
            return self._engine.client.containers.get(self._name)
        except NotFound:
            return None


def _configs(mirror: Container, digest: str) -> list[Config]:
    """The config of a manifest; of an index those of the manifests that are there."""
    document = json.loads(_blob(mirror, digest) or b"{}")
    if "manifests" in document:
        return [
            found for each in document["manifests"] for found in _configs(mirror, each["digest"])
        ]
    config = json.loads(_blob(mirror, document["config"]["digest"]) or b"{}") if document else {}
    # An engine lists attestations of a build beside its images; they have no layers of a file system.
    return [config] if (config.get("rootfs") or {}).get("diff_ids") else []


def _blob(mirror: Container, digest: str) -> bytes:
    algorithm, _, digits = digest.partition(":")
    return _read(mirror, f"{_ROOT}/blobs/{algorithm}/{digits[:2]}/{digits}/data")


def _read(mirror: Container, path: str) -> bytes:
    """The bytes of a file; empty if there is none."""
    try:
        chunks, _ = mirror.get_archive(path)
    except NotFound:
        return b""
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        file = tar.extractfile(tar.getmembers()[0])
        return file.read() if file else b""
