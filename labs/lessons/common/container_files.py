"""Reads files of a container through its engine, running or not."""

from __future__ import annotations

import io
import tarfile

from docker.errors import APIError
from docker.models.containers import Container

_NOT_REGULAR = 0x8F280000  # Go's os.ModeType: folders, links, pipes, sockets, devices
# 4 MiB, the size limit of a manifest in distribution: as large as anything that a check reads.
_MAX_BYTES = 4 << 20


def read_file(container: Container, path: str) -> bytes | None:
    """Return a file as the container sees it; None if it does not exist, is not a regular file, or exceeds 4 MiB.

    The path may be an untrusted answer such as `/dev/zero`: the engine reports type and size before the content.
    """
    # A path cannot hold a zero byte; it comes from an answer, so anything can be in it.
    if "\0" in path:
        return None
    try:
        chunks, about = container.get_archive(path)
    except APIError as error:
        if error.status_code in (400, 404):
            return None
        raise
    if not about or about["mode"] & _NOT_REGULAR or about["size"] > _MAX_BYTES:
        # The content is not read: it may be endless.
        chunks.close()  # type: ignore[attr-defined]
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        file = tar.extractfile(tar.getmembers()[0])
        return file.read() if file else None
