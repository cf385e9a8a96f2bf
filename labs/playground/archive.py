"""Packs files as the tar archive that the engine's API takes to put them into a container."""

from __future__ import annotations

import io
import tarfile
import time


def archive(files: dict[str, bytes], *, mode: int = 0o600) -> bytes:
    """Return files by name as a tar archive, owned by root.

    Their modification time is now, so that a program that watches it notices. Folders are left out: unpacking one
    would change its mode.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            # mtime: distribution reads its password file again when that is newer than what it read.
            entry.size, entry.mode, entry.mtime = len(content), mode, time.time()
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
