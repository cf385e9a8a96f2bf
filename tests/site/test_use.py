"""What a reader does with the site: copies code, searches, changes the colors, follows the lesson list."""

from __future__ import annotations

import re

import nbformat
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from labs.lessons import all_lessons
from labs.repairs import Scenario, all_scenarios
from tests.site.built import ROOT, SHOWN, lesson_paths
from tests.sizes import quick

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
LESSON_1 = lesson_paths()[0]
SCENARIOS = {scenario.slug: scenario for scenario in all_scenarios()}

pytestmark = pytest.mark.site


def copied(page: Page, block: int) -> str:
    """What is in the clipboard after a click on the copy button of a code block."""
    page.locator(".highlight").nth(block).locator("button[data-clipboard-target]").click()
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize("context", [CLIPBOARD], indirect=True)
def test_copy_button_of_the_home_page_gives_the_one_command(base: str, page: Page) -> None:
    page.goto(base)
    assert copied(page, 0).strip() == "make start"


@pytest.mark.parametrize("path", quick(lesson_paths(), *SHOWN))
@pytest.mark.parametrize("context", [CLIPBOARD], indirect=True)
def test_copy_button_of_a_lesson_gives_the_cell_and_no_output(
    path: str, base: str, page: Page
) -> None:
    stem = path.split("/")[1]
    notebook = nbformat.read(ROOT / "solutions" / f"{stem}.ipynb", as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")
    page.goto(base + path)
    assert copied(page, 0).strip() == first.strip()
    assert page.locator(".output").count() > 0
    expect(page.locator(".output button")).to_have_count(0)


def search(page: Page, words: str, where: str) -> Locator:
    """The result of a search that lies below `where`; it may be a page or a section of one."""
    page.keyboard.press("/")
    page.get_by_role("textbox", name="Search").press_sequentially(words)
    return page.locator(f"a.md-search-result__link[href*='{where}?h={words}']").first


@pytest.mark.parametrize("path", ["", "glossary/"])
@pytest.mark.parametrize("where", [LESSON_1, "glossary/"])
def test_search_for_catalog_finds_lesson_and_glossary(
    where: str, path: str, base: str, page: Page
) -> None:
    page.goto(base + path, wait_until="networkidle")
    expect(search(page, "catalog", where)).to_be_visible()


def test_search_result_leads_to_the_section_of_the_lesson(base: str, page: Page) -> None:
    page.goto(base, wait_until="networkidle")
    search(page, "catalog", LESSON_1).click()
    page.wait_for_url(f"**/{LESSON_1}?h=catalog#*")
    expect(page.locator("h2:target")).to_be_in_viewport()
    expect(page.locator("article mark").first).to_be_attached()


def test_search_for_nonsense_finds_nothing(base: str, page: Page) -> None:
    page.goto(base, wait_until="networkidle")
    found = search(page, "qwrtzpsdfg", "")
    expect(page.locator(".md-search-result__meta")).to_have_text("No matching documents")
    expect(found).to_have_count(0)


def test_home_lists_every_lesson_with_its_minutes(base: str, page: Page) -> None:
    page.goto(base)
    cards = page.locator(".lessons li")
    expect(cards).to_have_count(len(all_lessons()))
    for card, lesson in zip(cards.all(), all_lessons(), strict=True):
        expect(card).to_contain_text(lesson.title)
        expect(card).to_contain_text(lesson.summary)
        expect(card).to_contain_text(f"{lesson.minutes} minutes")


def test_whole_lesson_card_can_be_clicked(base: str, page: Page) -> None:
    page.goto(base)
    page.locator(".lessons li").first.click(position={"x": 8, "y": 8})
    page.wait_for_url(f"**/{LESSON_1}")


def test_lesson_leads_to_the_page_of_the_next_one(base: str, page: Page) -> None:
    page.goto(base + LESSON_1)
    page.locator("article").get_by_role("link", name=all_lessons()[1].title).last.click()
    page.wait_for_url(f"**/{lesson_paths()[1]}")


@pytest.mark.parametrize("context", [{"color_scheme": "light"}], indirect=True)
def test_colors_can_be_switched_and_stay(base: str, page: Page) -> None:
    page.goto(base)
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    page.get_by_title("Switch to the dark colors").click()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.goto(base + "glossary/")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")


def test_glossary_term_can_be_linked_to(base: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(base + "glossary/#digest")
    expect(page.locator("dt:target")).to_have_text("Digest")
    expect(page.locator("dt:target")).to_be_in_viewport()


@pytest.mark.parametrize("scenario", quick(SCENARIOS, "http-response-to-https-client"))
def test_search_for_the_words_of_an_error_finds_its_page(
    scenario: Scenario, base: str, page: Page
) -> None:
    """Pasted as they are printed, colons included."""
    page.goto(base, wait_until="networkidle")
    page.keyboard.press("/")
    words = max(scenario.words.split("…"), key=len)
    page.get_by_role("textbox", name="Search").press_sequentially(words)
    first = page.locator("a.md-search-result__link").first
    expect(first).to_have_attribute("href", re.compile(f"/errors/{scenario.slug}/"))


def test_lesson_and_troubleshooting_lead_to_the_page_of_an_error(base: str, page: Page) -> None:
    scenario = SCENARIOS["certificate-has-expired"]
    stem = next(each.file_stem for each in all_lessons() if each.slug == scenario.lesson)
    for path in (f"lessons/{stem}/", "troubleshooting/"):
        page.goto(base + path)
        page.locator("article").get_by_role("link", name=scenario.words).click()
        page.wait_for_url(f"**/errors/{scenario.slug}/")
        expect(page.locator("h1")).to_contain_text(scenario.words)
