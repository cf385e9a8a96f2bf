"""Feedback pages in a real browser: readable for everybody, and no student's script runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labs.grading import Mark
from labs.grading.models import MARK_OUTCOMES
from labs.grading.reports.gradebook import write
from tests.grading.reports.test_feedback import INJECTIONS
from tests.grading.reports.test_gradebook import graded, not_graded
from tests.grading.toy import COUNT, SPELL
from tests.site.conftest import browser, context, page
from tests.site.test_reading import DARK, LIGHT, NARROW, faults

__all__ = ["browser", "context", "page"]

pytestmark = pytest.mark.site


@pytest.fixture
def book(tmp_path):
    """Feedback of every outcome, and of a student who tries every injection."""
    sent, result = graded("ann", value="value = 8\n" + "x" * 500, choice="x = '<b>'")
    marks = tuple(
        Mark(f"1.{n}", "A title", 0, 3, outcome, "message\n" + "y" * 300, "hint", "answer-1-1")
        for n, outcome in enumerate(MARK_OUTCOMES, 1)
    )
    every = replace(result, marks=marks, remarks=("odd",), problem="why", status="not graded")
    text = "\n".join(INJECTIONS)
    evil, judged = graded("<script>document.title='evil'</script>", value=text, choice=text)
    mark = Mark("1.1", text, 0, 3, "not yet", text, text, "answer-1-1")
    judged = replace(judged, marks=(mark,), remarks=(text,), problem=text)
    pairs = [(sent, every), (evil, judged), graded("bob", SPELL), not_graded("eve")]
    write(tmp_path, pairs, [COUNT, SPELL], {})
    return tmp_path / "feedback"


def pages(book):
    found = sorted(book.rglob("*.html"))
    assert len(found) == 5
    return found


@pytest.mark.parametrize(
    "context", [LIGHT, DARK, NARROW], ids=["light", "dark", "narrow"], indirect=True
)
def test_axe_finds_nothing(book, page):
    for path in pages(book):
        page.goto(path.as_uri())
        assert faults(page) == [], path


@pytest.mark.parametrize("context", [NARROW], ids=["narrow"], indirect=True)
def test_narrow_page_does_not_scroll_sideways(book, page):
    for path in pages(book):
        page.goto(path.as_uri())
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, path


def test_no_script_runs_and_nothing_is_loaded(book, page):
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: said.append(message.text))
    for path in pages(book):
        page.goto(path.as_uri())
        assert page.title() != "evil"
        assert page.locator("script, img, svg, iframe").count() == 0
    assert {url for url in asked if not url.startswith("file:")} == set()
    assert len(asked) == len(pages(book))
    assert said == []


def test_policy_stops_a_script_that_got_in(book, page):
    path = book / "bob" / "spell-words.html"
    html = path.read_text().replace("</main>", "<script>document.title='evil'</script></main>")
    path.write_text(html)
    page.goto(path.as_uri())
    assert page.locator("script").count() == 1
    assert page.title() != "evil"


def test_style_is_applied_under_the_policy(book, page):
    page.goto((book / "index.html").as_uri())
    assert (
        page.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse")
        == "collapse"
    )
