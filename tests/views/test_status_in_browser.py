"""What `labs.open` shows in JupyterLab in Chromium: something moves until it is over, and is gone then."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.site.conftest import browser, context, page
from tests.views.jupyterlab import TOKEN, run, serving

__all__ = ["browser", "context", "page"]

pytestmark = pytest.mark.site

# The kernel is busy from the first step on: what moves then needs no kernel that is free.
CELL = """\
import time
from pathlib import Path
from labs import views
from labs.lesson import Lesson
with views.opening(Lesson(1, "toy", "Toy", 5, "")) as say:
    say("node1: making it")
    while not Path("go").exists():
        time.sleep(0.1)"""


@pytest.fixture
def notebook(tmp_path: Path, page: Page) -> Iterator[Page]:
    """A new notebook in a JupyterLab, whose cell runs."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, tmp_path / "status.ipynb")
    with tempfile.TemporaryDirectory(prefix="labs-") as home:  # a socket's path has 108 bytes
        for lab in serving(tmp_path, Path(home), "JupyterLab Light"):
            page.goto(f"{lab}lab/tree/status.ipynb?token={TOKEN}&reset")
            page.locator(".jp-Notebook .jp-Cell").first.click()
            expect(page.get_by_text("(ipykernel) | Idle")).to_be_visible(timeout=60_000)
            run(page)
            yield page


def test_status_moves_until_the_lesson_is_open(notebook: Page, tmp_path: Path):
    shown = notebook.locator(".jp-OutputArea .widget-vbox").first
    bar = shown.get_by_role("progressbar")
    expect(bar).to_be_visible(timeout=60_000)
    assert bar.evaluate("bar => bar.position") == -1, "the bar stands still"
    expect(shown).to_contain_text("Lesson 1, Toy")
    expect(shown).to_contain_text("node1: making it")
    for second in ("1 s", "2 s"):
        expect(shown.get_by_text(second, exact=True)).to_be_visible(timeout=30_000)
    found = Axe().run(notebook, context=".jp-OutputArea .widget-vbox").response
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    (tmp_path / "go").touch()
    expect(shown).to_contain_text("Ready after", timeout=30_000)
    expect(bar).not_to_be_attached()
