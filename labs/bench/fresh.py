"""A first start from nothing, step by step: minutes and megabytes. `python -m labs.bench.fresh` does it.

It uses nothing that was made before: empty caches, a new clone, an engine of its own without images. Debian's
packages of the engine are downloaded and not installed, since the engine that runs is of that package.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from labs import images
from labs.bench.network_namespace import default_interface, own_network, received_bytes
from labs.bench.rows import MEGABYTE, Row
from labs.bench.setting import BenchError, Setting, code_home, run
from labs.bench.start_times import bootstrap, clone
from labs.engine import Embedded, EngineClient
from labs.lessons import all_lessons

LATER = "other images"
FIRST = all_lessons()[0].images
# What `labs start` installs for the embedded engine; two are named because apt would not download
# dependencies of docker.io that are installed.
PACKAGES = ["docker.io", "containerd", "runc", "iptables"]


def first_start(setting: Setting) -> Iterator[Row]:
    """Three rows: minutes until lesson 1 can run, minutes and megabytes in all, with what each step took."""
    with (
        own_network() as prefix,
        clone(setting) as folder,
        tempfile.TemporaryDirectory(prefix="rb-", ignore_cleanup_errors=True) as work,
    ):
        Path(work).chmod(0o711)  # as /var/lib: root in the engine's containers is another user
        steps = _child([*prefix, sys.executable, "-m", "labs.bench.fresh", str(folder), work])
    minutes = sum(step["seconds"] for step in steps) / 60
    first = sum(step["seconds"] for step in steps if step["name"] != LATER) / 60
    megabytes = sum(step["bytes"] for step in steps) / MEGABYTE
    times = ", ".join(f"{step['name']} {step['seconds']:.0f} s" for step in steps)
    loads = ", ".join(f"{step['name']} {step['bytes'] / MEGABYTE:.0f} MB" for step in steps)
    yield Row(
        "first start, to lesson 1", "min", (first,), target=80 / 60, note="without JupyterLab"
    )
    yield Row("first start, time", "min", (minutes,), target=3, note=times)
    yield Row("first start, downloaded", "MB", (megabytes,), target=400, note=loads)


def _child(command: list[str]) -> list[dict[str, Any]]:
    """Run the steps; where this process is interrupted, the child stops its engine before it ends."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=code_home()) as child:
        try:
            out, _ = child.communicate()
        except BaseException:
            # SIGINT, not SIGKILL: the child has to stop its engine.
            child.send_signal(signal.SIGINT)
            child.wait(60)
            raise
    if child.returncode:
        raise BenchError(f"the first start ended with status {child.returncode}: see above")
    steps: list[dict[str, Any]] = json.loads(out)
    return steps


def main(folder: Path, work: Path) -> None:
    """Do the steps in this process's network and print them as JSON."""
    own = Embedded(data=work / "data", run=work / "run")
    steps = []
    try:
        for name, step in _steps(folder, work, own):
            print(f"  first start: {name}", file=sys.stderr, flush=True)
            before, started = _received(), time.monotonic()
            step()
            steps.append(
                {
                    "name": name,
                    "seconds": time.monotonic() - started,
                    "bytes": _received() - before,
                }
            )
    finally:
        own.stop()
    print(json.dumps(steps))


def _steps(folder: Path, work: Path, own: Embedded) -> list[tuple[str, Callable[[], object]]]:
    def say(text: str) -> None:
        print(f"    {text}", file=sys.stderr, flush=True)

    def client() -> EngineClient:
        return EngineClient(own.address, timeout_s=600)

    # Empty folders: the user's own caches would hide the download.
    caches = {"UV_CACHE_DIR": str(work / "uv"), "PIP_CACHE_DIR": str(work / "pip")}
    return [
        (".venv", lambda: bootstrap(folder, **caches)),
        ("packages of the engine", lambda: _download(work / "apt")),
        ("engine", lambda: own.start(say)),
        ("images of lesson 1", lambda: images.ensure(client(), say, served=FIRST)),
        (LATER, lambda: images.ensure(client(), say)),
    ]


def _download(folder: Path) -> None:
    """Get the engine's packages and their lists into a folder; the system's own stay as they are."""
    for part in ("lists/partial", "archives/partial"):
        (folder / part).mkdir(parents=True)
    apt = ["apt-get", "-qq", f"-oDir::State::lists={folder}/lists", f"-oDir::Cache={folder}"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # apt downloads as the user `_apt`, who cannot write into this folder.
    run([*apt, "-oAPT::Sandbox::User=root", "update"], environment)
    reinstall = ["install", "--download-only", "--reinstall", "--no-install-recommends", "-y"]
    run([*apt, "-oAPT::Sandbox::User=root", *reinstall, *PACKAGES], environment)


def _received() -> int:
    interface = default_interface(Path("/proc/net/route").read_text())
    return received_bytes(Path("/proc/net/dev").read_text(), interface)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
