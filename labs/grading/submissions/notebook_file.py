"""One notebook file that a student sent: from its bytes to the sources of its answer cells.

The file is not trusted: it is opened without following links or waiting for a pipe,
read up to a limit, parsed as JSON and looked at cell by cell. nbformat is not used: it accepts less,
changes more, and needs the whole file to be valid where only a few cells matter.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

# A notebook with pictures in its outputs has a few MB.
FILE_BYTES = 50_000_000
# Of one answer; a lesson asks for some lines.
ANSWER_CHARS = 200_000
# A list of ten million empty lists fits into 50 MB of text and into no grader's memory.
PARTS = 2_000_000


class Unusable(Exception):
    """What was handed in cannot be graded; the text says why, to the student."""


@contextmanager
def open_regular(name: str, folder: int) -> Iterator[IO[bytes]]:
    """A regular file, opened without following a link and without waiting for a pipe.

    Args:
        name: The file's name in that folder.
        folder: A descriptor of the open folder.

    Raises:
        Unusable: It is a link, a pipe or a device, or cannot be opened.
    """
    # O_NOFOLLOW: a link could lead to another student's notebook or to a solution. O_NONBLOCK:
    # opening a pipe would wait for its writer forever.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        raise Unusable(_refusal(error)) from error
    with os.fdopen(descriptor, "rb", closefd=True) as file:
        # Of the open file, not of the name: the name may be another file a moment later.
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unusable("the notebook is not a regular file")
        yield file


def read_bytes(name: str, folder: int) -> bytes:
    """The content of a regular file of at most `FILE_BYTES`.

    Raises:
        Unusable: It is a link, a pipe, too large or cannot be read.
    """
    with open_regular(name, folder) as file:
        size = os.fstat(file.fileno()).st_size
        if size > FILE_BYTES:
            raise Unusable(_too_large(size))
        try:
            # One byte more than allowed: the file may have grown since fstat, and this shows it.
            data = file.read(FILE_BYTES + 1)
        except OSError as error:
            raise Unusable(_refusal(error)) from error
    if len(data) > FILE_BYTES:
        raise Unusable(_too_large(len(data)))
    return data


def parse(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """The JSON object in a notebook's bytes, and remarks.

    Raises:
        Unusable: There is none, or it is cut off, too deep or of too many parts.
    """
    remarks = []
    if not data.strip():
        raise Unusable("the notebook is an empty file")
    if data.lstrip()[:1] == b"<":
        raise Unusable("the notebook is not a notebook but a web page (HTML or XML)")
    encoding = json.detect_encoding(data)
    if encoding not in ("utf-8", "utf-8-sig"):
        remarks.append(f"the notebook was saved as {encoding.upper()}; Jupyter writes UTF-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unusable(
            f"the notebook is no {encoding.upper()} text (byte {error.start})"
        ) from error
    # Before it is parsed: afterwards the memory is used already.
    if sum(map(text.count, "[{,")) > PARTS:
        raise Unusable(f"the notebook has over {PARTS:,} parts; clear its outputs")
    notebook = _loaded(text)
    if not isinstance(notebook, dict):
        raise Unusable("the notebook is not a notebook: its JSON is not an object")
    return notebook, remarks


def cells_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The notebook's cells, those that are objects; of nbformat 3 too, where they are in worksheets.

    Raises:
        Unusable: It has none.
    """
    cells = notebook.get("cells")
    sheets = notebook.get("worksheets")
    if not isinstance(cells, list) and isinstance(sheets, list):
        pages = (sheet.get("cells") for sheet in sheets if isinstance(sheet, dict))
        cells = [cell for page in pages if isinstance(page, list) for cell in page]
    if not isinstance(cells, list):
        raise Unusable("the notebook is not a notebook: it has no cells")
    return [cell for cell in cells if isinstance(cell, dict)]


def ids_of(cell: dict[str, Any]) -> tuple[str, str]:
    """The id of a cell, and the id that its metadata keeps; "" where there is none.

    The builder writes both. Some editors save nbformat 4.4, which has no cell ids, and some draw new ones.
    """
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    own = metadata.get("labs")
    kept = own.get("cell") if isinstance(own, dict) else metadata.get("id")
    found = (cell.get("id"), kept)
    first, second = (each if isinstance(each, str) else "" for each in found)
    return first, second


def source_of(cell: dict[str, Any]) -> tuple[str, str]:
    """A cell's source, and a remark where it is not as it was handed in.

    Raises:
        Unusable: It has none that is code.
    """
    source = cell.get("source", cell.get("input"))  # `input` in nbformat 3
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if cell.get("cell_type") != "code":
        raise Unusable("is not a code cell any more")
    if not isinstance(source, str):
        raise Unusable("has no text for a source")
    if len(source) > ANSWER_CHARS:
        raise Unusable(f"has {len(source):,} characters; {ANSWER_CHARS:,} are allowed")
    # A lone surrogate is valid in JSON, and cannot be written as UTF-8 later on.
    clean = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return clean, "holds half characters (lone surrogates), replaced" if clean != source else ""


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    # A file of ten thousand "[" is enough.
    except RecursionError as error:
        raise Unusable("the notebook is nested deeper than any notebook") from error
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        where = f"line {error.lineno}, column {error.colno}"
        said = "ends in the middle: it was cut off" if cut else "is not JSON"
        raise Unusable(f"the notebook {said} ({where}: {error.msg})") from error
    except ValueError as error:  # a number of over 4300 digits
        raise Unusable(f"the notebook is not JSON that can be read ({error})") from error


def _too_large(size: int) -> str:
    return f"the notebook has {size / 1e6:.1f} MB; {FILE_BYTES // 1_000_000} MB are allowed"


def _refusal(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "the notebook is a symbolic link, and links are not followed"
    return f"the notebook cannot be read: {os.strerror(error.errno or 0)}"
