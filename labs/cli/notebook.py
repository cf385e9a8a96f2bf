"""JupyterLab in notebooks/: started, or found running for this course folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labs.course import course_root, state_folder
from labs.errors import LabsError
from labs.waiting import wait_until

Say = Callable[[str], None]


def serve(port: int, *, browser: bool, say: Say) -> None:
    """Run JupyterLab until it is stopped, or print the URL of the one that runs here already.

    Raises:
        LabsError: It ended before it served.
    """
    running = find()
    if running:
        say(f"JupyterLab runs already: {url(running)}")
        return
    with subprocess.Popen(_command(port, browser), env=_environment()) as server:
        try:
            wait_until(lambda: server.poll() is not None or find(), "JupyterLab", timeout_s=60)
            found = find()
            if not found:
                raise LabsError(
                    f"JupyterLab ended with status {server.returncode}", hint="read the lines above"
                )
            say(
                f"JupyterLab serves lesson 1 at\n\n    {url(found)}\n\nCtrl-C stops it; `labs stop` removes the nodes."
            )
            server.wait()
        except KeyboardInterrupt:
            server.terminate()
            # JupyterLab shuts its kernels down first.
            server.wait(10)
            say("JupyterLab stopped")


def find() -> dict[str, Any] | None:
    """The JupyterLab of this course folder that answers, as its own server file describes it."""
    for path in sorted(_runtime().glob("jpserver-*.json")):
        try:
            server: dict[str, Any] = json.loads(path.read_text())
            # The file of a server that was killed stays: signal 0 asks whether the process exists.
            os.kill(server["pid"], 0)
            # No proxy: HTTP_PROXY without NO_PROXY would send a request for 127.0.0.1, and the
            # token, elsewhere.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"{server['url']}api?token={server['token']}", timeout=2):
                return server
        except (OSError, ValueError, KeyError):
            continue
    return None


def url(server: dict[str, Any]) -> str:
    """Where the first lesson opens, token included."""
    return f"{server['url']}lab/tree/{first_lesson()}?token={server['token']}"


def first_lesson() -> str:
    """File name of lesson 1's notebook.

    Raises:
        LabsError: notebooks/ holds none.
    """
    names = sorted(p.name for p in (course_root() / "notebooks").glob("[0-9]*.ipynb"))
    if not names:
        raise LabsError(
            "notebooks/ holds no lesson", hint="`labs build` makes them from solutions/"
        )
    return names[0]


def _runtime() -> Path:
    return state_folder() / "jupyter"


def _command(port: int, browser: bool) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={course_root() / 'notebooks'}",
        f"--LabApp.default_url=/lab/tree/{first_lesson()}",
        # Anyone who reaches JupyterLab can run code as this user.
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.log_level=WARN",
        "--KernelManager.transport=ipc",  # kernels that start at once race for TCP ports
        # Extensions and news are looked up elsewhere: the course works without internet access.
        "--LabApp.extension_manager=readonly",
        f"--LabApp.app_settings_dir={Path(__file__).parent / 'jupyter'}",
    ]
    if os.geteuid() == 0:
        # Jupyter refuses root without it; in a container root is often the only user.
        command.append("--allow-root")
    if not browser or not (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        command.append("--ServerApp.open_browser=False")
    return command


def _environment() -> dict[str, str]:
    runtime = _runtime()
    runtime.mkdir(parents=True, exist_ok=True)
    # A runtime folder of its own, so that `find` sees this course's servers and no others.
    return {**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime), "LABS_COURSE": str(course_root())}


def stop() -> bool:
    """End this course folder's JupyterLab by its own process id; True when there was one."""
    server = find()
    if server is None:
        return False
    os.kill(server["pid"], signal.SIGTERM)
    # Jupyter gives its kernels time to end.
    wait_until(lambda: find() is None, "JupyterLab to end", timeout_s=15)
    return True
