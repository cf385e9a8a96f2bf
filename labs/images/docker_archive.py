"""Writes an image as the stream that `docker load` reads: config, layers and a manifest.json, in a tar."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from labs.registry import digest_of

_BLOCK = tarfile.BLOCKSIZE


def archive_of(name: str, config: bytes, layers: Sequence[Path]) -> Iterator[bytes]:
    """Return the bytes of the archive, piece by piece: layers are hundreds of MB.

    Args:
        name: The reference that the engine gives the image.
        config: The bytes of its config; their digest is the image's id in most engines.
        layers: Files with its layers, lowest first; an engine unpacks those that are compressed.
    """
    config_name = digest_of(config).partition(":")[2] + ".json"
    # In manifest.json one file may be several layers of an image; in the tar it is once.
    named = {path: f"{path.name}.tar" for path in layers}
    entry = {"Config": config_name, "RepoTags": [name], "Layers": [named[path] for path in layers]}
    yield from _file(config_name, config)
    for path, file_name in named.items():
        yield _header(file_name, path.stat().st_size)
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                yield chunk
        yield _padding(path.stat().st_size)
    yield from _file("manifest.json", json.dumps([entry]).encode())
    yield bytes(2 * _BLOCK)  # the end of a tar


def _file(name: str, content: bytes) -> Iterator[bytes]:
    yield _header(name, len(content)) + content + _padding(len(content))


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.USTAR_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
