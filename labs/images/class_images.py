"""Gets the course's images from a class registry, the one that `labs images serve` runs on the instructor's machine.

The layers are downloaded by this process and then loaded: an engine refuses a registry without TLS on another machine
unless its settings are changed, and here no engine's are. What is loaded was compared three times: the label of each
config with this checkout's catalog, the digests of all configs with the code in the address, and each layer with its
digest in the config. That the instructor's machine built or pulled good images is trusted.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError

from labs.images.blob_download import BlobDownload
from labs.images.catalog import SOURCE_LABEL, Catalog, Image, ImageError
from labs.images.class_address import ClassAddress, code_of
from labs.images.docker_archive import archive_of
from labs.images.inventory import is_current, look
from labs.registry import (
    Descriptor,
    Index,
    InvalidManifest,
    Manifest,
    RegistryClient,
    RegistryError,
    digest_of,
)

Say = Callable[[str], None]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TIMEOUT_S = 30  # without a byte: thirty downloads share the network of a room


@dataclass(frozen=True)
class Offer:
    """One image as a class registry has it.

    Attributes:
        image: The entry of the catalog.
        layers: Descriptors of its layers as they are sent, lowest first.
        config: The bytes of its config.
    """

    image: Image
    layers: tuple[Descriptor, ...]
    config: bytes

    @property
    def parsed(self) -> dict[str, Any]:
        """The config, read."""
        read: dict[str, Any] = json.loads(self.config)
        return read

    @property
    def source(self) -> str:
        """Where the instructor's machine has it from, by its label."""
        labels = (self.parsed.get("config") or {}).get("Labels") or {}
        return str(labels.get(SOURCE_LABEL, ""))


