"""Every page of the hub: axe-core in both color schemes, a narrow screen, its title, and nothing from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.hub.pages.browser.conftest import Hub
from tests.hub.pages.browser.content import digest
from tests.site.test_pages import Trouble
from tests.site.test_reading import DARK, LIGHT, NARROW, SMALL_TEXT, SMALLEST_PX, faults, open_folds

pytestmark = pytest.mark.site

IMAGE = digest("build 3")
STRANGERS = {
    "/": "hub",
    "/login": "Log in · hub",
    "/signup": "Sign up · hub",
    "/acme/app": "acme/app · hub",
}
PAGES = {
    "/": "hub",
    "/?q=mirror&page=3": "“mirror” · hub",
    "/?q=nothing-has-this": "“nothing-has-this” · hub",
    "/api": "API · hub",
    "/acme": "acme · hub",
    "/ada": "ada · hub",
    "/acme/-/members": "Members of acme · hub",
    "/acme/-/teams": "Teams of acme · hub",
    "/acme/-/new": "New repository of acme · hub",
    "/organizations/new": "New organization · hub",
    "/settings/tokens": "Access tokens · hub",
    "/acme/app": "acme/app · hub",
    "/acme/app?q=no-such-tag": "acme/app · hub",
    "/acme/base": "acme/base · hub",
    f"/acme/app/-/images/{IMAGE}": f"{IMAGE[:19]} · acme/app · hub",
    "/acme/app/-/builds": "Builds of acme/app · hub",
    "/acme/base/-/builds": "Builds of acme/base · hub",
    "/acme/app/-/builds/1": "Build 1 of acme/app · hub",
    "/acme/app/-/builds/5": "Build 5 of acme/app · hub",
    "/acme/app/-/automation": "Automation of acme/app · hub",
    "/acme/base/-/automation": "Automation of acme/base · hub",
    "/acme/app/-/settings": "Settings of acme/app · hub",
    "/ada/tool/-/settings": "Settings of ada/tool · hub",
}
# Text whose box ends before it does: hidden by `overflow`, or drawn over what is beside it.
CUT = """() => [...document.querySelectorAll("main *, header *, footer *")]
  .filter(each => each.checkVisibility() && !each.closest(".hidden, thead, textarea, input, select"))
  .filter(each => {
    const box = each.getBoundingClientRect();
    const cut = each.clientWidth && each.scrollWidth > each.clientWidth + 1;
    return cut || box.right > innerWidth + 1 || box.left < -1;
  })
  .map(each => each.outerHTML.slice(0, 120))"""


def look(page: Page, address: str, title: str) -> list[str]:
    """Open a page with all that is folded; return what is wrong with it in light and in dark."""
    page.emulate_media(color_scheme="light")
    answer = page.goto(address)
    assert answer
    assert answer.status == 200
    assert page.title() == title
    expect(page.locator("h1")).to_have_count(1)
    open_folds(page)
    light = faults(page)
    page.emulate_media(color_scheme="dark")
    # Nothing but colors differs.
    dark = page.evaluate("axe.run(document, { runOnly: ['color-contrast'] })")
    return [*light, *(f"dark: {each['nodes']}" for each in dark["violations"])]


def test_axe_finds_nothing_on_any_page_in_light_and_dark(
    context: BrowserContext, ada: Page, hub: Hub
) -> None:
    trouble = Trouble(context)
    for path, title in PAGES.items():
        assert look(ada, hub.url + path, title) == [], path
    # A page with a running build may be left while it asks for more of the log.
    assert [each for each in trouble.messages if "/log?from=" not in each] == []
    assert [url for url in trouble.requested if not url.startswith((hub.url, "data:"))] == []


def test_axe_finds_nothing_for_who_is_not_logged_in(page: Page, hub: Hub) -> None:
    for path, title in STRANGERS.items():
        assert look(page, hub.url + path, title) == [], path


def test_colors_follow_what_the_browser_prefers(browser: Browser, hub: Hub) -> None:
    seen = set()
    for scheme in (LIGHT, DARK):
        page = browser.new_page(**scheme)  # type: ignore[arg-type]
        page.goto(hub.url)
        seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert len(seen) == 2


@pytest.mark.parametrize("context", [NARROW], ids=["narrow"], indirect=True)
def test_narrow_page_is_whole_without_scrolling_sideways(
    context: BrowserContext, ada: Page, hub: Hub
) -> None:
    for path in PAGES:
        ada.goto(hub.url + path)
        open_folds(ada)
        assert ada.evaluate("document.documentElement.scrollWidth") == 360, path
        assert ada.evaluate(CUT) == [], path
        assert ada.evaluate(SMALL_TEXT, SMALLEST_PX) == [], path


@pytest.mark.parametrize("context", [NARROW], ids=["narrow"], indirect=True)
def test_what_is_cut_is_found(page: Page, hub: Hub) -> None:
    page.goto(hub.url)
    page.evaluate("document.querySelector('h1').style.cssText = 'width: 40px; white-space: nowrap'")
    assert "h1" in " ".join(page.evaluate(CUT))


def test_state_has_a_word_and_an_icon(ada: Page, hub: Hub) -> None:
    ada.goto(f"{hub.url}/acme/app/-/builds")
    states = ada.locator(".state")
    assert {"Successful", "Failed", "Canceled", "Pending", "In progress"} <= set(
        states.all_inner_texts()
    )
    icons = states.evaluate_all("all => all.map(each => getComputedStyle(each, '::before').mask)")
    assert len(set(icons)) == 5


def test_page_that_is_not_there_says_so(ada: Page, hub: Hub) -> None:
    answer = ada.goto(f"{hub.url}/acme/nothing")
    assert answer
    assert answer.status == 404
    expect(ada.get_by_role("heading", name="Not found")).to_be_visible()
    assert faults(ada) == []


def test_text_of_a_user_is_text_with_links_to_https_alone(page: Page, hub: Hub) -> None:
    page.goto(f"{hub.url}/acme/app")
    text = page.locator(".text")
    expect(text).to_contain_text("<script>alert(1)</script>")
    expect(text).to_contain_text("Not <b>bold</b>")
    links = text.get_by_role("link")
    expect(links).to_have_count(1)
    expect(links).to_have_attribute("href", "https://docs.acme.example/app?lang=en#tags")
    expect(links).to_have_attribute("rel", "nofollow noopener noreferrer")


def test_command_to_pull_names_a_tag_that_is_there(page: Page, hub: Hub) -> None:
    for path, command in (("acme/app", "acme/app"), ("acme/tool", "acme/tool:2.0")):
        page.goto(f"{hub.url}/{path}")
        expect(page.locator(".command")).to_have_text(f"docker pull hub.lab/{command}")
    page.goto(f"{hub.url}/acme/base")
    expect(page.locator("main")).not_to_contain_text("docker pull")


def test_pages_of_tags_and_repositories_go_forward_and_back(page: Page, hub: Hub) -> None:
    page.goto(f"{hub.url}/acme/app?q=build")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".pager")).to_contain_text("page 2 of 20")
    expect(page.get_by_role("searchbox", name="Filter tags")).to_have_value("build")
    page.go_back()
    expect(page.locator(".pager")).to_contain_text("page 1 of 20")
    page.go_forward()
    expect(page.locator(".pager")).to_contain_text("51 to 100 of 996")
    page.get_by_role("searchbox", name="Search repositories").fill("mirror")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Last").click()
    expect(page.get_by_role("link", name="linus/mirror/package-499")).to_be_visible()
