"""`labs images serve` in one process, `labs start --images-from` in another, with all images of the course."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from labs import lessons
from labs.engine import Engine
from labs.images import VARIABLE, Catalog, can_serve, ensure, stock
from labs.playground import Playground
from tests.images.test_class import free_port, gone, left

pytestmark = [pytest.mark.engine, pytest.mark.full]
ROOT = Path(__file__).resolve().parents[2]
LABS = [sys.executable, "-m", "labs.cli"]


@contextmanager
def serving(port: int) -> Iterator[tuple[subprocess.Popen, str]]:
    """The command on the loopback, and the address that students type."""
    command = [*LABS, "images", "serve", "--address", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            told = ""
            for line in process.stdout or ():
                told += line
                if found := re.search(r"make start ARGS=--images-from=(\S+)$", line):
                    yield process, found[1]
                    break
            else:
                pytest.fail(told)
        finally:
            process.send_signal(signal.SIGINT)


def start(node: dict[str, str], course: Path, *words: str, **variables: str) -> str:
    """A student's `labs start --no-lab`, on a node's engine; what it printed."""
    environment = {k: v for k, v in os.environ.items() if k != VARIABLE}
    environment |= {**node, "LABS_COURSE": str(course), **variables}
    done = subprocess.run(
        [*LABS, "start", "--no-lab", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.stdout}{done.stderr}{done.returncode}"


@pytest.fixture(scope="module")
def students(opened: Callable[..., Playground]) -> list:
    return opened("class-commands", nodes=2).nodes


def test_two_students_get_everything_and_ctrl_c_leaves_nothing(
    engine: Engine, students: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    port, before, folder = free_port(), left(engine), tmp_path / "course"
    folder.mkdir()
    first, second = (node.environment() for node in students)
    wanted = len([image for image in Catalog.read().all() if not image.late])
    with serving(port) as (process, address):
        told = start(first, folder, "--images-from", address)
        assert told.endswith(f"images: {wanted} made or pulled\n0"), told
        assert "Docker Hub" not in told
        assert "Step " not in told
        # What JupyterLab waits for: the mirror is whole at once, so that all lessons can pull.
        monkeypatch.setenv(VARIABLE, address)
        lesson, client = lessons.all_lessons()[0], students[1].docker
        names = ensure(client, print, served=lesson.images)
        assert names == ["registry-course/node:26.1", "registry-course/mirror:1"]
        assert can_serve(client, [image.served for image in Catalog.read().served])
        told = start(second, folder, **{VARIABLE: address})
        assert told.endswith(f"images: {wanted - 2} made or pulled\n0"), told
        # What one lesson needs comes when that is opened, from the same place.
        names = ensure(client, print, served=lesson.images, late=["tools"])
        assert names == ["registry-course/tools:1"]
        process.send_signal(signal.SIGINT)
        told = process.stdout.read()
        assert re.search(r"ended after \d+ MB in \d+ answers: nothing listens any more", told)
        assert process.wait(30) == 0
    assert gone(port)
    assert left(engine) == before
    for node in students:
        assert all(row.current for row in stock(node.docker) if not row.image.late)
    # The registry has ended, and nothing is asked of it where nothing is missing.
    assert start(first, folder, "--images-from", address).endswith("images: all here\n0")


def test_class_registry_that_has_ended_is_told_and_nothing_is_got_elsewhere(
    students: list, tmp_path: Path
):
    node = students[0]
    if "registry-course/httpd:2" in str(node.docker.images.list()):
        node.docker.images.remove("registry-course/httpd:2")
    address = f"127.0.0.1:{free_port()}/{'0' * 16}"
    told = start(node.environment(), tmp_path, "--images-from", address)
    assert "labs: no class registry answers at http://127.0.0.1:" in told
    assert "Hint: this machine has to be in the instructor's network" in told
    assert told.endswith("1")
    assert "getting it" not in told


def test_closed_terminal_ends_it_as_ctrl_c_does(engine: Engine):
    port, before = free_port(), left(engine)
    with serving(port) as (process, _):
        process.send_signal(signal.SIGHUP)
        assert "ended after" in process.stdout.read()
    assert gone(port)
    assert left(engine) == before


def test_second_class_on_the_same_port_is_told_and_on_another_serves(engine: Engine):
    port = free_port()
    command = [*LABS, "images", "serve", "--address", "127.0.0.1", "--port", str(port)]
    with serving(port) as (first, address):
        refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert refused.returncode == 1
        assert f"port {port} of 127.0.0.1 is taken" in refused.stderr
        with serving(free_port()) as (_, other):
            assert other.rpartition("/")[2] == address.rpartition("/")[2]
            first.send_signal(signal.SIGTERM)
            assert "ended after" in first.stdout.read()
            assert httpx.get(f"{other.rpartition('/')[0]}/v2/", trust_env=False).status_code == 200
