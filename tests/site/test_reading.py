"""Whether everybody can read the site: axe-core in both color schemes, and a narrow screen."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.site.built import SHOWN, page_paths
from tests.sizes import quick

LIGHT, DARK = {"color_scheme": "light"}, {"color_scheme": "dark"}
NARROW = {"viewport": {"width": 360, "height": 740}}
SCHEMES = {"light": "default", "dark": "slate"}
SMALLEST_PX = 14

# Every text that is drawn, with its size on the screen: SVG scales its letters.
SMALL_TEXT = """smallest => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const visible = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!walker.currentNode.data.trim() || !visible || !element.getClientRects().length) continue;
    const scale = element.getScreenCTM?.().a ?? 1;
    const size = parseFloat(getComputedStyle(element).fontSize) * scale;
    if (size < smallest - 0.01) found.add(`${size.toFixed(1)} px: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return [...found];
}"""

pytestmark = pytest.mark.site


def open_folds(page: Page) -> None:
    """Show all that is folded, so that it is judged too."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")


def faults(page: Page) -> list[str]:
    """What axe-core finds wrong with what is shown: rule, element, reason."""
    response: dict[str, Any] = Axe().run(page).response
    assert response["passes"], "axe-core checked nothing"
    return [
        f"{rule['id']} {node['target']}: {node.get('failureSummary', '')}"
        for rule in response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("path", quick(page_paths(), *SHOWN))
@pytest.mark.parametrize(
    "context", [LIGHT, DARK, NARROW], ids=["light", "dark", "narrow"], indirect=True
)
def test_axe_finds_nothing(
    path: str, base: str, page: Page, request: pytest.FixtureRequest
) -> None:
    page.goto(base + path, wait_until="networkidle")
    wanted = request.node.callspec.params["context"].get("color_scheme", "light")
    assert page.locator("body").get_attribute("data-md-color-scheme") == SCHEMES[wanted]
    open_folds(page)
    assert faults(page) == []


def test_axe_finds_what_is_wrong(base: str, page: Page) -> None:
    page.goto(base)
    page.evaluate("document.querySelector('article p').style.color = '#ddd'")
    page.evaluate("document.querySelector('.md-search').removeAttribute('aria-label')")
    found = " ".join(faults(page))
    assert "color-contrast" in found
    assert "aria-dialog-name" in found


@pytest.mark.parametrize("path", quick(page_paths(), *SHOWN))
@pytest.mark.parametrize("context", [NARROW], ids=["narrow"], indirect=True)
def test_narrow_page_is_readable_without_scrolling_sideways(
    path: str, base: str, page: Page
) -> None:
    page.goto(base + path)
    open_folds(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(SMALL_TEXT, SMALLEST_PX) == []


@pytest.mark.parametrize("path", quick(page_paths(), *SHOWN))
def test_wide_page_has_no_small_text(path: str, base: str, page: Page) -> None:
    page.goto(base + path)
    open_folds(page)
    assert page.evaluate(SMALL_TEXT, SMALLEST_PX) == []


@pytest.mark.parametrize("context", [NARROW], ids=["narrow"], indirect=True)
def test_small_text_is_found(base: str, page: Page) -> None:
    page.goto(base)
    page.evaluate("document.querySelector('article p').style.fontSize = '12px'")
    assert "12.0 px" in " ".join(page.evaluate(SMALL_TEXT, SMALLEST_PX))


@pytest.mark.parametrize("context", [NARROW], ids=["narrow"], indirect=True)
def test_wide_table_scrolls_by_keyboard_and_the_page_does_not(base: str, page: Page) -> None:
    page.goto(base)
    page.evaluate("document.querySelector('td:last-child').textContent = 'x'.repeat(200)")
    box = page.locator(".table-scroll").first
    box.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.table-scroll').scrollLeft > 0")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
