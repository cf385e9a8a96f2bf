"""Writes files whole or not at all; every room uses it."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

TEMPORARY_PREFIX = ".writing-"
"""Begins the name of a file that is being written; one that is found later is of a killed process."""


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it, or what was there before.

    Text that is not valid Unicode, as a file name in another encoding, is written with backslashes.

    Raises:
        OSError: It could not be written; nothing has changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder: a rename is atomic within one file system only.
    descriptor, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
        # mkstemp creates files with mode 0600, and what is written here is for other users to read as well.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    # BaseException: Ctrl+C must not leave a partial file either.
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
