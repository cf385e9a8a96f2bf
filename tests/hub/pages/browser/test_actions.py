"""What people do on the hub's pages: without JavaScript, by keyboard alone, and with errors beside their fields."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.hub.pages.browser.conftest import Hub, log_in
from tests.hub.pages.browser.content import PASSWORD, digest
from tests.site.test_reading import DARK, LIGHT, faults

pytestmark = pytest.mark.site

PLAIN = {"java_script_enabled": False}
no_script = pytest.mark.parametrize("context", [PLAIN], ids=["no script"], indirect=True)


def press(page: Page | Locator, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def fold(page: Page | Locator, name: str) -> Locator:
    """Open what is folded below a name, as a form or a question before a deletion."""
    summary = page.locator("summary").filter(has_text=re.compile(f"^{re.escape(name)}$"))
    if summary.count() == 0:
        summary = page.locator(f"summary[aria-label='{name}']")
    summary.click()
    return summary.locator("..")


@no_script
def test_person_signs_up_and_makes_organization_team_and_repository(page: Page, hub: Hub) -> None:
    page.goto(f"{hub.url}/signup")
    page.get_by_label("Username").fill("barbara")
    page.get_by_label("Password").fill("liskov 1974")
    press(page, "Sign up")
    expect(page.get_by_role("heading", name="barbara")).to_be_visible()
    page.goto(f"{hub.url}/organizations/new")
    page.get_by_label("Name").fill("clu")
    press(page, "Make organization")
    page.get_by_role("link", name="Members").click()
    page.get_by_label("Username").fill("grace")
    press(page, "Save member")
    expect(page.get_by_role("status")).to_have_text("grace is member")
    page.get_by_role("link", name="Teams").click()
    page.get_by_label("Name").fill("types")
    press(page, "Make team")
    page.get_by_label("Member", exact=True).select_option("grace")
    press(page, "Add to types")
    expect(page.get_by_role("button", name="Remove grace from types")).to_be_visible()
    page.get_by_role("link", name="Repositories").last.click()
    page.get_by_role("link", name="New repository").click()
    page.get_by_label("Name").fill("compiler")
    page.get_by_label("Private").check()
    press(page, "Make repository")
    expect(page.locator(".command").last).to_contain_text("docker push hub.lab/clu/compiler:latest")
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Permission").select_option("Read & Write")
    press(page, "Give")
    expect(page.get_by_role("button", name="Remove the permission of types")).to_be_visible()


@no_script
def test_owner_sets_up_builds_and_takes_all_of_it_back(
    context: BrowserContext, ada: Page, hub: Hub
) -> None:
    ada.goto(f"{hub.url}/acme/payments/gateway/-/automation")
    source = ada.get_by_role("region", name="Source")
    source.get_by_label("Name").fill("gateway")
    press(source, "Link")
    expect(source).to_contain_text("git clone https://hub.lab/git/acme/gateway.git")
    rules = ada.get_by_role("region", name="Build rules")
    press(fold(rules, "Add a rule"), "Add rule")
    links = ada.get_by_role("region", name="Repository links")
    fold(links, "Link a base").get_by_label("Repository of the base").fill("acme/base")
    press(links, "Link")
    triggers = ada.get_by_role("region", name="Build triggers")
    fold(triggers, "Make a trigger").get_by_label("Name").fill("cron")
    press(triggers, "Make trigger")
    once = ada.get_by_role("status")
    expect(once).to_contain_text("https://hub.lab/trigger/")
    hooks = ada.get_by_role("region", name="Webhooks")
    fold(hooks, "Add a webhook").get_by_label("Name").fill("pager")
    hooks.get_by_label("URL").fill("http://node1/hook")
    press(hooks, "Add webhook")
    expect(once).to_contain_text("secret")
    ada.reload()
    expect(once).to_have_count(0)
    press(fold(rules, "Delete the rule for main"), "Delete the rule")
    expect(rules).to_contain_text("No rule yet")
    press(fold(links, "Delete the link to acme/base"), "Delete the link")
    expect(links).to_contain_text("No link yet")
    press(fold(triggers, "Delete cron"), "Delete the trigger")
    expect(triggers).to_contain_text("No trigger yet")
    press(fold(hooks, "Delete pager"), "Delete the webhook")
    expect(hooks).to_contain_text("No webhook yet")


@no_script
def test_deletion_asks_first(context: BrowserContext, ada: Page, hub: Hub) -> None:
    ada.goto(f"{hub.url}/acme/old/-/images/{digest('old')}")
    question = ada.get_by_role("button", name="Delete the image")
    expect(question).not_to_be_visible()
    fold(ada, "Delete this image")
    question.click()
    expect(ada.get_by_role("status")).to_contain_text("is gone, with all of its tags")
    ada.goto(f"{hub.url}/ada/-/new")
    ada.get_by_label("Name").fill("draft")
    press(ada, "Make repository")
    ada.get_by_role("link", name="Settings").click()
    ada.get_by_label("Type ada/draft").fill("draft")
    press(ada, "Delete the repository")
    expect(ada.get_by_label("Type ada/draft")).to_have_accessible_description(
        "nothing was deleted: type ada/draft"
    )
    ada.get_by_label("Type ada/draft").fill("ada/draft")
    press(ada, "Delete the repository")
    expect(ada.get_by_role("status")).to_have_text("ada/draft is gone")


@no_script
def test_token_is_shown_once_and_deleted(context: BrowserContext, ada: Page, hub: Hub) -> None:
    ada.goto(f"{hub.url}/settings/tokens")
    ada.get_by_label("Label").fill("robot")
    press(ada, "Make token")
    expect(ada.get_by_role("status")).to_contain_text("hub_pat_")
    ada.goto(f"{hub.url}/settings/tokens")
    expect(ada.locator("main")).not_to_contain_text("hub_pat_")
    press(ada, "Switch robot off")
    expect(ada.get_by_role("status")).to_contain_text("robot is off")
    press(fold(ada, "Delete robot"), "Delete robot")
    expect(ada.get_by_role("status")).to_contain_text("robot is gone")


@no_script
def test_build_is_canceled_and_run_again(context: BrowserContext, ada: Page, hub: Hub) -> None:
    ada.goto(f"{hub.url}/acme/app/-/builds/4")
    expect(ada.get_by_role("link", name="Load the page again")).to_be_visible()
    press(ada, "Cancel")
    expect(ada.locator(".message")).to_have_text("canceled")
    ada.goto(f"{hub.url}/acme/app/-/builds/2")
    expect(ada.get_by_role("button", name="Cancel")).not_to_be_visible()
    press(ada, "Run again")
    expect(ada.locator(".message")).to_have_text("queued")
    hub.write("UPDATE hub_build SET state = 'pending' WHERE id = 4")


WRONG = {
    "/signup": ({"Username": "ada", "Password": "correct horse"}, "Sign up", "taken"),
    "/organizations/new": ({"Name": "Not A Name"}, "Make organization", "small letters"),
    "/acme/-/new": ({"Name": "app"}, "Make repository", "is there already"),
    "/acme/-/members": ({"Username": "nobody"}, "Save member", "no account 'nobody'"),
    "/acme/-/teams": ({"Name": "A"}, "Make team", "2 to 30"),
    "/ada/tool/-/settings": ({"Username": "nobody"}, "Add collaborator", "no account"),
}
FOLDED = {
    "Link another git repository": ({"Name": "../x"}, "Link", "got '../x'"),
    "Add a rule": ({"Tag of the image": r"{\1}"}, "Add rule", "is group 1"),
    "Link a base": ({"Repository of the base": "acme/none"}, "Link", "no repository"),
    "Add a webhook": ({"Name": "x", "URL": "ftp://node1"}, "Add webhook", "http://"),
}


def check_error(page: Page, said: str) -> None:
    """It is beside its field, which has the focus, so that a screen reader reads it; and in the title."""
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-invalid", "true")
    expect(focused).to_have_accessible_description(re.compile(re.escape(said)))
    expect(page.get_by_role("alert")).to_contain_text(said)
    assert page.title().startswith("Error: ")


def test_error_is_beside_its_field(context: BrowserContext, ada: Page, hub: Hub) -> None:
    for path, (fields, send, said) in WRONG.items():
        ada.goto(hub.url + path)
        for label, value in fields.items():
            ada.get_by_label(label).fill(value)
        press(ada, send)
        check_error(ada, said)
        assert faults(ada) == [], path
    for name, (fields, send, said) in FOLDED.items():
        ada.goto(f"{hub.url}/acme/app/-/automation")
        form = fold(ada, name)
        for label, value in fields.items():
            form.get_by_label(label).fill(value)
        press(form, send)
        check_error(ada, said)


def test_wrong_password_is_said_and_the_way_is_kept(page: Page, hub: Hub) -> None:
    page.goto(f"{hub.url}/acme/app/-/settings")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("wrong")
    press(page, "Log in")
    check_error(page, "incorrect username or password")
    expect(page.get_by_label("Username")).to_have_value("ada")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Log in")
    page.wait_for_url(f"{hub.url}/acme/app/-/settings")


def tab_stops(page: Page) -> list[str]:
    """Press Tab through a page; return what has the focus each time, which has to be seen."""
    stops: list[str] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
            const at = document.activeElement;
            if (at === document.body) return null;
            const style = getComputedStyle(at), box = at.getBoundingClientRect();
            const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
            return [at.getAttribute("aria-label") || at.innerText.trim() || at.name || at.id, drawn && box.width > 1];
        }"""
        )
        if seen is None:
            break
        assert seen[1], f"the focus on {seen[0]} is not seen"
        stops.append(seen[0])
    return stops


