"""A blob on its way: cut, changed, damaged, refused; what is whole has its digest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs.images import ImageError, blob_download
from labs.images.blob_download import BlobDownload
from labs.registry import Descriptor, RegistryClient
from tests.images.class_server import ClassServer, class_server, digest

BLOB = bytes(range(256)) * 40
PATH = f"/v2/course/node/blobs/{digest(BLOB)}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassServer]:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with class_server() as served:
        served.add_blob("course/node", BLOB)
        yield served


@pytest.fixture
def said() -> list[str]:
    return []


def download(server: ClassServer, folder: Path, said: list[str], size: int = len(BLOB)) -> Path:
    blob = Descriptor("", digest(BLOB), size)
    registry = RegistryClient(server.url)
    return BlobDownload(registry, "course/node", blob, folder, called="node").run(said.append)


def part(folder: Path) -> Path:
    return folder / f"{digest(BLOB).partition(':')[2]}.part"


def test_blob_comes_whole_and_is_not_asked_for_again(server, tmp_path, said):
    assert download(server, tmp_path, said).read_bytes() == BLOB
    assert download(server, tmp_path, said).read_bytes() == BLOB
    assert server.requests == [(PATH, "")]
    assert [path.suffix for path in tmp_path.iterdir()] == [""]


def test_blob_that_is_cut_goes_on_where_it_stopped(server, tmp_path, said):
    server.cut = [1000, 2000]
    assert download(server, tmp_path, said).read_bytes() == BLOB
    assert [wanted for _, wanted in server.requests] == ["", "bytes=1000-", "bytes=3000-"]
    assert "trying again" in said[0]


def test_blob_of_a_server_without_ranges_is_sent_again_and_joined_rightly(server, tmp_path, said):
    server.cut, server.ranges = [1000], False
    assert download(server, tmp_path, said).read_bytes() == BLOB


def test_blob_goes_on_with_what_an_earlier_run_left(server, tmp_path, said):
    part(tmp_path).write_bytes(BLOB[:5000])
    assert download(server, tmp_path, said).read_bytes() == BLOB
    assert server.requests == [(PATH, "bytes=5000-")]


def test_server_that_gives_no_more_ends_it_and_what_came_stays(server, tmp_path, said):
    server.cut = [1000, *[0] * 20]
    with pytest.raises(
        ImageError, match=r"gives no more after 0 of 0 MB.*what came is kept"
    ) as end:
        download(server, tmp_path, said)
    assert "goes on where it stopped" in end.value.hint
    assert part(tmp_path).read_bytes() == BLOB[:1000]
    assert len(server.requests) == 2 + len(blob_download._PAUSES_S)


def test_tries_are_counted_from_the_last_byte_that_came(server, tmp_path, said):
    server.cut = [1000, 0, 0, 0, 1000, 0, 0, 0, 1000]
    assert download(server, tmp_path, said).read_bytes() == BLOB


def test_changed_bytes_are_refused_and_removed(server, tmp_path, said):
    server.bodies[PATH] = ("", b"\xff" + BLOB[1:])
    with pytest.raises(ImageError, match=r"do not have the digest sha256:.*changed on the way"):
        download(server, tmp_path, said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", [b"\xff" * 5000, BLOB[:-1] + b"\0", BLOB + b"more"])
def test_damaged_rest_of_an_earlier_run_is_thrown_away_once(server, tmp_path, said, left):
    part(tmp_path).write_bytes(left)
    assert download(server, tmp_path, said).read_bytes() == BLOB
    assert "damaged" in " ".join(said)


def test_damaged_rest_and_changed_bytes_end_it(server, tmp_path, said):
    server.bodies[PATH] = ("", b"\xff" + BLOB[1:])
    part(tmp_path).write_bytes(b"\xff" * 5000)
    with pytest.raises(ImageError, match="changed on the way"):
        download(server, tmp_path, said)
    assert list(tmp_path.iterdir()) == []


def test_server_that_sends_more_than_the_manifest_says_is_stopped(server, tmp_path, said):
    server.bodies[PATH] = ("", BLOB + b"more")
    with pytest.raises(ImageError, match="changed on the way"):
        download(server, tmp_path, said)
    assert list(tmp_path.iterdir()) == []


def test_server_that_is_busy_is_asked_again_and_one_that_lacks_it_is_not(server, tmp_path, said):
    server.status[PATH] = [503, 502]
    assert download(server, tmp_path, said).read_bytes() == BLOB
    assert len(server.requests) == 3
    server.status[PATH] = [404]
    (tmp_path / digest(BLOB).partition(":")[2]).unlink()
    with pytest.raises(ImageError, match="404"):
        download(server, tmp_path, said)
    assert len(server.requests) == 4
