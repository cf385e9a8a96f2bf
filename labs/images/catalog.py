"""The catalog: each image of the course named once, read from catalog.toml. No engine is asked here."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path, PurePath
from typing import Any

from labs.errors import LabsError

SOURCE_LABEL = "org.registry-course.source"
"""Label on every image: where it came from and the fingerprint of what made it, `build:3f9c…` or `hub:sha256:…`."""

FOLDER = Path(__file__).parent
LABS = FOLDER.parent


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
        late: Whether it is got when a lesson that needs it is opened, and not with the others.
        purpose: What needs it: `course`, or a use that makes it when it first needs it, `grading`. `for` in the file.
        rooms: Rooms of `labs` whose files are in it too, with the modules that serve every room.
        course: Folders of the course whose notebooks are in it, below `course/`.
        packages: Installed packages of plain Python that are in it, below `packages/`, in the version used here.
    """

    key: str
    name: str
    max_mb: int
    served: str = ""
    hub: str = ""
    folder: str = ""
    about: str = ""
    late: bool = False
    purpose: str = "course"
    rooms: tuple[str, ...] = ()
    course: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    @property
    def context(self) -> Path:
        """The folder it is built from."""
        return FOLDER / self.folder

    def files(self) -> dict[str, Path]:
        """The files it is built from, by their place in the build's context."""
        own = sorted(self.context.rglob("*")) if self.folder else []
        found = {str(p.relative_to(self.context)): p for p in own if _is_source(p)}
        found |= {f"labs/{p.relative_to(LABS)}": p for p in self._package()}
        for name in self.course:
            taken = sorted((LABS.parent / name).glob("*.ipynb"))
            found |= {f"course/{name}/{p.name}": p for p in taken}
        for name in self.packages:
            found |= {f"packages/{path}": p for path, p in _installed(name).items()}
        return found

    def _package(self) -> list[Path]:
        """Its files of `labs`; of this room only the modules, since the folders here are other images'."""
        if not self.rooms:
            return []
        found = list(LABS.glob("*.py"))
        for room in self.rooms:
            folder = LABS / room
            found += folder.glob("*.*") if folder == FOLDER else folder.rglob("*")
        return sorted(path for path in found if _is_source(path))

    def fingerprint(self, *more: str) -> str:
        """12 hex digits over what it is built from: the files of its folder and `more`."""
        digest = hashlib.sha256()
        for name, path in self.files().items():
            # The zero bytes keep names and contents apart: without them a byte could move from one file to the next
            # unnoticed.
            digest.update(name.encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
        for text in more:
            digest.update(text.encode() + b"\0")
        return digest.hexdigest()[:12]


@dataclass(frozen=True)
class Catalog:
    """All images of the course.

    Attributes:
        base: What the others are built on.
        images: What lessons need, by key, in the order of the file.
        mirror: The registry with the served images inside.
        suite: Debian's name of the release that the base is made of.
        extra: What only some uses need, by key; made at the first of them, and not before a class.
    """

    base: Image
    images: dict[str, Image]
    mirror: Image
    suite: str = "trixie"
    order: tuple[str, ...] = field(default=())
    extra: dict[str, Image] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path = FOLDER / "catalog.toml") -> Catalog:
        """Read the catalog.

        Raises:
            ImageError: The file is not a catalog; the message names the entry.
        """
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            base = dict(data["base"])
            suite = base.pop("suite")
            every = {key: _image(key, entry) for key, entry in data["images"].items()}
            course = {key: image for key, image in every.items() if image.purpose == "course"}
            return cls(
                base=_image("base", base),
                images=course,
                mirror=_image("mirror", data["mirror"]),
                suite=suite,
                order=tuple(course),
                extra={key: image for key, image in every.items() if key not in course},
            )
        except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
            raise ImageError(f"{path}: not a catalog of images: {error!r}") from error

    @property
    def served(self) -> list[Image]:
        """Images that a node can pull."""
        return [image for image in self.images.values() if image.served]

    def needed_by(self, served: Collection[str] | None) -> list[Image]:
        """Return the images that nodes need to pull `served`, with the node's own; if that is None, all but late ones.

        Raises:
            ImageError: Nothing in the catalog is served under such a name.
        """
        if served is None:
            return [image for image in self.images.values() if not image.late]
        unknown = set(served) - {image.served for image in self.served}
        if unknown:
            raise ImageError(f"no image is served as {', '.join(sorted(unknown))}")
        # Lessons run on nodes, and the mirror is built from the registry.
        always = ("node", "registry")
        return [
            image
            for key, image in self.images.items()
            if key in always or (image.served and image.served in served)
        ]

    def late(self, keys: Collection[str] | None) -> list[Image]:
        """Return the late images with these keys; all of them if that is None."""
        late = [image for image in self.images.values() if image.late]
        return [image for image in late if keys is None or image.key in keys]

    def needed_for(self, purpose: str) -> list[Image]:
        """Images that one use needs beyond those of lessons, in the order in which they are made."""
        return [image for image in self.extra.values() if image.purpose == purpose]

    def all(self) -> list[Image]:
        """Every image that lessons need, in the order in which they are made."""
        return [self.base, *self.images.values(), self.mirror]


def _image(key: str, entry: dict[str, Any]) -> Image:
    entry = dict(entry)
    lists: dict[str, Any] = {
        name: tuple(entry.pop(name, ())) for name in ("rooms", "course", "packages")
    }
    return Image(key=key, purpose=entry.pop("for", "course"), **lists, **entry)


def _installed(package: str) -> dict[str, Path]:
    """The files of an installed package, by their place in a folder of packages.

    Raises:
        ImageError: It is not installed, or its files are not known.
    """
    try:
        every = files(package)
    except PackageNotFoundError:
        every = None
    if not every:
        raise ImageError(
            f"the files of the package {package} are not known here",
            hint="install the course with pip or uv, as the page on installing says",
        )
    # Scripts of an installed package are listed with `..` and lie outside of the folder of packages.
    inside = [each for each in every if ".." not in each.parts and _is_own(each)]
    return {str(each): Path(str(each.locate())) for each in sorted(inside, key=str)}


def _is_own(file: PurePath) -> bool:
    """Whether a file is the package's own. Others are written by its installation and differ by machine."""
    return file.suffix == ".py" or file.name == "METADATA"


def _is_source(path: Path) -> bool:
    # Compiled files appear when a module is imported, and would change the fingerprint.
    return path.is_file() and "__pycache__" not in path.parts
