"""A watch in JupyterLab in Chromium: drawn again while the kernel is busy, readable, ended with its output."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from labs.waiting import wait_until
from tests.site.conftest import browser, context, page
from tests.sizes import quick
from tests.views.jupyterlab import TOKEN, run, serving

__all__ = ["browser", "context", "page"]

pytestmark = pytest.mark.site

CELLS = [
    """\
from pathlib import Path
from labs import views
from labs.lesson.swarm_watch import SwarmWatch
from tests.views import swarms
watch = SwarmWatch(lambda: getattr(swarms, Path("now").read_text())(), Path("closed").touch)
views.show(watch)""",
    """\
import time
Path("busy").touch()
while not Path("go").exists():
    time.sleep(0.1)
print("free again")""",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(
    scope="module", params=quick(["JupyterLab Light", "JupyterLab Dark"], "JupyterLab Light")
)
def lab(folder: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a JupyterLab of the test's own, in one of its themes."""
    with tempfile.TemporaryDirectory(prefix="labs-") as short:  # a socket's path has 108 bytes
        yield from serving(folder, Path(short), request.param)


@pytest.fixture
def notebook(lab: str, folder: Path, page: Page) -> Page:
    """A new notebook, open, with a watch running in its first cell."""
    for name in ("busy", "go", "closed"):
        (folder / name).unlink(missing_ok=True)
    (folder / "now").write_text("whole")
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, folder / "watch.ipynb")
    page.goto(f"{lab}lab/tree/watch.ipynb?token={TOKEN}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.click()
    expect(page.get_by_text("(ipykernel) | Idle")).to_be_visible(timeout=60_000)
    run(page)
    expect(drawn(page)).to_contain_text("5 of 5 nodes ready", timeout=60_000)
    return page


def drawn(page: Page) -> Locator:
    return page.locator(".jp-OutputArea .widget-vbox").first


def until(there: Callable[[], object], what: str) -> None:
    wait_until(there, what, timeout_s=30)


def test_watch_goes_on_while_the_kernel_is_busy_and_ends_when_its_output_is_cleared(
    notebook: Page, folder: Path
):
    run(notebook)
    until((folder / "busy").exists, "the second cell to run")
    (folder / "now").write_text("broken")
    expect(drawn(notebook)).to_contain_text("3 of 8 nodes ready")
    expect(drawn(notebook)).to_contain_text("stopped")
    (folder / "go").touch()
    expect(notebook.get_by_text("free again", exact=True)).to_be_visible()
    assert not (folder / "closed").exists()
    notebook.get_by_role("menuitem", name="Edit").click()
    notebook.get_by_text("Clear Outputs of All Cells").click()
    until((folder / "closed").exists, "the watch to end")


def test_watch_is_readable_for_everybody(notebook: Page, folder: Path):
    (folder / "now").write_text("broken")
    expect(drawn(notebook)).to_contain_text("3 of 8 nodes ready")
    found = Axe().run(notebook, context=".jp-OutputArea .widget-vbox").response
    assert found["passes"], "axe-core checked nothing"
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    notebook.get_by_role("button", name="Stop watching").click()
    expect(notebook.get_by_role("button", name="Not live any more")).to_be_disabled()
    until((folder / "closed").exists, "the watch to end")
