"""A notebook that is saved, closed and opened the next day: what it showed is there without the kernel of that day."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from labs.waiting import wait_until
from tests.site.conftest import browser, context, page
from tests.views.jupyterlab import TOKEN, run, serving

__all__ = ["browser", "context", "page"]

pytestmark = pytest.mark.site

CELL = """\
import time
from pathlib import Path
from labs import views
from labs.lesson import Asked, Lesson, Question, Verdict
question = Question("1.4", "What runs in a node?", {"a": "An engine", "b": "A swarm"}, "a", {"a": "Yes.", "b": "No."})
with views.opening(Lesson(1, "toy", "Toy", 5, "")) as say:
    say("node1: made")
views.show(Asked(question, lambda choice: Verdict("1.4", "not yet", "No: " + question.why[choice])))"""


@pytest.fixture
def saved(tmp_path: Path, page: Page) -> Iterator[Page]:
    """The notebook, opened again after it was saved and its kernel was shut down."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, tmp_path / "day.ipynb")
    with tempfile.TemporaryDirectory(prefix="labs-") as home:  # a socket's path has 108 bytes
        for lab in serving(tmp_path, Path(home), "JupyterLab Light"):
            open_notebook(page, lab)
            run(page)
            answer(page)
            page.keyboard.press("Escape")
            page.keyboard.press("Control+s")
            # The whole file: the server writes it in pieces.
            wait_until(lambda: kept_state(tmp_path).rstrip().endswith("}"), "the state in the file")
            shut_down_kernels(lab)
            open_notebook(page, lab)
            yield page


def open_notebook(page: Page, lab: str) -> None:
    page.goto(f"{lab}lab/tree/day.ipynb?token={TOKEN}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.click()
    expect(page.get_by_text("(ipykernel) | Idle")).to_be_visible(timeout=60_000)


def answer(page: Page) -> None:
    expect(question(page)).to_be_visible(timeout=60_000)
    page.get_by_text("b. A swarm").click()
    page.get_by_role("button", name="Try").click()
    expect(question(page)).to_contain_text("No: No.")


def question(page: Page) -> Locator:
    return page.locator(".jp-OutputArea .widget-vbox").last


def kept_state(folder: Path) -> str:
    text = (folder / "day.ipynb").read_text()
    return text if '"application/vnd.jupyter.widget-state+json"' in text else ""


def shut_down_kernels(lab: str) -> None:
    with httpx.Client(base_url=lab, params={"token": TOKEN}, trust_env=False) as http:
        for session in http.get("api/sessions").json():
            http.delete(f"api/sessions/{session['id']}", params={"token": TOKEN}).raise_for_status()


def test_question_and_status_are_shown_without_their_kernel_and_say_what_to_do(saved: Page):
    outputs = saved.locator(".jp-OutputArea").first
    expect(outputs).to_contain_text("What runs in a node?")
    expect(outputs).to_contain_text("b. A swarm")
    expect(outputs).to_contain_text("node1: made")
    expect(outputs).to_contain_text("Ready after")
    expect(outputs).not_to_contain_text("Error displaying widget")
    again = saved.get_by_text("To try an answer, run this cell again.")
    expect(again).to_be_visible(timeout=30_000)
    expect(saved.get_by_role("button", name="Try")).not_to_be_visible()
    gone = saved.locator(".jupyter-widgets-disconnected")
    assert gone.count() > 5
    marks = "all => all.map(each => getComputedStyle(each, '::before').content)"
    assert set(gone.evaluate_all(marks)) == {"none"}
    found = Axe().run(saved, context=".jp-OutputArea .widget-vbox").response
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    run(saved)
    answer(saved)
    expect(again).not_to_be_visible()
