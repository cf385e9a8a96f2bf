"""The walk of lesson 16 without a server: a registry that says 202 and does nothing, logins, the table."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from labs.lessons.choose_a_registry.conformance_walk import (
    CATEGORIES,
    STEPS,
    Found,
    blob_deleted,
    manifest_deleted,
    paged,
    tag_deleted,
)
from labs.lessons.choose_a_registry.visit import BearerLogin, Visit
from labs.lessons.choose_a_registry.walk_table import table

SAID = Path(__file__).parent / "said-in-spec-1.1.1.txt"
TAGS = ["a", "c", "d", "f", "m", "p", "x", "z"]


class Liar:
    """Accepts everything, keeps one manifest for ever, and lists the same tags whatever is asked."""

    def __init__(self) -> None:
        self.content = b""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and "/manifests/" in request.url.path:
            self.content = request.read()
        if request.url.path.endswith("/tags/list"):
            return httpx.Response(200, json={"tags": self.tags(request.url.params)})
        statuses = {"POST": 202, "PUT": 201, "DELETE": 202}
        headers = {"location": "/v2/ada/walk/blobs/uploads/1"}
        status = statuses.get(request.method, 200)
        return httpx.Response(status, content=self.content, headers=headers)

    def tags(self, _asked: httpx.QueryParams) -> list[str]:
        return TAGS[:3]


class PagesWell(Liar):
    def tags(self, asked: httpx.QueryParams) -> list[str]:
        return [tag for tag in TAGS if tag > asked.get("last", "")][: int(asked.get("n", 99))]


class SkipsOne(PagesWell):
    def tags(self, asked: httpx.QueryParams) -> list[str]:
        found = super().tags(asked)
        return found[1:] if "last" in asked and "n" in asked else found


def visit(registry: Liar) -> Visit:
    client = httpx.Client(base_url="http://registry", transport=httpx.MockTransport(registry))
    return Visit(client, client, "ada/walk")


@pytest.mark.parametrize("step", [tag_deleted, manifest_deleted, blob_deleted])
def test_status_of_a_delete_is_not_believed(step: object) -> None:
    assert callable(step)
    assert step(visit(Liar())) == Found("no", "202")


@pytest.mark.parametrize(
    ("registry", "found"),
    [
        (PagesWell(), Found("yes", "200 200 200")),
        (Liar(), Found("partly", "200 200 200", "after the last tag it begins again")),
        (SkipsOne(), Found("partly", "200 200 200", "a page is not what is next")),
    ],
    ids=["pages", "one page for ever", "skips a tag"],
)
def test_pages_are_followed_to_their_end(registry: Liar, found: Found) -> None:
    assert paged(visit(registry)) == found


def asked_of(registry: list[httpx.Request], *, password: str = "right") -> httpx.Client:
    """A client of a registry that wants a token, with a login."""

    def answer(request: httpx.Request) -> httpx.Response:
        registry.append(request)
        if request.url.path == "/token":
            right = request.headers["authorization"] == "Basic YWRhOnJpZ2h0"
            return httpx.Response(200 if right else 401, json={"token": "t"})
        if request.headers.get("authorization") == "Bearer t":
            return httpx.Response(200)
        challenge = 'Bearer realm="http://hub/token",service="r",scope="repository:a/b:pull,push"'
        return httpx.Response(401, headers={"www-authenticate": challenge})

    login = BearerLogin(("ada", password))
    return httpx.Client(base_url="http://hub", auth=login, transport=httpx.MockTransport(answer))


def test_login_asks_the_realm_for_the_scope_and_keeps_the_token() -> None:
    asked: list[httpx.Request] = []
    client = asked_of(asked)
    assert [client.get("/v2/a/b/tags/list").status_code for _ in range(2)] == [200, 200]
    assert [each.url.path for each in asked] == [
        "/v2/a/b/tags/list",
        "/token",
        *["/v2/a/b/tags/list"] * 2,
    ]
    assert dict(asked[1].url.params) == {"service": "r", "scope": "repository:a/b:pull,push"}


def test_wrong_password_leaves_the_answer_of_the_registry() -> None:
    assert asked_of([], password="wrong").get("/v2/a/b/tags/list").status_code == 401


def test_table_counts_by_category_and_says_what_partly_means() -> None:
    found = {step.name: Found("yes", "200") for step in STEPS}
    partly = found | {STEPS[0].name: Found("partly", "200 201", "half of it")}
    lines = table({"one": found, "two": partly}, CATEGORIES[0]).splitlines()
    assert lines[0].split() == ["one", "two"]
    assert lines[1].split() == ["PULL", "4", "of", "4", "3", "of", "4"]
    assert lines[2].endswith("yes 200       partly 201")
    assert lines[-1] == f"two, {STEPS[0].name}: half of it"


def test_table_has_a_dash_for_a_step_that_was_not_taken() -> None:
    lines = table({"one": {}, "two": {STEPS[0].name: Found("yes", "200")}}, CATEGORIES[0])
    assert lines.splitlines()[1].split() == ["PULL", "–", "1", "of", "4"]
    assert lines.splitlines()[2].endswith("–             yes 200")


def test_what_is_quoted_is_in_the_specification() -> None:
    """Each quotation in a step is, to the letter, in a sentence of version 1.1.1 that is kept beside this file."""
    said = SAID.read_text(encoding="utf-8")
    quoted = [quote for step in STEPS for quote in re.findall(r'"([^"]+)"', step.run.__doc__ or "")]
    assert len(quoted) >= 14
    for quote in quoted:
        for piece in quote.split(" […] "):
            assert piece in said, quote


def test_endpoints_are_those_of_the_specification() -> None:
    said = SAID.read_text(encoding="utf-8")
    for step in STEPS:
        for end in re.findall(r"end-\d+[a-z]?", step.where):
            assert f"| {end} " in said, step.name
