"""The API: Docker Hub's paths and JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from labs.hub.models import AccessToken, Account, Namespace, Repository
from tests.hub.conftest import Api


def test_repository_and_its_team(api: Api, repository: Callable[..., Repository]):
    made = api("ada", "POST", "/v2/namespaces/acme/repositories", name="app", is_private=True)
    assert (made.status_code, made.json()["is_private"]) == (201, True)
    assert api("eve", "GET", "/v2/namespaces/acme/repositories/app").status_code == 404
    group = api("ada", "POST", "/v2/orgs/acme/groups", name="dev").json()
    api("ada", "POST", "/v2/orgs/acme/groups/dev/members", member="linus")
    given = {"group_id": group["id"], "permission": "read"}
    assert api("ada", "POST", "/v2/repositories/acme/app/groups", **given).status_code == 200
    assert api("linus", "GET", "/v2/namespaces/acme/repositories/app").json()["name"] == "app"
    assert api("linus", "POST", "/v2/repositories/acme/app/groups", **given).status_code == 403
    listed = api("linus", "GET", "/v2/namespaces/acme/repositories").json()
    assert (listed["count"], listed["results"][0]["name"]) == (1, "app")


def test_token_is_shown_once_and_cannot_make_another(api: Api):
    made = api("ada", "POST", "/v2/access-tokens", token_label="ci", scopes=["repo:admin"]).json()
    listed = api("ada", "GET", "/v2/access-tokens").json()["results"]
    assert listed[0]["token_label"] == "ci"
    assert "token" not in listed[0]
    secret = made["token"]
    assert (
        api("ada", "POST", "/v2/access-tokens", secret=secret, token_label="x").status_code == 403
    )
    assert api("eve", "DELETE", f"/v2/access-tokens/{made['uuid']}").status_code == 404
    assert api("ada", "DELETE", f"/v2/access-tokens/{made['uuid']}").status_code == 204


@pytest.mark.parametrize("scope", ["repo:read", "repo:write"])
def test_token_without_the_scope_makes_no_repository(
    api: Api, people: dict[str, Account], scope: str
):
    _, secret = AccessToken.make(people["ada"], "robot", scope)
    answer = api("ada", "POST", "/v2/namespaces/acme/repositories", secret=secret, name="app")
    assert answer.status_code == 403
    assert "repo:admin" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v2/namespaces/acme/repositories", {"name": "../x"}, 400),
        ("/v2/namespaces/acme/repositories", {}, 400),
        ("/v2/namespaces/grace/repositories", {"name": "app"}, 404),
        ("/v2/namespaces/nobody/repositories", {"name": "app"}, 404),
        ("/v2/access-tokens", {"token_label": "x", "scopes": ["everything"]}, 400),
        ("/v2/access-tokens", {"scopes": ["repo:read"]}, 400),
        ("/v2/access-tokens", {"token_label": "x", "scopes": 5}, 400),
        ("/v2/orgs/ada/groups", {"name": "dev"}, 404),
        ("/v2/orgs/acme/groups/none/members", {"member": "eve"}, 404),
    ],
)
def test_bad_request_says_what_is_wrong(api: Api, path: str, body: dict[str, Any], status: int):
    answer = api("ada", "POST", path, **body)
    assert answer.status_code == status
    assert len(answer.json()["message"]) > 10


def test_stranger_may_read_what_is_public_and_no_more(
    api: Api, repository: Callable[..., Repository]
):
    repository("acme/open")
    repository("acme/closed", private=True)
    listed = api("", "GET", "/v2/namespaces/acme/repositories").json()["results"]
    assert [each["name"] for each in listed] == ["open"]
    assert api("", "POST", "/v2/namespaces/acme/repositories", name="x").status_code == 401
    assert api("", "GET", "/v2/access-tokens").status_code == 401
    assert api("", "PUT", "/v2/access-tokens").status_code == 405


def test_token_changes_no_organization(
    api: Api, people: dict[str, Account], repository: Callable[..., Repository]
):
    _, secret = AccessToken.make(people["ada"], "robot", AccessToken.Scope.ADMIN)
    assert api("ada", "POST", "/v2/orgs/acme/groups", secret=secret, name="dev").status_code == 403
    api("ada", "POST", "/v2/orgs/acme/groups", name="dev")
    add = ("ada", "POST", "/v2/orgs/acme/groups/dev/members")
    assert api(*add, secret=secret, member="eve").status_code == 403


@pytest.mark.parametrize("number", ["x", None, True, 0, -1, 1 << 70, "1"])
def test_group_that_is_no_number(api: Api, repository: Callable[..., Repository], number: Any):
    repository("acme/app")
    given = {"group_id": number, "permission": "read"}
    found = api("ada", "POST", "/v2/repositories/acme/app/groups", **given)
    assert found.status_code == (404 if type(number) is int else 400)


@pytest.mark.parametrize("body", ["[1]", "{", '"x"'])
def test_body_that_is_no_object(client: Client, body: str):
    answer = client.post("/v2/auth/token", body, content_type="application/json")
    assert answer.status_code == 400


def test_made_up_bearer_token_is_refused(client: Client):
    answer = client.get("/v2/access-tokens", HTTP_AUTHORIZATION="Bearer eyJhIjoxfQ:1:x")
    assert answer.status_code == 401


def test_list_is_paged_and_asks_the_database_a_few_times(
    api: Api, client: Client, repository: Callable[..., Repository]
):
    for number in range(120):
        repository(f"acme/app-{number:03}")
    with CaptureQueriesContext(connection) as asked:
        first = client.get("/v2/namespaces/acme/repositories?page_size=50").json()
    assert (first["count"], len(first["results"]), first["previous"]) == (120, 50, None)
    assert len(asked) < 5
    assert first["next"] == "http://hub.lab/v2/namespaces/acme/repositories?page=2&page_size=50"
    second = client.get(first["next"]).json()
    assert second["results"][0]["name"] == "app-050"
    assert client.get(client.get(second["next"]).json()["previous"]).json() == second
    for size in ("x", "-1", "0", "9" * 30):
        assert client.get(f"/v2/namespaces/acme/repositories?page_size={size}").status_code == 200


@pytest.mark.parametrize(
    ("host", "scheme", "url"),
    [
        ("hub.lab", "https", "https://hub.lab"),
        ("hub.lab:443", "https", "https://hub.lab:443"),
        ("127.0.0.1:49160", "http", "http://127.0.0.1:49160"),
        ("localhost:49160", "http", "http://localhost:49160"),
    ],
)
def test_neighbors_of_a_page_are_at_the_address_that_the_client_used(
    client: Client, repository: Callable[..., Repository], host: str, scheme: str, url: str
):
    for number in range(3):
        repository(f"acme/app-{number}")
    path = "/v2/namespaces/acme/repositories"
    sent = {"HTTP_HOST": host, "HTTP_X_FORWARDED_PROTO": scheme}
    found = client.get(f"{path}?page=2&page_size=1", **sent).json()
    neighbors = [f"{url}{path}?page={number}&page_size=1" for number in (1, 3)]
    assert [found["previous"], found["next"]] == neighbors


def test_address_that_the_hub_does_not_have_is_in_no_answer(client: Client, acme: Namespace):
    answer = client.get("/v2/namespaces/acme/repositories?page_size=1", HTTP_HOST="elsewhere.test")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/v2/namespaces/acme/repositories/team/app",
        "/v2/namespaces/acme/repositories/team/app/builds",
        "/v2/repositories/acme/team/app/groups",
    ],
)
def test_name_with_more_than_two_parts_is_told_to_have_no_path(
    api: Api, repository: Callable[..., Repository], path: str
):
    repository("acme/team/app")
    answer = api("ada", "GET", path)
    assert answer.status_code == 404
    assert "more than two parts are not served" in answer.json()["message"]


def test_default_of_a_namespace_is_changed_by_its_owner(api: Api, acme: Namespace):
    path = "/v2/namespaces/acme"
    assert api("linus", "PATCH", path, default_private=True).status_code == 404
    assert api("ada", "PATCH", path, default_private=True).json() == {
        "namespace": "acme",
        "default_private": True,
    }
    acme.refresh_from_db()
    assert acme.default_private
    made = api("ada", "POST", f"{path}/repositories", name="app").json()
    assert made["is_private"] is True
