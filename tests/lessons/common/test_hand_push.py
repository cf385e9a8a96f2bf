"""A layer by hand is a tar archive, the same bytes each time."""

from __future__ import annotations

import io
import tarfile

from labs.lessons.common import archive_of


def test_archive_holds_one_file_and_is_the_same_bytes_each_time():
    made = archive_of("message", b"pushed by hand\n")
    with tarfile.open(fileobj=io.BytesIO(made)) as archive:
        assert archive.getnames() == ["message"]
        member = archive.extractfile("message")
        assert member is not None
        assert member.read() == b"pushed by hand\n"
    assert made == archive_of("message", b"pushed by hand\n")
    # Lesson 3 tells its length.
    assert len(made) == 10240
