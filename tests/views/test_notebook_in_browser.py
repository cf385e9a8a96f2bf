"""What a lesson shows in JupyterLab in Chromium: as it was written, and the next day without the kernel of that day."""

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

DAY = """\
from labs import views
from labs.lesson import Asked, Lesson, Question, Tried
question = Question("1.4", "What runs in a node?", {"a": "An engine", "b": "A swarm"}, "a", {"a": "Yes.", "b": "No."})
with views.opening(Lesson(1, "toy", "Toy", 5, "")) as say:
    say("node1: made")
views.show(Asked(question, lambda choice: Tried("1.4", False, False, question.why[choice])))"""
MATH = r"""
from IPython.display import HTML, display
from labs import views
from labs.views.handshake import picture
from tests.views import samples
from tests.views.test_certificate import MET
for shown in samples.everything():
    views.show(shown)
display(views.View("", picture(MET, "$6$ node")))
display(HTML(r"<p class='with-math'>so $6$ and \(x\) is math</p>"))"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the notebooks are."""
    folder = tmp_path_factory.mktemp("notebooks")
    for name, code in (("day", DAY), ("math", MATH)):
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
        made.metadata.kernelspec = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(made, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab of the test's own."""
    with tempfile.TemporaryDirectory(prefix="labs-") as short:  # a socket's path has 108 bytes
        yield from serving(folder, Path(short), "JupyterLab Light")


def open_notebook(page: Page, lab: str, name: str) -> None:
    page.goto(f"{lab}lab/tree/{name}.ipynb?token={TOKEN}&reset")
    page.locator(".jp-Notebook .jp-Cell").first.click()
    expect(page.get_by_text("(ipykernel) | Idle")).to_be_visible(timeout=60_000)


def answer(page: Page) -> None:
    """Try an answer to the last question."""
    question = page.locator(".jp-OutputArea .widget-vbox").last
    expect(question).to_be_visible(timeout=60_000)
    page.get_by_text("b. A swarm").click()
    page.get_by_role("button", name="Try").click()
    expect(question).to_contain_text("1.4 ✗ no")


def kept_state(path: Path) -> str:
    """The file, if it has the state of widgets and is whole: the server writes it in pieces."""
    text = path.read_text().rstrip()
    return text if '"application/vnd.jupyter.widget-state+json"' in text and text[-1] == "}" else ""


def shut_down_kernels(lab: str) -> None:
    with httpx.Client(base_url=lab, params={"token": TOKEN}, trust_env=False) as http:
        for session in http.get("api/sessions").json():
            http.delete(f"api/sessions/{session['id']}").raise_for_status()


def violations(page: Page) -> list[tuple[str, str]]:
    found = Axe().run(page, context=".jp-OutputArea .widget-vbox").response
    assert found["passes"], "axe-core checked nothing"
    return [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]


def before_marks(found: Locator) -> set[str]:
    """What the page draws before these elements."""
    return set(
        found.evaluate_all("all => all.map(each => getComputedStyle(each, '::before').content)")
    )


def test_question_and_status_are_there_the_next_day_and_say_what_to_do(
    lab: str, folder: Path, page: Page
):
    open_notebook(page, lab, "day")
    run(page)
    answer(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+s")
    wait_until(lambda: kept_state(folder / "day.ipynb"), "the state in the file")
    shut_down_kernels(lab)
    open_notebook(page, lab, "day")
    outputs = page.locator(".jp-OutputArea").first
    again = page.get_by_text("To try an answer, run this cell again.")
    expect(again).to_be_visible(timeout=30_000)
    for words in ("1.4 What runs in a node?", "b. A swarm", "node1: made", "Ready after"):
        expect(outputs).to_contain_text(words)
    expect(outputs).not_to_contain_text("Error displaying widget")
    expect(page.get_by_role("button", name="Try")).not_to_be_visible()
    gone = page.locator(".jupyter-widgets-disconnected")
    assert gone.count() > 5
    assert before_marks(gone) == {"none"}
    assert violations(page) == []
    run(page)
    answer(page)
    expect(again).not_to_be_visible()


def test_no_text_is_typeset_as_math(lab: str, page: Page):
    open_notebook(page, lab, "math")
    run(page)
    control = page.locator(".with-math")
    expect(control).to_be_visible(timeout=60_000)
    # MathJax is loaded at its first use, and finds an output's math in one go.
    expect(control.locator("mjx-container")).to_have_count(2, timeout=60_000)
    expect(page.locator("mjx-container")).to_have_count(2)
    outputs = page.locator(".jp-OutputArea").first
    expect(outputs).to_contain_text(r"& $6$ or \(x\) \begin{x}y\end{x} more")
    expect(outputs).to_contain_text("$6$ node")
