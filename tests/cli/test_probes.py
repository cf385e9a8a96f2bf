"""What the doctor looks at, and that no look takes longer than it may."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from labs import images
from labs.cli import probes
from labs.cli.probes import Look


def test_look_gives_what_was_seen():
    assert Look(lambda: 3).answer() == 3


def test_look_that_fails_raises_or_gives_the_default():
    def fail() -> int:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        Look(fail).answer()
    assert Look(fail).or_else(7) == 7


def test_look_that_never_ends_is_given_up():
    started = time.monotonic()
    with pytest.raises(TimeoutError, match=r"within 0\.1 s"):
        Look(lambda: time.sleep(30)).answer(0.1)
    assert time.monotonic() - started < 5


def test_ipvs_is_there_when_the_kernel_lists_it(tmp_path: Path):
    (tmp_path / "ip_vs").touch()
    assert probes.ipvs(tmp_path / "ip_vs") == "there"


@pytest.mark.process
@pytest.mark.parametrize(
    ("script", "wanted"), [("exit 0", "loadable"), ("exit 1", "missing"), (None, "missing")]
)
def test_ipvs_is_loadable_when_modprobe_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, wanted: str
):
    if script:
        (tmp_path / "modprobe").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "modprobe").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert probes.ipvs(tmp_path / "none") == wanted


def test_memory_is_what_the_kernel_calls_available(tmp_path: Path):
    (tmp_path / "meminfo").write_text("MemTotal: 9000 kB\nMemAvailable: 2000 kB\n")
    assert probes.memory_bytes(tmp_path / "meminfo") == 2000 * 1024
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert probes.memory_bytes(tmp_path / "none") == whole


def test_port_listens_only_while_somebody_does():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert not probes.listens(port)
        server.listen()
        assert probes.listens(port)


@pytest.mark.parametrize(
    ("work", "seen"),
    [
        (images.Work(), {}),
        (images.Work(running=True), {"images_step": "beginning"}),
        (
            images.Work("  nginx: Step 5/14 : RUN apt", running=True),
            {"images_step": "nginx: Step 5/14"},
        ),
        (images.Work("nginx: Step 5/14", "no space"), {"images_error": "failed: no space"}),
        (
            images.Work("nginx: Step 5/14 : RUN apt"),
            {"images_error": "was ended at nginx: Step 5/14"},
        ),
    ],
)
def test_image_work_is_told_as_it_is_or_as_it_ended(work: images.Work, seen: dict[str, str]):
    assert probes._image_work(work) == seen
