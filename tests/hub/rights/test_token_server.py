"""The token server: what engines ask, what they get, and what a wrong password costs."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography import x509
from django.conf import settings
from django.test import Client
from django.utils import timezone

from labs.hub.models import AccessToken, Account, FailedLogin, Repository
from tests.hub.conftest import PASSWORD

WRONG = {"details": "incorrect username or password"}


def basic(name: str, password: str = PASSWORD) -> dict[str, str]:
    return {
        "HTTP_AUTHORIZATION": f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"
    }


def claims(answer: Any) -> dict[str, Any]:
    """What the registry reads: checked as it does, with the certificate of the header."""
    assert answer.status_code == 200
    text = json.loads(answer.content)["token"]
    der = base64.b64decode(jwt.get_unverified_header(text)["x5c"][0])
    key = x509.load_der_x509_certificate(der).public_key()
    return dict(jwt.decode(text, key, algorithms=["ES256"], audience="registry", issuer="hub"))


def access(answer: Any) -> dict[str, list[str]]:
    return {each["name"]: each["actions"] for each in claims(answer)["access"]}


def test_login_of_an_engine_asks_for_nothing_and_gets_an_empty_token(
    client: Client, people: dict[str, Account]
):
    query = "account=ada&client_id=docker&offline_token=true&service=registry"
    answer = client.get(f"/auth/token?{query}", **basic("ada"))
    found = claims(answer)
    assert (found["sub"], found["access"]) == ("ada", [])
    assert (
        found["exp"] - found["iat"] == settings.TOKEN_S == json.loads(answer.content)["expires_in"]
    )
    assert "refresh_token" not in json.loads(answer.content)


def test_what_may_not_be_done_is_left_out_and_no_error(
    client: Client, people: dict[str, Account], repository: Callable[..., Repository]
):
    repository("acme/app")
    repository("acme/base", private=True)
    query = "scope=repository:acme/app:push,pull&scope=repository:acme/base:pull"
    assert access(client.get(f"/auth/token?{query}", **basic("linus"))) == {"acme/app": ["pull"]}
    assert access(client.get(f"/auth/token?{query}")) == {"acme/app": ["pull"]}
    assert access(client.get(f"/auth/token?{query}", **basic("ada"))) == {
        "acme/app": ["pull", "push"],
        "acme/base": ["pull"],
    }


def test_two_scopes_in_one_value_are_two(
    client: Client, people: dict[str, Account], repository: Callable[..., Repository]
):
    repository("acme/app")
    repository("acme/base")
    query = "scope=repository:acme/app:pull%20repository:acme/base:pull"
    assert set(access(client.get(f"/auth/token?{query}"))) == {"acme/app", "acme/base"}


@pytest.mark.parametrize(
    "scope",
    [
        "registry:catalog:*",
        "repository:acme/../ada/tool:pull",
        "repository:acme//app:pull",
        "repository:/acme/app:pull",
        "repository:acme:pull",
        "repository:ACME/app:pull",
        "repository:acme/app",
        "repository:acme/app:",
        "repository:acme/app:pull\nrepository:x/y:pull",
        "nonsense",
        "",
    ],
)
def test_scope_that_is_none_gives_nothing(
    client: Client, people: dict[str, Account], repository: Callable[..., Repository], scope: str
):
    repository("acme/app", private=True)
    found = access(client.get("/auth/token", {"scope": scope}, **basic("grace")))
    assert found == {}


def test_star_is_for_who_may_everything(
    client: Client, people: dict[str, Account], repository: Callable[..., Repository]
):
    repository("acme/app")
    scope = {"scope": "repository:acme/app:*"}
    assert access(client.get("/auth/token", scope, **basic("ada"))) == {
        "acme/app": ["delete", "pull", "push"]
    }
    assert access(client.get("/auth/token", scope, **basic("linus"))) == {}


def test_class_of_a_plugin_in_the_scope_has_no_meaning(
    client: Client, people: dict[str, Account], repository: Callable[..., Repository]
):
    repository("acme/app")
    scope = {"scope": "repository(plugin):acme/app:pull"}
    assert access(client.get("/auth/token", scope)) == {"acme/app": ["pull"]}


@pytest.mark.parametrize(
    "header", ["Basic !", "Basic " + base64.b64encode(b"\xff").decode(), "Bearer x"]
)
def test_header_that_is_no_login_is_a_wrong_password(
    client: Client, people: dict[str, Account], header: str
):
    answer = client.get("/auth/token", HTTP_AUTHORIZATION=header)
    assert (answer.status_code, answer.json()) == (401, WRONG)


@pytest.mark.parametrize("name", ["ada", "nobody", "acme", ""])
def test_wrong_password_and_unknown_name_say_the_same(
    client: Client, people: dict[str, Account], name: str
):
    answer = client.get("/auth/token", **basic(name, "wrong"))
    assert (answer.status_code, answer.json()) == (401, WRONG)


def test_access_token_is_a_password_of_its_own_account_alone(
    client: Client, people: dict[str, Account], repository: Callable[..., Repository]
):
    repository("ada/tool", private=True)
    token, text = AccessToken.make(people["ada"], "robot", AccessToken.Scope.READ)
    scope = {"scope": "repository:ada/tool:pull,push"}
    assert access(client.get("/auth/token", scope, **basic("ada", text))) == {"ada/tool": ["pull"]}
    assert client.get("/auth/token", scope, **basic("eve", text)).status_code == 401
    assert [use.asked for use in token.log.all()] == ["repository:ada/tool:pull,push"]
    token.active = False
    token.save()
    assert client.get("/auth/token", scope, **basic("ada", text)).status_code == 401


def test_text_of_a_token_is_kept_nowhere(people: dict[str, Account]):
    _, text = AccessToken.make(people["ada"], "robot", AccessToken.Scope.READ)
    kept = [str(value) for row in AccessToken.objects.values() for value in row.values()]
    assert not any(text in value or text[8:] in value for value in kept)


def test_wrong_passwords_lock_out_no_robot_and_nobody_elsewhere(
    client: Client, people: dict[str, Account]
):
    _, text = AccessToken.make(people["ada"], "robot", AccessToken.Scope.READ)
    for _ in range(6):
        client.get("/auth/token", HTTP_X_REAL_IP="172.18.0.2", **basic("ada", "wrong"))
    elsewhere = {"HTTP_X_REAL_IP": "172.18.0.3"}
    assert client.get("/auth/token", HTTP_X_REAL_IP="172.18.0.2", **basic("ada")).status_code == 429
    assert (
        client.get("/auth/token", HTTP_X_REAL_IP="172.18.0.2", **basic("ada", text)).status_code
        == 200
    )
    assert client.get("/auth/token", **elsewhere, **basic("ada")).status_code == 200


def test_token_that_is_switched_off_locks_out_nobody(client: Client, people: dict[str, Account]):
    """A build server goes on with it all night, and its account's owner logs in to see why."""
    token, text = AccessToken.make(people["ada"], "robot", AccessToken.Scope.READ)
    token.active = False
    token.save()
    for _ in range(8):
        assert client.get("/auth/token", **basic("ada", text)).status_code == 401
    assert client.get("/auth/token", **basic("ada")).status_code == 200


