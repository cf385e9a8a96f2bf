"""The hub's pages in a Chromium that reaches no other host: a filled hub in a process of its own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.hub.pages.browser.content import PASSWORD
from tests.site.built import ROOT
from tests.site.conftest import browser, context, page

__all__ = ["browser", "context", "page"]


@pytest.fixture(autouse=True)
def undone() -> None:
    """Of the folder above: no test here has a database in this process."""


@pytest.fixture(autouse=True, scope="session")
def patient() -> None:
    """A machine that other tests keep busy needs more than the 5 s of `expect`."""
    expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Hub:
    """A running hub.

    Attributes:
        url: Its address, without a slash at its end.
        database: Its file; a test changes it as a build does, which runs beside the pages.
    """

    url: str
    database: Path

    def write(self, statement: str, *values: object) -> None:
        """Change a table, in one transaction."""
        with sqlite3.connect(self.database, timeout=20) as connection:
            connection.execute(statement, values)
        connection.close()

    def number(self, question: str, *values: object) -> int:
        """The one number that a question to the database has as its answer."""
        connection = sqlite3.connect(self.database, timeout=20)
        try:
            return int(connection.execute(question, values).fetchone()[0])
        finally:
            connection.close()


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    data = tmp_path_factory.mktemp("hub")
    environment = {
        **os.environ,
        "HUB_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "labs.hub.settings",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hub.pages.browser.served"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    port = process.stdout.readline().strip()
    assert port, "the hub has ended: see its error above"
    yield Hub(f"http://127.0.0.1:{port}", data / "hub.sqlite3")
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


def log_in(page: Page, hub: Hub, name: str = "ada") -> None:
    """By the form, as a person does."""
    page.goto(f"{hub.url}/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{hub.url}/")


@pytest.fixture(scope="module")
def session(browser: Browser, hub: Hub) -> list[dict[str, object]]:
    """The cookies of ada, who owns acme: most tests begin with them."""
    context = browser.new_context()
    log_in(context.new_page(), hub)
    cookies = context.cookies()
    context.close()
    return cookies  # type: ignore[return-value]


@pytest.fixture
def ada(context: BrowserContext, session: list[dict[str, object]]) -> Page:
    """A page of ada's."""
    context.add_cookies(session)  # type: ignore[arg-type]
    return context.new_page()
