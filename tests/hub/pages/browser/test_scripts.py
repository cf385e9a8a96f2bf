"""The two scripts of the hub's pages: copy buttons, and the log of a build that runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from labs.hub.automation.builds import CUT
from tests.hub.pages.browser.conftest import Hub
from tests.hub.pages.browser.content import LOG, digest

pytestmark = pytest.mark.site

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
PLAIN = {"java_script_enabled": False}
RUNNING = 5


@pytest.fixture
def running(context: BrowserContext, ada: Page, hub: Hub) -> Page:
    """The page of a build that runs, as it was at first."""
    hub.write(
        "UPDATE hub_build SET state = 'in progress', ended = NULL, log = ? WHERE id = ?",
        LOG,
        RUNNING,
    )
    ada.goto(f"{hub.url}/acme/app/-/builds/{RUNNING}")
    return ada


def write_log(hub: Hub, text: str) -> None:
    hub.write("UPDATE hub_build SET log = ? WHERE id = ?", text, RUNNING)


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize("context", [CLIPBOARD], ids=["clipboard"], indirect=True)
def test_copy_buttons_give_command_and_whole_digest(page: Page, hub: Hub) -> None:
    page.goto(f"{hub.url}/acme/app")
    page.get_by_role("button", name="Copy docker pull", exact=True).click()
    expect(page.get_by_text("Copied")).to_be_attached()
    assert clipboard(page) == "docker pull hub.lab/acme/app"
    page.get_by_role("button", name="Copy docker pull of 1.4", exact=True).click()
    expect(page.get_by_role("button", name="Copy docker pull of 1.4", exact=True)).to_be_focused()
    assert clipboard(page) == "docker pull hub.lab/acme/app:1.4"
    page.get_by_role("button", name="Copy digest of 1.4", exact=True).click()
    assert clipboard(page) == digest("build 1")


@pytest.mark.parametrize("context", [CLIPBOARD], ids=["clipboard"], indirect=True)
def test_copy_button_works_where_the_browser_offers_no_clipboard(
    context: BrowserContext, page: Page, hub: Hub
) -> None:
    """As at `http://hub.lab`: only a secure address has the interface."""
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(f"{hub.url}/acme/app")
    page.get_by_role("button", name="Copy docker pull", exact=True).click()
    expect(page.get_by_text("Copied")).to_be_attached()
    plain = context.new_page()
    plain.goto(f"{hub.url}/login")
    plain.evaluate("delete navigator.clipboard")
    assert clipboard(plain) == "docker pull hub.lab/acme/app"


@pytest.mark.parametrize("context", [PLAIN], ids=["no script"], indirect=True)
def test_without_a_script_there_is_no_copy_button(page: Page, hub: Hub) -> None:
    page.goto(f"{hub.url}/acme/app")
    expect(page.locator("code").first).to_have_text("docker pull hub.lab/acme/app")
    expect(page.locator(".copy")).to_have_count(0)


def test_log_grows_while_the_build_runs_and_then_asks_no_more(running: Page, hub: Hub) -> None:
    asked: list[str] = []
    running.on("request", lambda request: asked.append(request.url))
    log = running.locator("#log")
    text = LOG
    for line in ("🐳 one\r\n", "two é\n", "three 🎉🎉\n"):
        text += line
        write_log(hub, text)
        expect(log).to_contain_text(line.strip())
    hub.write(
        "UPDATE hub_build SET state = 'failed', log = ? WHERE id = ?", text + "end\n", RUNNING
    )
    expect(running.locator("#state")).to_have_text("Failed")
    assert log.text_content() == text + "end\n"
    expect(running.get_by_role("button", name="Run again")).to_be_visible()
    expect(running.get_by_role("button", name="Cancel")).not_to_be_visible()
    count = len(asked)
    running.wait_for_timeout(1500)
    assert len(asked) == count


def test_log_that_grew_before_the_script_was_loaded_loses_no_character(
    running: Page, hub: Hub
) -> None:
    """A position in UTF-16 units is one too far after each emoji."""

    def late(route: Route) -> None:
        write_log(hub, LOG + "first\nsecond\n")
        route.continue_()

    running.route("**/live-log.js", late)
    running.reload()
    expect(running.locator("#log")).to_contain_text("second")
    assert running.locator("#log").text_content() == LOG + "first\nsecond\n"


def test_log_of_a_build_that_began_again_is_shown_from_its_start(running: Page, hub: Hub) -> None:
    write_log(hub, "Step 1/1 : again\n")
    expect(running.locator("#log")).to_have_text("Step 1/1 : again\n")


def test_log_goes_on_after_the_hub_did_not_answer(running: Page, hub: Hub) -> None:
    running.clock.install()
    running.reload()
    running.route("**/log?*", lambda route: route.abort())
    with running.expect_event("requestfailed"):
        running.clock.run_for(1500)
    running.unroute("**/log?*")
    write_log(hub, LOG + "after\n")
    running.clock.run_for(8000)
    expect(running.locator("#log")).to_contain_text("after")


def test_log_that_is_cut_is_whole_up_to_there(running: Page, hub: Hub) -> None:
    text = "a line with 🐳\n" * 3000
    write_log(hub, text)
    running.reload()
    write_log(hub, text + CUT)
    expect(running.locator("#log")).to_contain_text("the log is cut here")
    assert running.locator("#log").text_content() == text + CUT


def test_log_of_a_build_that_has_ended_is_not_asked_for(
    context: BrowserContext, ada: Page, hub: Hub
) -> None:
    asked: list[str] = []
    ada.on("request", lambda request: asked.append(request.url))
    ada.goto(f"{hub.url}/acme/app/-/builds/3", wait_until="networkidle")
    expect(ada.locator("#log")).to_contain_text("the log is cut here")
    assert not [url for url in asked if "/log" in url]
