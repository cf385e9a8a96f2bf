"""The catalog: each image of the course named once, read from catalog.toml. No engine is asked here."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labs.errors import LabsError

SOURCE_LABEL = "org.registry-course.source"
"""Label on every image: where it came from and the fingerprint of what made it, `build:3f9c…` or `hub:sha256:…`."""

FOLDER = Path(__file__).parent


class ImageError(LabsError):
    """An image is missing, cannot be pulled or cannot be built."""


@dataclass(frozen=True)
class Image:
    """One entry of the catalog.

    Attributes:
        key: Its name in the catalog, `registry`.
        name: Its reference on the host's engine, `registry-course/registry:2`.
        max_mb: Upper bound of its size, megabytes of 10**6 bytes as `docker images` counts.
        served: The reference a node pulls it by; empty where lessons do not pull it.
        hub: Where Docker Hub has it, `repository:tag@digest`; empty where it is always built.
        folder: Folder of its Dockerfile, below labs/images.
        about: One line for `labs images list`.
    """

    key: str
    name: str
    max_mb: int
    served: str = ""
    hub: str = ""
    folder: str = ""
    about: str = ""

    @property
    def context(self) -> Path:
        """The folder it is built from."""
        return FOLDER / self.folder

    def fingerprint(self, *more: str) -> str:
        """12 hex digits over what it is built from: the files of its folder and `more`."""
        digest = hashlib.sha256()
        for path in sorted(self.context.rglob("*")) if self.folder else []:
            if path.is_file():
                digest.update(str(path.relative_to(self.context)).encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
        for text in more:
            digest.update(text.encode() + b"\0")
        return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Catalog:
    """All images of the course.

    Attributes:
        base: What the others are built on.
        images: By key, in the order of the file.
        mirror: The registry with the served images inside.
        suite: Debian's name of the release that the base is made of.
    """

    base: Image
    images: dict[str, Image]
    mirror: Image
    suite: str = "trixie"
    order: tuple[str, ...] = field(default=())

    @classmethod
    def read(cls, path: Path = FOLDER / "catalog.toml") -> Catalog:
        """Read the catalog.

        Raises:
            ImageError: The file is no catalog; the message names the entry.
        """
        try:
            data = tomllib.loads(path.read_text())
            base = dict(data["base"])
            suite = base.pop("suite")
            return cls(
                base=_image("base", base),
                images={key: _image(key, entry) for key, entry in data["images"].items()},
                mirror=_image("mirror", data["mirror"]),
                suite=suite,
                order=tuple(data["images"]),
            )
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise ImageError(f"{path}: not a catalog of images: {error!r}") from error

    @property
    def served(self) -> list[Image]:
        """Images that a node can pull."""
        return [image for image in self.images.values() if image.served]

    def all(self) -> list[Image]:
        """Every image, in the order in which they are made."""
        return [self.base, *self.images.values(), self.mirror]


def _image(key: str, entry: dict[str, Any]) -> Image:
    return Image(key=key, **entry)
