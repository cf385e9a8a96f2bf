"""Whether an image is one of the course's, by what it is: the files of its layers, and its config.

A digest of a manifest or of a packed layer says less: an engine that pushes packs layers again. And a command, a label
or a name can be given to any image.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Mapping
from typing import Any

from labs.lesson import Finding, not_yet
from labs.lessons.common.registry_state import listed
from labs.playground import Playground
from labs.registry import Index, InvalidManifest, Manifest, RegistryClient, RegistryError

Config = dict[str, Any]
# What an engine notes of the build: the image before, the container that a step ran in.
_RECORDS = ("Image", "Hostname", "Domainname")
_CHUNK_BYTES = 1 << 20
# No image of the course is half as large unpacked. A packed layer of a megabyte may unpack to a thousand.
_MAX_BYTES = 512 << 20


def wrong_image(
    playground: Playground, registry: RegistryClient, repository: str, tag: str, *, image: str
) -> Finding | None:
    """Return None if a tag or digest is an image of the course, whole; otherwise what is wrong.

    Args:
        playground: Whose mirror knows the image.
        registry: Where the tag is.
        repository: Of the tag.
        tag: Or a digest.
        image: As nodes pull it: `busybox:latest`.
    """
    named = repository if ":" in tag else f"{repository}:{tag}"
    known = playground.course_image(image)
    try:
        found = _of_platforms(registry, repository, tag, known)
        configs = [_read(registry.blob(repository, each.config.digest)) for each in found]
        unpacked = [_unpacked(registry, repository, each) for each in found]
    except RegistryError as error:
        return not_yet(
            f"{named} is not whole: the registry answers {error.status} {error.code}".strip(),
            hint="push it again",
        )
    except (ValueError, InvalidManifest):
        return not_yet(f"{named} is not an image: it has no config", hint=_hint(image))
    # An image without layers could be pushed as JSON alone.
    if not all(unpacked):
        return not_yet(f"{named} has no layers, wanted those of {image.partition(':')[0]}")
    for config, layers in zip(configs, unpacked, strict=True):
        if other := difference(config, known) or _other_layers(config, layers):
            return not_yet(f"{named} is not {image.partition(':')[0]}: {other}", hint=_hint(image))
    return None


def _hint(image: str) -> str:
    name, _, tag = image.partition(":")
    return f'tag the image that docker.images.pull("{name}", tag="{tag}") gives'


def difference(config: Mapping[str, Any], known: list[Config]) -> str:
    """Say how a config differs from those of an image of the course; empty if it is one of them.

    What is compared is what runs: platform, layers unpacked, and the settings of a container. The rest, such as the
    history, says nothing about it.
    """
    wanted = known[0]
    for each in known:
        if _platform(each) == _platform(config):
            wanted = each
    own, right = _settings(config), _settings(wanted)
    if own.get("Cmd") != right.get("Cmd"):
        return f"it runs {json.dumps(own.get('Cmd'))}, wanted {json.dumps(right.get('Cmd'))}"
    if _layers(config) != _layers(wanted):
        return "its layers hold other files"
    if others := {key for key in own | right if own.get(key) != right.get(key)}:
        return f"its config has other {listed(others)}"
    return "" if _platform(config) == _platform(wanted) else "it is for another platform"


def local_config(attrs: Mapping[str, Any]) -> Config:
    """Return what an engine says of an image in the form of a config."""
    return {
        "os": attrs.get("Os"),
        "architecture": attrs.get("Architecture"),
        "config": attrs.get("Config"),
        "rootfs": {"diff_ids": (attrs.get("RootFS") or {}).get("Layers")},
    }


def _read(content: bytes) -> Config:
    """A config's JSON.

    Raises:
        ValueError: It is not an object.
    """
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError(f"a config is an object, not {type(found).__name__}")
    return found


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    found = config.get("config")
    if not isinstance(found, dict):
        return {}
    # An engine writes a setting that is not given as null, as empty or not at all.
    return {key: value for key, value in found.items() if value and key not in _RECORDS}


def _layers(config: Mapping[str, Any]) -> list[Any]:
    found = config.get("rootfs")
    layers = found.get("diff_ids") if isinstance(found, dict) else []
    return layers if isinstance(layers, list) else []


def _platform(config: Mapping[str, Any]) -> tuple[Any, Any]:
    return config.get("os"), config.get("architecture")


def _of_platforms(
    registry: RegistryClient, repository: str, tag: str, known: list[Config]
) -> list[Manifest]:
    """The manifest behind a tag; of an index those for the platforms of the course's image, else its first one.

    Raises:
        RegistryError: It, or one that the index lists, does not exist.
    """
    found = registry.manifest(repository, tag)
    if isinstance(found, Manifest):
        return [found]
    platforms = {"/".join(map(str, _platform(each))) for each in known}
    wanted = [each for each in found.manifests if each.platform in platforms]
    below = [registry.manifest(repository, d.digest) for d in wanted or found.manifests[:1]]
    return [each for each in below if not isinstance(each, Index)]


def _unpacked(registry: RegistryClient, repository: str, manifest: Manifest) -> list[str]:
    """The digests of a manifest's layers, unpacked. Each is read: a manifest may list blobs that do not exist.

    Raises:
        RegistryError: A layer is missing or has another digest.
    """
    layers = (registry.blob(repository, layer.digest) for layer in manifest.layers)
    return [unpacked_digest(layer) for layer in layers]


def unpacked_digest(layer: bytes) -> str:
    """The digest of a layer as config files list it, of the tar file; empty if it cannot be unpacked."""
    if layer[:2] != b"\x1f\x8b":
        return f"sha256:{hashlib.sha256(layer).hexdigest()}"
    seen, size = hashlib.sha256(), 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(layer)) as tar:
            while chunk := tar.read(_CHUNK_BYTES):
                seen.update(chunk)
                size += len(chunk)
                if size > _MAX_BYTES:
                    return ""
    except (OSError, EOFError, zlib.error):
        return ""
    return f"sha256:{seen.hexdigest()}"


def _other_layers(config: Mapping[str, Any], layers: list[str]) -> str:
    """Whether the layers are those that the config names: anyone can write a config."""
    return "" if layers == _layers(config) else "its layers hold other files"