def test_wrong_passwords_are_slowed_down_and_end(client: Client, people: dict[str, Account]):
    for _ in range(5):
        assert client.get("/auth/token", **basic("ada", "wrong")).status_code == 401
    refused = client.get("/auth/token", **basic("ada"))
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert client.get("/auth/token", **basic("grace")).status_code == 200
    FailedLogin.objects.update(at=timezone.now() - timedelta(minutes=6))
    assert client.get("/auth/token", **basic("ada")).status_code == 200


def test_post_is_refused(client: Client):
    assert client.post("/auth/token").status_code == 405


def test_nothing_is_pushed_to_a_disk_that_is_nearly_full(
    client: Client,
    people: dict[str, Account],
    repository: Callable[..., Repository],
    monkeypatch: pytest.MonkeyPatch,
):
    repository("acme/app")
    push, other = (
        {"scope": f"repository:acme/app:{each}"} for each in ("pull,push", "pull,delete")
    )
    for free, status in ((10**9, 200), (4 * 10**8, 403)):
        disk = SimpleNamespace(total=10**10, used=0, free=free)
        monkeypatch.setattr(shutil, "disk_usage", lambda _, disk=disk: disk)
        answer = client.get("/auth/token", push, **basic("ada"))
        assert answer.status_code == status
        assert access(client.get("/auth/token", other, **basic("ada"))) == {
            "acme/app": ["delete", "pull"]
        }
        # Who may not push is told nothing of the disk.
        assert client.get("/auth/token", push, **basic("eve")).status_code == 200
    assert "disk is full" in answer.json()["errors"][0]["message"]