def test_keyboard_alone_reaches_all_in_order(context: BrowserContext, ada: Page, hub: Hub) -> None:
    ada.goto(f"{hub.url}/acme/base")
    stops = tab_stops(ada)
    assert stops[:7] == ["Skip to content", "hub", "q", "Search", "ada", "Access tokens", "Log out"]
    assert stops[7:13] == ["Repositories", "acme", "Tags", "Builds", "Automation", "Settings"]
    assert stops[13:15] == ["Copy this", "set up builds"]


def test_skip_link_leads_past_the_header(context: BrowserContext, ada: Page, hub: Hub) -> None:
    ada.goto(f"{hub.url}/acme")
    ada.keyboard.press("Tab")
    expect(ada.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    ada.keyboard.press("Enter")
    ada.keyboard.press("Tab")
    expect(ada.locator(".crumbs a:focus")).to_have_text("Repositories")


def test_token_is_deleted_by_keyboard(context: BrowserContext, ada: Page, hub: Hub) -> None:
    ada.goto(f"{hub.url}/settings/tokens")
    ada.get_by_label("Label").focus()
    ada.keyboard.type("keys")
    ada.keyboard.press("Enter")
    ada.locator("summary[aria-label='Delete keys']").focus()
    for key in ("Space", "Tab", "Enter"):
        ada.keyboard.press(key)
    expect(ada.get_by_role("status").first).to_contain_text("keys is gone")


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_person_who_is_no_owner_is_offered_nothing_that_is_refused(
    browser: Browser, hub: Hub, scheme: dict[str, str]
) -> None:
    page = browser.new_page(**scheme)  # type: ignore[arg-type]
    log_in(page, hub, "margaret")
    page.goto(f"{hub.url}/acme/app")
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
    page.goto(f"{hub.url}/acme")
    expect(page.get_by_role("link", name="New repository")).to_have_count(0)
    page.goto(f"{hub.url}/acme/base")
    expect(page.locator(".empty")).to_have_text("No image is here.")
    page.close()
