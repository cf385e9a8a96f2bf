"""Zip files that students and learning platforms made, read as data: nothing of them is ever extracted.

Limits hold for what is really read, not for what an archive says of itself. An entry's name decides at most which
student's and which lesson's it is; one that leads out of its archive is not read.
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from labs.grading.submissions.notebook_file import FILE_BYTES, Unusable

# Of an archive inside an archive, which is read into memory.
INNER_BYTES = FILE_BYTES
# Of all archives in one: those of a class's students in its export, and those in one student's own.
ALL_INNER_BYTES = {1: 2_000_000_000, 2: 200_000_000}
_NAME_CHARS = 255
# Class, student, and one more: a fourth archive inside the third is not opened.
MAX_NESTING = 3
# The list of entries of an archive; ten thousand names take about 1 MB, and Python reads the whole list at once.
LIST_BYTES = 10_000_000
MAX_ENTRIES = 20_000
_END, _LOCATOR, _END_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_DRIVE = re.compile(r"^[A-Za-z]:(?=[/\\])")


@dataclass(frozen=True)
class ZipEntry:
    """One entry: its place in the list, the parts of its name, and why it is not read, if it is not."""

    number: int
    parts: tuple[str, ...]
    is_folder: bool
    problem: str = ""
    is_link: bool = False
    size: int = 0


@contextmanager
def opened_zip(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """A zip file, opened once its list of entries is known to be of a sane size.

    Raises:
        Unusable: It is not one, is damaged, or lists too much.
    """
    try:
        if _list_bytes(file) > LIST_BYTES:
            raise Unusable("the archive lists more files than any submission has")
        with zipfile.ZipFile(file) as archive:
            if len(archive.infolist()) > MAX_ENTRIES:
                raise Unusable(f"the archive lists over {MAX_ENTRIES:,} files")
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, struct.error) as error:
        raise Unusable(f"the archive cannot be read as a zip file ({error})") from error
    # What a damaged archive makes of Python's own parsing, seek to a negative place for one.
    except (OSError, ValueError, OverflowError, EOFError, zlib.error) as error:
        raise Unusable(f"the archive is damaged ({error})") from error


def entries_of(archive: zipfile.ZipFile) -> Iterator[ZipEntry]:
    """The entries of an archive, in its order; those of Windows too, whose names have backslashes."""
    for number, info in enumerate(archive.infolist()):
        name = _DRIVE.sub("", info.filename).replace("\\", "/")
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        if not parts:
            continue
        kind = stat.S_IFMT(info.external_attr >> 16)
        problem = ""
        if ".." in parts:
            problem = "its name leads out of the archive"
        elif max(map(len, parts)) > _NAME_CHARS:
            parts = tuple(part[:40] for part in parts[:3])
            problem = "its name is longer than a file's can be"
        elif info.flag_bits & 0x1:
            problem = "it is encrypted; hand it in without a password"
        is_link = kind == stat.S_IFLNK
        # zipfile gives no more than that of an entry, so it bounds what is read.
        yield ZipEntry(number, parts, name.endswith("/"), problem, is_link, info.file_size)


def read_entry(archive: zipfile.ZipFile, number: int, most: int = FILE_BYTES) -> bytes:
    """The content of one entry, of at most `most` bytes.

    Raises:
        Unusable: It has more, whatever the archive says, or cannot be read.
    """
    try:
        # Not `archive.read`: an entry of a few KB can unpack to gigabytes.
        with archive.open(archive.infolist()[number]) as content:
            data = content.read(most + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ValueError) as error:
        raise Unusable(f"it cannot be unpacked ({error})") from error
    except (EOFError, zlib.error, MemoryError, IndexError) as error:
        raise Unusable(f"it is damaged inside its archive ({error})") from error
    if len(data) > most:
        raise Unusable(f"it unpacks to over {most // 1_000_000} MB, which is the most allowed")
    return data


def _list_bytes(file: IO[bytes]) -> int:
    """The size of an archive's list of entries, as its end says (APPNOTE.TXT, 4.3.16 and 4.3.14)."""
    size = file.seek(0, 2)
    start = max(0, size - 65_557)  # the record, and the longest comment behind it
    file.seek(start)
    tail = file.read()
    # As zipfile looks: first without a comment, then for the last signature.
    at = len(tail) - 22
    if at < 0 or tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise Unusable("the archive is not a zip file, or was cut off")
    listed = int(struct.unpack("<I", tail[at + 12 : at + 16])[0])
    locator = tail[at - 20 : at] if at >= 20 else b""
    if locator[:4] == _LOCATOR:
        file.seek(struct.unpack("<Q", locator[8:16])[0])
        record = file.read(56)
        if record[:4] == _END_64 and len(record) == 56:
            listed = max(
                listed if listed != 0xFFFFFFFF else 0, struct.unpack("<Q", record[40:48])[0]
            )
    return listed
