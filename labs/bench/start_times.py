"""How long a start takes where nothing is missing: `labs start` to a serving JupyterLab, .venv from a warm cache."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labs.bench.rows import Row, pairs, seconds
from labs.bench.setting import BenchError, Setting, find_uv, run
from labs.waiting import wait_until

_LEFT_OUT = (".git", ".venv", ".uv", ".labs", "build", "site", "__pycache__", ".*_cache")


def commands(setting: Setting) -> Iterator[Row]:
    """Commands that only print something, beside the start of Python itself."""
    labs = str(Path(sys.executable).with_name("labs"))
    for word in ("--help", "progress"):
        measured, floor = pairs(
            lambda word=word: seconds(lambda: run([labs, word])),  # type: ignore[misc]
            lambda: seconds(lambda: run([sys.executable, "-c", "pass"])),
            setting.rounds,
        )
        yield Row(f"labs {word}", "s", measured, floor, 6, "the baseline is `python -c pass`")


def second_start(setting: Setting) -> Iterator[Row]:
    """From `labs start` to a JupyterLab that answers; `make` itself adds a look at .venv, 0.1 s."""
    taken = tuple(_serve_once(setting) for _ in range(setting.rounds))
    yield Row("second start, to a serving JupyterLab", "s", taken, target=5)


def _serve_once(setting: Setting) -> float:
    command = [sys.executable, "-m", "labs.cli", "start", "--yes", "--no-browser"]
    with (
        # A file, not a pipe: a pipe is not read meanwhile, and a full one would stop the command.
        tempfile.TemporaryFile("w+") as words,
        subprocess.Popen(
            [*command, "--port", str(free_port())],
            cwd=setting.root,
            stdout=words,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            taken = seconds(
                lambda: wait_until(
                    lambda: process.poll() is not None or setting.find_server(),
                    "JupyterLab",
                    timeout_s=60,
                )
            )
            if process.poll() is not None:
                words.seek(0)
                raise BenchError(f"labs start ended: {words.read()[-500:].strip()}")
            return taken
        finally:
            _end(setting, process)


def _end(setting: Setting, process: subprocess.Popen[bytes]) -> None:
    """End the server by its own process id; `labs start` ends with it."""
    server = setting.find_server()
    if server:
        # SIGTERM: JupyterLab ends its kernels and removes its runtime file.
        os.kill(server["pid"], signal.SIGTERM)
    elif process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        # The port may be taken again before it is used; JupyterLab then takes the next one.
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def uv_install(setting: Setting) -> Iterator[Row]:
    """What `make venv` does in a new clone, with uv's cache warm: the first round, not counted, warms it."""
    path = f"{Path(find_uv(setting.root)).parent}{os.pathsep}{os.environ['PATH']}"
    taken = []
    for _ in range(setting.rounds + 1):
        with clone(setting) as folder:
            taken.append(seconds(lambda folder=folder: bootstrap(folder, PATH=path)))  # type: ignore[misc]
    yield Row("uv install, warm cache", "s", tuple(taken[1:]), target=15)


def bootstrap(folder: Path, **variables: str) -> None:
    """Make .venv in a clone, as `make venv` does.

    Raises:
        BenchError: It failed; its output is in the message.
    """
    # A virtual environment that this process runs in would be found before the clone's own.
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    run(["sh", ".ci/bootstrap"], {**environment, **variables}, folder)


@contextmanager
def clone(setting: Setting) -> Iterator[Path]:
    """A copy of the checkout as it is now, without what was made in it, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="rb-") as name:
        folder = Path(name) / "course"
        shutil.copytree(
            setting.root, folder, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_OUT)
        )
        yield folder