class ClassImages:
    """The images in a class registry, for engines of one architecture.

    Args:
        url: Scheme, host and port.
        catalog: This checkout's images.
        architecture: Of the engine, `amd64`.
        registry: Its client, for tests.
    """

    def __init__(
        self, url: str, catalog: Catalog, architecture: str, registry: RegistryClient | None = None
    ) -> None:
        self.url = url
        self._catalog, self._architecture = catalog, architecture
        self._registry = registry or RegistryClient(url, timeout_s=_TIMEOUT_S)

    def offers(self, code: str = "") -> dict[str, Offer]:
        """Return every image of the catalog by its key, if it is this checkout's and all have that code.

        Raises:
            ImageError: Nothing answers, it is not a class registry, or its images are others.
        """
        self._ping()
        wanted = self._catalog.all()
        found = {image.key: offer for image in wanted if (offer := self._offer(image))}
        if not found:
            raise self._not_a_class_registry(f"it has no {wanted[1].name}")
        self._require_architecture(found.values())
        self._require_version(found)
        seen = code_of({offer.image.name: digest_of(offer.config) for offer in found.values()})
        if code and code != seen:
            raise ImageError(
                f"the images at {self.url} have the code {seen}, not {code} as the address says: "
                "they are not those that were announced",
                hint="compare the address with the instructor's screen; if it is right, do not use this network",
            )
        return found

    def download(self, offer: Offer, folder: Path, say: Say) -> list[Path]:
        """Get an image's layers into a folder, each compared with its digest; those that are there stay as they are.

        Raises:
            ImageError: The connection ended for good, or the bytes are not those of the config.
        """
        total = sum(layer.size_bytes for layer in offer.layers)
        # `max_mb` counts files that are not compressed: more than that is not this image.
        if total > offer.image.max_mb * 1_000_000:
            raise ImageError(
                f"{offer.image.name} at {self.url} has {total / 1e6:.0f} MB, "
                f"more than the {offer.image.max_mb} MB that the catalog allows",
                hint="do not use this network",
            )
        paths = []
        for layer, diff_id in zip(offer.layers, offer.parsed["rootfs"]["diff_ids"], strict=True):
            called = offer.image.key
            repository = _repository(offer.image)[0]
            path = BlobDownload(self._registry, repository, layer, folder, called=called).run(say)
            if _digest_unpacked(path) != diff_id:
                path.unlink()
                raise ImageError(
                    f"{offer.image.name}: a layer from {self.url} is not the one that its config lists",
                    hint="do not use this network, or ask for the address again",
                )
            paths.append(path)
        return paths

    def _ping(self) -> None:
        try:
            self._registry.ping()
        except RegistryError as error:
            if error.status is not None:
                raise self._not_a_class_registry(error.message) from error
            reason = error.message.rpartition(": ")[2]
            raise ImageError(
                f"no class registry answers at {self.url}: {reason}",
                hint="this machine has to be in the instructor's network, `labs images serve` has to run there, and "
                "its port must not be blocked; without --images-from the images come from the internet",
            ) from error

    def _offer(self, image: Image) -> Offer | None:
        """One image of the registry; None if it lacks it."""
        repository, tag = _repository(image)
        try:
            manifest = self._manifest(repository, tag)
            config = self._registry.blob(repository, manifest.config.digest)
            offer = Offer(image, manifest.layers, config)
            diff_ids = offer.parsed["rootfs"]["diff_ids"]
            digests = [*(layer.digest for layer in offer.layers), manifest.config.digest, *diff_ids]
            sizes = [layer.size_bytes for layer in offer.layers]
            if not all(_DIGEST.fullmatch(digest) for digest in digests):
                raise ValueError("a digest is not a sha256")
            if len(diff_ids) != len(sizes) or not all(size > 0 for size in sizes):
                raise ValueError("its layers are not those of its config")
            _ = offer.source
        except RegistryError as error:
            if error.status == 404:
                return None
            raise self._not_a_class_registry(error.message) from error
        # A server that is not a registry answers with any bytes.
        except (InvalidManifest, ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._not_a_class_registry(f"{image.name}: {error}") from error
        return offer

    def _manifest(self, repository: str, reference: str) -> Manifest:
        """A manifest; of an index that of this architecture, as the containerd image store pushes one."""
        document = self._registry.manifest(repository, reference)
        if isinstance(document, Index):
            platform = f"linux/{self._architecture}"
            own = [each for each in document.manifests if each.platform.startswith(platform)]
            # None for this architecture: the first one says which it is.
            digest = (own or document.manifests)[0].digest
            document = self._registry.manifest(repository, digest)
        if not isinstance(document, Manifest):
            raise ValueError("an index in an index")
        return document

    def _require_architecture(self, offers: Iterable[Offer]) -> None:
        others = {str(offer.parsed.get("architecture")) for offer in offers} - {self._architecture}
        if others:
            raise ImageError(
                f"the images at {self.url} are for {', '.join(sorted(others))}, "
                f"and the engine here runs {self._architecture}",
                hint="they have to come from a machine like this one that serves too, or from the internet: "
                "`labs start` without --images-from",
            )

    def _require_version(self, found: Mapping[str, Offer]) -> None:
        catalog = self._catalog.all()
        lacking = [image.name for image in catalog if image.key not in found]
        differing = [
            f"{offer.image.name} ({offer.source or 'no label'})"
            for offer in found.values()
            if not is_current(offer.image, offer.source)
        ]
        if lacking or differing:
            seen = [f"it lacks {', '.join(lacking)}"] * bool(lacking)
            seen += [f"it has other {', '.join(differing)}"] * bool(differing)
            raise ImageError(
                f"{self.url} serves the images of another version of the course: {'; '.join(seen)}",
                hint="both machines need the same version: `git pull`, here or there",
            )

    def _not_a_class_registry(self, seen: str) -> ImageError:
        return ImageError(
            f"{self.url} is not a class registry of this course: {seen}",
            hint="type the address that `labs images serve` shows on the instructor's machine",
        )


def get(
    client: docker.DockerClient,
    say: Say,
    catalog: Catalog,
    address: ClassAddress,
    wanted: Iterable[Image],
    folder: Path,
) -> list[str]:
    """Get images from a class registry into an engine, one after the other; return their names.

    Args:
        client: The engine.
        say: Receives each step.
        catalog: This checkout's images.
        address: Where they are, and their code.
        wanted: Those to get.
        folder: Where layers are kept until their image is loaded, so that the next run goes on with them.

    Raises:
        ImageError: An image cannot be got; those before it stay.
    """
    architecture = str(client.version()["Arch"])
    class_images = ClassImages(address.url, catalog, architecture)
    offers = class_images.offers(address.code)
    say(
        f"images: from {address.url}, where they are this version's and have the code of the address"
    )
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for image in wanted:
        offer = offers[image.key]
        size = sum(layer.size_bytes for layer in offer.layers)
        say(f"{image.name}: getting it, {size / 1e6:.0f} MB")
        layers = class_images.download(offer, folder, say)
        _load(client, offer, layers)
        for path in layers:
            path.unlink(missing_ok=True)  # missing: one file may be two layers
        names.append(image.name)
    shutil.rmtree(folder)
    return names


def _load(client: docker.DockerClient, offer: Offer, layers: list[Path]) -> None:
    archive = archive_of(offer.image.name, offer.config, layers)
    try:
        # Not quiet: an engine that says nothing for a minute would be taken for one that does not answer.
        for event in client.api.load_image(archive, quiet=False):
            if "error" in event:
                raise ImageError(f"cannot load {offer.image.name}: {event['error']}")
    except APIError as error:
        raise ImageError(f"cannot load {offer.image.name}: {error.explanation}") from error
    if not look(client, offer.image).current:
        raise ImageError(f"the engine loaded {offer.image.name} and does not have it")


def _repository(image: Image) -> tuple[str, str]:
    """Where a class registry has an image: repository and tag."""
    repository, _, tag = image.name.rpartition(":")
    return repository, tag


def _digest_unpacked(path: Path) -> str:
    """The digest of a layer's tar; the files here are compressed, or that tar itself."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path) if packed else path.open("rb") as layer:
            digest = hashlib.sha256()
            while chunk := layer.read(1 << 20):
                digest.update(chunk)
    except (OSError, EOFError, zlib.error):
        return ""
    return f"sha256:{digest.hexdigest()}"
