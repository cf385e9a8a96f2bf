"""Every page of the site, in a browser: it renders, nothing fails, nothing leaves for another host."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.site.built import SHOWN, lesson_paths, page_paths
from tests.sizes import quick

pytestmark = pytest.mark.site


class Trouble:
    """What a browser complains about, and where it goes, while pages load."""

    def __init__(self, context: BrowserContext) -> None:
        self.messages: list[str] = []
        self.requested: list[str] = []
        context.on("console", lambda message: self._console(message.type, message.text))
        context.on("weberror", lambda error: self.messages.append(f"exception: {error.error}"))
        context.on("request", lambda request: self.requested.append(request.url))
        context.on("requestfailed", lambda request: self.messages.append(f"failed: {request.url}"))
        context.on("response", lambda answer: self._answer(answer.status, answer.url))

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.messages.append(f"console {kind}: {text}")

    def _answer(self, status: int, url: str) -> None:
        if status >= 400:
            self.messages.append(f"{status}: {url}")


def visit(page: Page, address: str) -> None:
    """Load a page and scroll through it, so that what loads late has loaded."""
    page.goto(address, wait_until="networkidle")
    page.mouse.wheel(0, 20_000)
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("path", page_paths())
def test_page_loads_without_errors_and_from_this_host_alone(
    path: str, base: str, context: BrowserContext
) -> None:
    trouble = Trouble(context)
    page = context.new_page()
    for _ in range(3):
        trouble.messages.clear()
        visit(page, base + path)
        # Chromium drops what it is loading when some engine's interface comes or goes: not the page's fault.
        if "ERR_NETWORK_CHANGED" not in str(trouble.messages):
            break
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert trouble.messages == []
    assert [url for url in trouble.requested if not url.startswith((base, "data:", "blob:"))] == []
    assert base + path in trouble.requested


def test_trouble_sees_errors_missing_files_and_other_hosts(
    base: str, context: BrowserContext
) -> None:
    trouble = Trouble(context)
    page = context.new_page()
    page.goto(base)
    page.evaluate("""() => {
        for (const src of ["nothing.png", "http://192.0.2.1/far.png"]) {
            document.body.append(Object.assign(new Image(), { src }));
        }
        console.error("broken");
        setTimeout(() => { throw new Error("thrown") });
    }""")
    page.wait_for_timeout(300)
    seen = "\n".join(trouble.messages)
    assert f"404: {base}nothing.png" in seen
    assert "console error: broken" in seen
    assert "thrown" in seen
    assert "http://192.0.2.1/far.png" in trouble.requested


@pytest.mark.parametrize("path", quick(lesson_paths(), *SHOWN))
def test_lesson_folds_its_answers_and_shows_its_outputs(path: str, base: str, page: Page) -> None:
    page.goto(base + path)
    answers = page.locator("details.success")
    assert answers.count() >= 3
    for answer in answers.all():
        expect(answer).not_to_have_attribute("open", "")
    first = answers.first
    expect(first.locator("code").first).not_to_be_visible()
    first.locator("summary").click()
    expect(first.locator("code").first).to_be_visible()
    expect(page.locator(".output:visible, .output-view:visible").first).to_be_visible()


@pytest.mark.parametrize("path", quick(lesson_paths(), *SHOWN))
def test_lesson_offers_its_notebook_without_answers(path: str, base: str, page: Page) -> None:
    page.goto(base + path)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this notebook").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert "# YOUR CODE HERE" in text
    assert "BEGIN SOLUTION" not in text


@pytest.mark.parametrize("path", quick(lesson_paths(), *SHOWN))
def test_tab_of_a_step_shows_the_command(path: str, base: str, page: Page) -> None:
    page.goto(base + path)
    step = page.locator(".tabbed-set").first
    if re.search(
        "/[56]0-", path
    ):  # an assignment guides little: no step of it is given, so none has a twin
        expect(page.locator(".tabbed-set")).to_have_count(0)
        return
    command = step.locator(".language-bash, .bash").first
    expect(command).not_to_be_visible()
    tab = step.get_by_text(re.compile("^(docker|curl) command$"))
    tool = tab.inner_text().partition(" ")[0]
    tab.click()
    expect(command).to_be_visible()
    expect(command).to_contain_text(f"{tool} ")
