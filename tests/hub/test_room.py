"""The guard of the hub's disk: uploads that go on when there is no room are ended, the largest first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings

from labs.hub import room

DISK = 1000 << 20
Upload = Callable[[str, int], Path]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Upload:
    """Make an unfinished upload of some megabytes, on a disk that has 120 MB beside them."""
    monkeypatch.setattr(settings, "DATA", tmp_path)

    def usage(_: object) -> SimpleNamespace:
        used = sum(each.stat().st_size for each in tmp_path.rglob("data"))
        return SimpleNamespace(total=DISK, used=used, free=(120 << 20) - used)

    monkeypatch.setattr(shutil, "disk_usage", usage)

    def make(name: str, megabytes: int) -> Path:
        data = tmp_path / room._REPOSITORIES / "acme" / name / "_uploads" / "id" / "data"
        data.parent.mkdir(parents=True)
        with data.open("wb") as file:
            file.truncate(megabytes << 20)
        (data.parent / "startedat").write_text("now")
        return data

    return make


def test_largest_upload_is_ended_and_others_go_on(upload: Upload):
    small, large = upload("small", 5), upload("large", 50)
    guard = room.UploadGuard()
    assert guard.look() == 1
    assert (small.exists(), large.parent.exists()) == (True, False)
    assert guard.look() == 0


def test_upload_that_is_still_written_keeps_nothing(upload: Upload):
    large = upload("large", 50)
    number = os.open(large, os.O_RDWR)
    guard = room.UploadGuard()
    guard.look()
    for _ in range(3):
        os.pwrite(number, b"x" * (1 << 20), 60 << 20)
        assert os.fstat(number).st_blocks > 0
        guard.look()
        assert os.fstat(number).st_blocks == 0
    os.close(number)


def test_files_of_dropped_uploads_are_closed_at_last(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(room, "_KEPT_TICKS", 3)
    upload("large", 50)
    guard = room.UploadGuard()
    before = open_files()
    guard.look()
    assert open_files() == before + 1
    for _ in range(6):
        guard.look()
    assert open_files() == before


def test_unfinished_uploads_are_gone_after_a_start(upload: Upload):
    made = [upload("one", 1), upload("two", 2)]
    room.drop_unfinished()
    assert not any(each.parent.exists() for each in made)
