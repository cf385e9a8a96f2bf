"""A bundle: all images in one file, for a class without internet access. It is what `docker save` writes, gzipped."""

from __future__ import annotations

import gzip
import json
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError

from labs.images.catalog import Catalog, ImageError
from labs.images.inventory import look, stock

Say = Callable[[str], None]
_STEP_BYTES = 50_000_000  # progress is reported after each of these


def save(client: docker.DockerClient, path: Path, say: Say, catalog: Catalog | None = None) -> int:
    """Write the images into `path`, whole or not at all; return its size in bytes.

    All that lessons need; of the others, those that are here.

    Raises:
        ImageError: An image is missing, or the file cannot be written.
    """
    catalog = catalog or Catalog.read()
    missing = [s.image.name for s in stock(client, catalog) if not s.present]
    if missing:
        raise ImageError(f"not here: {', '.join(missing)}", hint="`labs images build` makes them")
    # In the same folder: a rename is atomic within one file system only.
    partial = path.with_name(path.name + ".part")
    extra = [image for image in catalog.extra.values() if look(client, image).present]
    names = [image.name for image in (*catalog.all(), *extra)]
    written = 0
    try:
        # Level 6, as the command gzip: 9, Python's default, takes much longer and saves little.
        with gzip.open(partial, "wb", compresslevel=6) as out:
            # One request for all of them: layers that images share are written once.
            api: Any = client.api
            # Private names of the SDK: its `get_image` takes one image.
            response = api._get(api._url("/images/get"), params={"names": names}, stream=True)
            api._raise_for_status(response)
            # 1 MiB: images are hundreds of MB, and must not be held in memory as a whole.
            for chunk in response.iter_content(1 << 20):
                out.write(chunk)
                if written // _STEP_BYTES != (written + len(chunk)) // _STEP_BYTES:
                    say(f"  {(written + len(chunk)) / 1e6:.0f} MB of images read")
                written += len(chunk)
        partial.replace(path)
    except OSError as error:
        raise ImageError(f"cannot write {path}: {error}", hint="name another file") from error
    finally:
        partial.unlink(missing_ok=True)
    return path.stat().st_size


def load(
    client: docker.DockerClient, path: Path, say: Say, catalog: Catalog | None = None
) -> list[str]:
    """Load the images of a bundle; return the names that the engine has now.

    Raises:
        ImageError: The file is not a bundle, is truncated, or holds other images.
    """
    catalog = catalog or Catalog.read()
    _check(path, catalog)
    try:
        for event in client.api.load_image(_chunks(path, say)):
            if "error" in event:
                raise ImageError(f"cannot load {path}: {event['error']}")
    except APIError as error:
        raise ImageError(f"cannot load {path}: {error.explanation}") from error
    return [s.image.name for s in stock(client, catalog, extra=True) if s.present]


def _chunks(path: Path, say: Say) -> Iterator[bytes]:
    read = 0
    with gzip.open(path, "rb") as bundle:
        while chunk := bundle.read(1 << 20):
            if read // _STEP_BYTES != (read + len(chunk)) // _STEP_BYTES:
                say(f"  {(read + len(chunk)) / 1e6:.0f} MB of images loaded")
            read += len(chunk)
            yield chunk


def _names(tar: tarfile.TarFile) -> set[str]:
    """What `docker load` would call the images."""
    names: set[str] = set()
    for member in tar:
        content = tar.extractfile(member) if member.name == "manifest.json" else None
        if content is not None:
            # `or []`: RepoTags is null for an image without a tag.
            names = {tag for entry in json.load(content) for tag in entry["RepoTags"] or []}
    return names


def _check(path: Path, catalog: Catalog) -> None:
    """Read the whole file before the engine gets any of it: nothing is loaded from a truncated bundle."""
    wanted = {image.name for image in catalog.all()}
    try:
        with gzip.open(path, "rb") as whole:
            with tarfile.open(fileobj=whole, mode="r|") as tar:
                names = _names(tar)
            # tarfile stops at the end of the archive, or at a damaged header; gzip's checksum comes after that.
            while whole.read(1 << 20):
                pass
    except (OSError, EOFError, ValueError, tarfile.TarError, zlib.error) as error:
        raise ImageError(
            f"{path} is not a whole bundle: {error}",
            hint="copy it again; `labs images save FILE` writes one",
        ) from error
    if wanted - names:
        raise ImageError(
            f"{path} lacks {', '.join(sorted(wanted - names))}",
            hint="it was saved by another version of the course; save it again with this one",
        )
