"""A JupyterLab of a test's own, as `labs start` serves it, and what a test does in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
from playwright.sync_api import Page

from labs.bench.start_times import free_port
from labs.waiting import wait_until

ROOT = Path(__file__).parents[2]
TOKEN = "watch"


def serving(folder: Path, home: Path, theme: str) -> Iterator[str]:
    """Serve `folder`, with all settings in `home`."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    own = {name: str(home / name) for name in names}
    port = free_port()
    settings = home / "lab/user-settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"theme": theme}))
    options = [
        f"--ServerApp.root_dir={folder}",
        f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.open_browser=False",
        "--KernelManager.transport=ipc",
        "--LabApp.extension_manager=readonly",
        f"--LabApp.app_settings_dir={ROOT / 'labs' / 'cli' / 'jupyter'}",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]
    env = {**os.environ, **own, "PYTHONPATH": str(ROOT)}
    env["JUPYTERLAB_SETTINGS_DIR"] = str(home / "lab/user-settings")
    with subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options], env=env, stderr=subprocess.DEVNULL
    ) as server:
        try:
            url = f"http://127.0.0.1:{port}/"
            wait_until(lambda: _answers(url), "JupyterLab", timeout_s=60)
            yield url
        finally:
            server.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}api?token={TOKEN}", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def run(page: Page) -> None:
    """Run the cell that has the focus, and go to the next."""
    page.locator("[data-command='notebook:run-cell-and-select-next']").first.click()
