"""Reads what a registry stores under `/var/lib/registry`: links of repositories, and blobs. It changes nothing.

The layout is that of distribution's filesystem driver, 2 and 3 alike (registry/storage/paths.go):
content once, under `blobs/` by digest, and small `link` files, each holding one digest, under
`repositories/`.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

STORAGE = "/var/lib/registry"
"""Where a registry keeps its data inside its container, unless its settings name another folder."""

# Whatever folder comes before: an archive's paths begin with the name of the folder that was asked for.
_BLOB = re.compile(r"(?:.*/)?blobs/([a-z0-9]+)/[0-9a-f]{2}/([0-9a-f]+)/data")
_LINK = re.compile(
    r"(?:.*/)?repositories/(?P<repository>.+?)/(?:"
    r"_manifests/tags/(?P<tag>[^/]+)/current/link"
    r"|(?P<history>_manifests/tags/(?P<old>[^/]+)/index/.+/link)"
    r"|(?P<manifest>_manifests/revisions/.+/link)"
    r"|(?P<layer>_layers/.+/link))"
)
_KINDS = ("tag", "history", "manifest", "layer")
# A link file holds one digest; a longer file is not one, and is not read into memory.
_LINK_MAX_BYTES = 200


class StoredFile(NamedTuple):
    """One file under the storage folder; `link` is what a `link` file holds, a digest."""

    path: str
    size_bytes: int
    link: str = ""


@dataclass(frozen=True)
class Link:
    """A repository's link to a blob. Kinds: `tag`, `history`, `manifest`, `layer` (and config)."""

    repository: str
    kind: str
    digest: str
    tag: str = ""

    @property
    def label(self) -> str:
        """What the link is, in words."""
        words = {"tag": f"tag {self.tag}", "history": f"tag {self.tag} (its history)"}
        return words.get(self.kind, self.kind)


@dataclass(frozen=True)
class Blob:
    """Content that is stored once. `number` counts from 1; `links` is how many lead here."""

    number: int
    digest: str
    size_bytes: int
    links: int


@dataclass(frozen=True)
class Storage:
    """The links of all repositories and the blobs, in an order that does not depend on digests."""

    links: tuple[Link, ...]
    blobs: tuple[Blob, ...]

    @classmethod
    def read(cls, files: Iterable[StoredFile]) -> Storage:
        """Sort files into links and blobs; what is neither (uploads) is left out."""
        links: list[Link] = []
        sizes: dict[str, int] = {}
        for file in files:
            if found := _BLOB.fullmatch(file.path):
                sizes[f"{found[1]}:{found[2]}"] = file.size_bytes
            elif link := _link(file):
                links.append(link)
        blobs = _blobs(links, sizes)
        numbers = {blob.digest: blob.number for blob in blobs}
        # The number of links whose blob does not exist: they are sorted behind the others.
        last = len(blobs) + 1
        links.sort(
            key=lambda it: (
                it.repository,
                _KINDS.index(it.kind),
                it.tag,
                numbers.get(it.digest, last),
                it.digest,
            )
        )
        return cls(tuple(links), blobs)

    @property
    def repositories(self) -> tuple[str, ...]:
        """The repositories that have a link, sorted."""
        return tuple(sorted({link.repository for link in self.links}))

    def blob(self, digest: str) -> Blob | None:
        """The blob with that digest, or None where a link leads nowhere."""
        return next((blob for blob in self.blobs if blob.digest == digest), None)


def files_in_tar(chunks: Iterable[bytes]) -> list[StoredFile]:
    """The files in a tar archive, as `container.get_archive(…)[0]` gives it, sorted by path.

    It is read piece by piece: a registry's blobs may be larger than this machine's memory.
    """
    with tarfile.open(fileobj=io.BufferedReader(_Pieces(chunks)), mode="r|") as tar:
        return sorted(_stored_file(tar, member) for member in tar if member.isfile())


class _Pieces(io.RawIOBase):
    """Pieces of a file, one after the other, as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what is left of a piece, or with the next one."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        part, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def _stored_file(tar: tarfile.TarFile, member: tarfile.TarInfo) -> StoredFile:
    link = ""
    # The student's container wrote the archive: sizes are checked before anything is read.
    if member.name.endswith("/link") and member.size <= _LINK_MAX_BYTES:
        content = tar.extractfile(member)
        link = content.read().decode(errors="replace").strip() if content else ""
    return StoredFile(member.name, member.size, link)


def _link(file: StoredFile) -> Link | None:
    found = _LINK.fullmatch(file.path)
    if not found:
        return None
    kind = next(kind for kind in _KINDS if found[kind])
    return Link(found["repository"], kind, file.link, found["tag"] or found["old"] or "")


def _blobs(links: Iterable[Link], sizes: dict[str, int]) -> tuple[Blob, ...]:
    """Manifests first, then by size, unlinked last: two builds differ in digests, not in this."""
    counted = Counter(link.digest for link in links)
    manifests = {link.digest for link in links if link.kind != "layer"}

    def playground(digest: str) -> tuple[bool, bool, int, str]:
        return (not counted[digest], digest not in manifests, sizes[digest], digest)

    ordered = sorted(sizes, key=playground)
    return tuple(
        Blob(n, digest, sizes[digest], counted[digest]) for n, digest in enumerate(ordered, 1)
    )
