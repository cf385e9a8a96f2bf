"""Everything in a folder or a zip file of submissions, as a tree of entries. It decides nothing and opens no notebook.

Folders are opened without following links, one below the other, so that no link leads out. Files of operating systems
and editors (`__MACOSX`, `.ipynb_checkpoints`, what begins with a dot) are left out.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Literal

from labs.grading.submissions.notebook_file import Unusable, open_regular, read_bytes
from labs.grading.submissions.zip_archive import (
    ALL_INNER_BYTES,
    INNER_BYTES,
    MAX_NESTING,
    ZipEntry,
    entries_of,
    opened_zip,
    read_entry,
)

Kind = Literal["folder", "zip", "notebook", "link", "unreadable", "other"]
# Below a student's folder. Deeper is not a submission, and each level is an open folder.
MAX_DEPTH = 10
# In all: a class of 1000 with 20 files each.
MAX_ENTRIES = 50_000
_JUNK = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini"))
# Archives that are not read: named in a line, so that they do not vanish.
OTHER_ARCHIVES = (".tar", ".tgz", ".gz", ".bz2", ".xz", ".rar", ".7z")
# A browser that takes a notebook for text puts `.txt` or `.json` behind its name, or a number.
NOTEBOOK = re.compile(r"\.ipynb(?: ?\(\d+\))?(?:\.(?:txt|json))?$", re.IGNORECASE)
LINK = "is a symbolic link, and links are not followed: the file itself has to be here"


@dataclass
class Entry:
    """A folder, an archive or a file; `path` is for people, with archives as if they were folders."""

    name: str
    kind: Kind
    path: str
    problem: str = ""
    read: Callable[[], bytes] = lambda: b""
    children: list[Entry] = field(default_factory=list)

    def everything(self) -> Iterator[Entry]:
        """All entries below this one."""
        for child in self.children:
            yield child
            yield from child.everything()


def walk(top: Path) -> Entry:
    """The tree of a folder, or of a zip file that is given in its place.

    Raises:
        Unusable: It cannot be read, or is neither.
    """
    if top.is_file() and top.suffix.lower() == ".zip":
        return _Walk(top.parent).archive(top.resolve().name, (), "")
    with opened_folder(top, None):
        return _Walk(top).folder("", (), "")


@contextmanager
def opened_folder(name: str | Path, inside: int | None) -> Iterator[int]:
    """A folder's descriptor. Only the outermost, which the instructor named, may be a link.

    Raises:
        Unusable: It is not a folder, or cannot be opened.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    if inside is not None:
        # With dir_fd, so that no part of the path is looked up twice: a folder that is replaced by
        # a link between two calls is not followed either.
        flags |= os.O_NOFOLLOW
    try:
        descriptor = os.open(name, flags, dir_fd=inside)
    # ValueError: a NUL byte in a name.
    except (OSError, ValueError) as error:
        said = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise Unusable(f"the folder cannot be read: {said}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class _Walk:
    """One walk, which counts what it saw."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._left = MAX_ENTRIES

    def folder(self, name: str, parts: tuple[str, ...], path: str) -> Entry:
        """The tree of one folder on disk; `parts` are the folders' names that lead to it."""
        entry = Entry(name, "folder", path)
        if len(parts) > MAX_DEPTH:
            return Entry(name, "unreadable", path, f"is nested over {MAX_DEPTH} folders deep")
        try:
            with self._inside(parts) as here:
                names = _names(here)
        except Unusable as error:
            return Entry(name, "unreadable", path, str(error))
        for child, kind in names:
            if not is_junk(child):
                entry.children.append(self._on_disk(child, kind, parts, _join(path, child)))
        return entry

    def _on_disk(self, name: str, kind: Kind, parts: tuple[str, ...], path: str) -> Entry:
        self._left -= 1
        if self._left < 0:
            return Entry(name, "unreadable", path, "was not looked at: there are too many files")
        if kind == "folder":
            return self.folder(name, (*parts, name), path)
        if kind == "link":
            return Entry(name, "link", path, LINK)
        if is_zip(name):
            return self.archive(name, parts, path)

        def read() -> bytes:
            with self._inside(parts) as here:
                return read_bytes(name, here)

        return _file(name, path, read)

    def archive(self, name: str, parts: tuple[str, ...], path: str) -> Entry:
        """The tree of an archive on disk."""

        @contextmanager
        def opened() -> Iterator[IO[bytes]]:
            with self._inside(parts) as here, open_regular(name, here) as file:
                yield file

        return self._zip(name, path, opened, 1)

    def _zip(self, name: str, path: str, opened: Callable[[], object], nesting: int) -> Entry:
        """The tree of an archive, wherever its bytes are."""
        entry = Entry(name, "zip", path)
        if nesting > MAX_NESTING:
            return Entry(name, "unreadable", path, "is an archive inside of too many archives")
        try:
            with opened() as file, opened_zip(file) as archive:  # type: ignore[attr-defined]
                listed = list(entries_of(archive))
        except Unusable as error:
            return Entry(name, "unreadable", path, str(error))
        folders: dict[tuple[str, ...], Entry] = {(): entry}
        left = ALL_INNER_BYTES.get(nesting, INNER_BYTES)
        for each in listed:
            self._left -= 1
            if self._left < 0:
                entry.children.append(Entry(name, "unreadable", path, "has too many files"))
                break
            if any(map(is_junk, each.parts)):
                continue
            if is_zip(each.parts[-1]):
                left -= each.size
                if left < 0 or each.size > INNER_BYTES:
                    each = replace(each, problem="is an archive that unpacks to too much")
            self._add(folders, each, opened, nesting)
        return entry

    def _add(
        self,
        folders: dict[tuple[str, ...], Entry],
        each: ZipEntry,
        opened: Callable[[], object],
        nesting: int,
    ) -> None:
        """Put an archive's entry to its place in the tree; folders above it are made."""
        top = folders[()]
        name, path = each.parts[-1], _join(top.path, *each.parts)
        if each.problem or len(each.parts) > MAX_DEPTH:
            problem = each.problem or f"is nested over {MAX_DEPTH} folders deep"
            # Directly in the archive: such a name must not say whose it is.
            top.children.append(Entry(name, "unreadable", path, problem))
            return
        above = each.parts if each.is_folder else each.parts[:-1]
        for end in range(1, len(above) + 1):
            if above[:end] not in folders:
                made = Entry(above[end - 1], "folder", _join(top.path, *above[:end]))
                folders[above[: end - 1]].children.append(made)
                folders[above[:end]] = made
        here = folders[above]
        if each.is_folder:
            return

        def read(most: int | None = None) -> bytes:
            with opened() as file, opened_zip(file) as archive:  # type: ignore[attr-defined]
                return read_entry(archive, each.number, **({"most": most} if most else {}))

        @contextmanager
        def inner() -> Iterator[IO[bytes]]:
            yield io.BytesIO(read(INNER_BYTES))

        if each.is_link:
            here.children.append(Entry(name, "link", path, LINK))
        elif is_zip(name):
            here.children.append(self._zip(name, path, inner, nesting + 1))
        else:
            here.children.append(_file(name, path, read))

    @contextmanager
    def _inside(self, parts: tuple[str, ...]) -> Iterator[int]:
        with ExitStack() as opened:
            here = opened.enter_context(opened_folder(self._top, None))
            for part in parts:
                here = opened.enter_context(opened_folder(part, here))
            yield here


def is_zip(name: str) -> bool:
    """Whether a file has the name of a zip archive."""
    return name.lower().endswith(".zip")


def is_junk(name: str) -> bool:
    """Whether a system or an editor made it. Two dots in front are a strange name, but a name."""
    return name in _JUNK or (name.startswith(".") and not name.startswith(".."))


def _file(name: str, path: str, read: Callable[[], bytes]) -> Entry:
    if name.lower().endswith(OTHER_ARCHIVES):
        wanted = "is an archive of a kind that is not read: only notebooks and zip files are"
        return Entry(name, "unreadable", path, wanted)
    kind: Kind = "notebook" if NOTEBOOK.search(name) else "other"
    return Entry(name, kind, path, read=read)


def _names(folder: int) -> list[tuple[str, Kind]]:
    """Names in a folder with their kinds, in the order of their bytes, which need not be UTF-8."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, _kind(entry)) for entry in entries]
    except OSError as error:
        raise Unusable(f"the folder cannot be read: {os.strerror(error.errno or 0)}") from error
    return sorted(found, key=lambda pair: os.fsencode(pair[0]))


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir(follow_symlinks=False) else "other"


def _join(*parts: str) -> str:
    return "/".join(filter(None, parts))
