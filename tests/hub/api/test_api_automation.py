"""Accounts, permissions and automation by the API alone, as a notebook without a browser uses it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from labs.hub import names
from labs.hub.automation import git
from labs.hub.models import Account, Build, Repository
from tests.hub.conftest import PASSWORD, Api

Make = Callable[..., Repository]
APP = "/v2/namespaces/acme/repositories/app"
COMMIT = "c0ffee" * 6 + "c0ff"


@pytest.fixture
def app(repository: Make, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """acme/app, whose source has one branch, main."""
    known = {("branch", "main"): COMMIT, ("tag", "v1.2"): COMMIT}
    monkeypatch.setattr(git, "init", lambda _: None)
    monkeypatch.setattr(git, "resolve", lambda _, kind, ref: known.get((kind, ref), ""))
    monkeypatch.setattr(git, "message_of", lambda *_: "one")
    return repository("acme/app")


def test_account_and_organization_are_made_as_on_the_page(api: Api, people: dict[str, Account]):
    given = {"username": "margaret", "password": "hamilton 69"}
    assert api("", "POST", "/v2/users", **given).json()["username"] == "margaret"
    again = api("", "POST", "/v2/users", **given)
    assert (again.status_code, again.json()["message"]) == (409, "'margaret' is taken")
    assert api("ada", "POST", "/v2/orgs", orgname="margaret").status_code == 409
    assert api("ada", "POST", "/v2/orgs", orgname="shop").status_code == 201
    assert Client(HTTP_HOST="hub.lab").get("/shop").status_code == 200
    listed = api("ada", "GET", "/v2/orgs/shop/members").json()["results"]
    assert listed == [{"username": "ada", "role": "owner"}]


@pytest.mark.parametrize("name", ["a", "Ada", "ada!", "a b", "", *sorted(names.RESERVED)])
def test_name_that_is_not_allowed(api: Api, name: str):
    for path, body in (
        ("/v2/users", {"username": name, "password": "hamilton 69"}),
        ("/v2/orgs", {"orgname": name}),
    ):
        answer = api("ada", "POST", path, **body)
        assert answer.status_code == 400
        assert repr(name) in answer.json()["message"]


def test_short_password_is_refused_and_not_repeated(api: Api):
    answer = api("", "POST", "/v2/users", username="margaret", password="sesame")
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("password: This password is too short")
    assert "sesame" not in answer.json()["message"]
    assert not Account.objects.filter(username="margaret").exists()


def test_members_and_groups(api: Api, people: dict[str, Account]):
    members, groups = "/v2/orgs/acme/members", "/v2/orgs/acme/groups"
    assert api("ada", "POST", members, member="grace").json()["role"] == "member"
    assert api("grace", "POST", members, member="eve").status_code == 403
    assert api("ada", "PUT", f"{members}/grace", role="owner").json()["role"] == "owner"
    assert api("grace", "POST", groups, name="dev").status_code == 201
    assert api("grace", "POST", groups, name="dev").status_code == 409
    api("grace", "POST", f"{groups}/dev/members", member="eve")
    assert api("eve", "GET", f"{groups}/dev").json()["member_count"] == 1
    assert api("eve", "GET", members).json()["count"] == 4
    assert api("ada", "DELETE", f"{groups}/dev/members/linus").status_code == 404
    assert api("ada", "DELETE", f"{groups}/dev/members/eve").status_code == 204
    assert api("ada", "GET", f"{groups}/dev/members").json()["results"] == []
    assert api("grace", "DELETE", f"{members}/ada").status_code == 204
    last = api("grace", "DELETE", f"{members}/grace")
    assert (last.status_code, "last owner" in last.json()["message"]) == (409, True)
    assert api("ada", "GET", members).status_code == 404


def test_permission_is_given_and_taken(api: Api, people: dict[str, Account], repository: Make):
    repository("acme/app", private=True)
    path = "/v2/repositories/acme/app/groups"
    group = api("ada", "POST", "/v2/orgs/acme/groups", name="dev").json()["id"]
    api("ada", "POST", "/v2/orgs/acme/groups/dev/members", member="linus")
    api("ada", "POST", path, group_id=group, permission="write")
    assert api("linus", "GET", APP).status_code == 200
    assert api("ada", "GET", path).json()["results"] == [
        {"group_id": group, "group_name": "dev", "permission": "write"}
    ]
    assert api("ada", "DELETE", f"{path}/{group}").status_code == 204
    assert api("ada", "DELETE", f"{path}/{group}").status_code == 404
    assert api("linus", "GET", APP).status_code == 404


def test_collaborators_are_for_personal_repositories(
    api: Api, people: dict[str, Account], repository: Make
):
    repository("ada/tool", private=True)
    repository("acme/app")
    path = "/v2/repositories/ada/tool/collaborators"
    assert api("ada", "POST", path, user="grace").json() == {"user": "grace", "permission": "write"}
    assert api("grace", "GET", "/v2/namespaces/ada/repositories/tool").status_code == 200
    assert api("ada", "POST", path, user="grace", permission="admin").status_code == 400
    assert api("ada", "POST", path, user="ada").status_code == 409
    refused = api("ada", "POST", "/v2/repositories/acme/app/collaborators", user="eve")
    assert (refused.status_code, "permit a team" in refused.json()["message"]) == (409, True)
    assert api("ada", "DELETE", f"{path}/grace").status_code == 204
    assert api("grace", "GET", "/v2/namespaces/ada/repositories/tool").status_code == 404


def test_repository_is_changed_in_part(api: Api, people: dict[str, Account], repository: Make):
    repository("acme/app")
    changed = api("ada", "PATCH", APP, is_private=True, description="the shop").json()
    assert (changed["is_private"], changed["description"]) == (True, "the shop")
    assert api("ada", "PATCH", APP, is_private=False).json()["description"] == "the shop"
    assert api("ada", "PATCH", APP, private=True).status_code == 400
    assert api("ada", "PATCH", APP, description="x" * 101).status_code == 400
    assert api("eve", "HEAD", APP).status_code == 200
    assert api("eve", "HEAD", f"{APP}x").status_code == 404


def test_access_token_that_is_not_active_is_refused(api: Api, people: dict[str, Account]):
    made = api("ada", "POST", "/v2/access-tokens", token_label="ci").json()
    path = f"/v2/access-tokens/{made['uuid']}"
    login = {"identifier": "ada", "secret": made["token"]}
    assert api("ada", "PATCH", path, is_active=False).json()["is_active"] is False
    assert api("", "POST", "/v2/auth/token").status_code == 400
    client = Client(HTTP_HOST="hub.lab")
    assert client.post("/v2/auth/token", login, "application/json").status_code == 401
    api("ada", "PATCH", path, is_active=True, token_label="robot")
    assert client.post("/v2/auth/token", login, "application/json").status_code == 200
    assert api("ada", "GET", path).json()["token_label"] == "robot"
    uses = api("ada", "GET", f"{path}/uses").json()
    assert (uses["count"], uses["results"][0]["asked"]) == (1, "API")
    assert api("eve", "GET", f"{path}/uses").status_code == 404


def test_tag_is_not_deleted_and_its_image_is(
    api: Api, app: Repository, monkeypatch: pytest.MonkeyPatch
):
    digest = "sha256:" + "b" * 64
    image = app.images.create(digest=digest, media_type="m", pushed=timezone.now())
    app.tags.create(image=image, name="1", pushed=timezone.now())
    refused = api("ada", "DELETE", f"{APP}/tags/1")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")
    assert f"{APP}/images/" in refused.json()["message"]
    monkeypatch.setattr("labs.hub.registry_reader.delete", lambda *_: 500)
    assert api("ada", "DELETE", f"{APP}/images/{digest}").status_code == 409
    monkeypatch.setattr("labs.hub.registry_reader.delete", lambda *_: 202)
    assert api("ada", "DELETE", f"{APP}/images/{digest}").status_code == 204
    assert api("ada", "GET", f"{APP}/tags").json()["count"] == 0


def test_tag_names_each_image_of_an_index(api: Api, app: Repository):
    children = [
        {"digest": "sha256:c", "platform": "linux/amd64", "size": 100},
        {"digest": "sha256:d", "platform": "linux/arm/v7", "size": None},
    ]
    image = app.images.create(
        digest="sha256:b", media_type="m", pushed=timezone.now(), manifests=children
    )
    app.tags.create(image=image, name="1", pushed=timezone.now())
    shown = api("", "GET", f"{APP}/tags/1").json()["images"]
    assert [(each["architecture"], each["variant"], each["size"]) for each in shown] == [
        ("amd64", None, 100),
        ("arm", "v7", None),
    ]


def test_source_and_rules_build(api: Api, app: Repository):
    nothing = api("ada", "POST", f"{APP}/builds")
    assert (nothing.status_code, "has no source" in nothing.json()["message"]) == (409, True)
    linked = api("ada", "PUT", f"{APP}/source", git_repository="app").json()
    assert linked["clone_url"] == "https://hub.lab/git/acme/app.git"
    rule = {"source_type": "branch", "source": "main", "tag": "latest", "autobuild": False}
    made = api("ada", "POST", f"{APP}/build-rules", **rule)
    assert made.json().items() >= {**rule, "dockerfile": "Dockerfile", "caching": True}.items()
    started = api("ada", "POST", f"{APP}/builds")
    assert started.status_code == 201, started.content
    (build,) = started.json()["builds"]
    assert build.items() >= {"commit": COMMIT, "tags": ["latest"], "state": "pending"}.items()
    assert build["cause"] == "started by ada"
    assert api("ada", "POST", f"{APP}/builds", source_name="none").status_code == 409
    path = f"{APP}/builds/{build['number']}"
    again = api("ada", "POST", f"{path}/retry")
    assert (again.status_code, "waits already" in again.json()["message"]) == (409, True)
    assert api("ada", "POST", f"{path}/cancel").json()["state"] == "canceled"
    ended = api("ada", "POST", f"{path}/cancel")
    assert (ended.status_code, "is canceled" in ended.json()["message"]) == (409, True)
    assert api("ada", "POST", f"{path}/retry").json()["state"] == "pending"
    Build.objects.filter(pk=build["number"]).update(log="Step 1")
    assert api("ada", "GET", path).json()["log"] == "Step 1"
    # As on the pages: a source may hold what its image does not show.
    listed = api("", "GET", f"{APP}/builds").json()["results"][0]
    assert {"log", "message"} & set(listed) == set()
    assert api("ada", "DELETE", f"{APP}/source").status_code == 204
    assert api("ada", "GET", f"{APP}/source").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"source_type": "commit"}, "one of branch, tag"),
        ({"source": "/(/"}, "not a regular expression"),
        ({"tag": r"{\2}"}, "group 2"),
        ({"tag": ""}, "tag"),
        ({"dockerfile": "../Dockerfile"}, "without .."),
        ({"build_context": "/a/../.."}, "without .."),
        ({"autobuild": "yes"}, 'true or false; got "yes"'),
    ],
)
def test_rule_that_is_refused(api: Api, app: Repository, wrong: dict[str, object], message: str):
    right = {"source_type": "tag", "source": "/^v(.*)$/", "tag": r"{\1}"}
    answer = api("ada", "POST", f"{APP}/build-rules", **{**right, **wrong})
    assert answer.status_code == 400
    assert message in answer.json()["message"]
    assert not app.rules.exists()


def test_circle_of_links_is_a_conflict_and_named(api: Api, app: Repository, repository: Make):
    repository("acme/base")
    repository("grace/hidden", private=True)
    assert api("ada", "POST", f"{APP}/links", repository="acme/base").status_code == 201
    path = "/v2/namespaces/acme/repositories/base/links"
    answer = api("ada", "POST", path, repository="acme/app")
    assert answer.status_code == 409
    assert "acme/base → acme/app → acme/base" in answer.json()["message"]
    for unknown in ("grace/hidden", "acme/none", "acme", ""):
        answer = api("ada", "POST", path, repository=unknown)
        assert answer.status_code == 400
        assert repr(unknown) in answer.json()["message"]


def test_trigger_is_called_and_lists_its_calls(api: Api, app: Repository):
    api("ada", "PUT", f"{APP}/source", git_repository="app")
    api("ada", "POST", f"{APP}/build-rules", source_type="branch", source="main", tag="latest")
    made = api("ada", "POST", f"{APP}/triggers", name="nightly").json()
    called = Client(HTTP_HOST="hub.lab").post(
        urlsplit(made["url"]).path, {}, content_type="application/json"
    )
    assert called.status_code == 202
    assert Build.objects.get().cause == "trigger nightly"
    (trigger,) = api("ada", "GET", f"{APP}/triggers").json()["results"]
    assert "queued: acme/app:latest" in trigger["calls"][0]["result"]
    assert made["url"].rpartition("/")[2] not in str(trigger)
    assert api("ada", "DELETE", f"{APP}/triggers/{made['id']}").status_code == 204
    assert Client(HTTP_HOST="hub.lab").post(urlsplit(made["url"]).path).status_code == 404


def test_webhook_shows_its_secret_once_and_its_deliveries(api: Api, app: Repository):
    path = f"{APP}/webhooks"
    made = api("ada", "POST", path, name="chat", url="http://node1:8080/").json()
    assert len(made["secret"]) == 40
    assert "secret" not in api("ada", "GET", path).json()["results"][0]
    webhook = app.webhooks.get()
    sent = webhook.deliveries.create(
        payload="{}", next_try=timezone.now(), status=503, response="busy", state="given up"
    )
    deliveries = f"{path}/{webhook.pk}/deliveries"
    (shown,) = api("ada", "GET", deliveries).json()["results"]
    assert (shown["response_status"], shown["response_body"]) == (503, "busy")
    again = api("ada", "POST", f"{deliveries}/{sent.pk}/redeliver").json()
    assert (again["state"], again["payload"], again["id"] != sent.pk) == ("waiting", "{}", True)
    for url in ("ftp://node1/", "http://ada:secret@node1/", "node1", "http://" + "a" * 600):
        assert api("ada", "POST", path, name="x", url=url).status_code == 400


def test_webhook_of_another_repository_is_not_reached(api: Api, app: Repository, repository: Make):
    other = repository("grace/site").webhooks.create(name="x", url="http://node1/", secret="s")
    assert api("ada", "GET", f"{APP}/webhooks/{other.pk}/deliveries").status_code == 404
    assert api("ada", "DELETE", f"{APP}/webhooks/{other.pk}").status_code == 404


def test_made_up_login_is_refused(client: Client, app: Repository):
    for header in ("Bearer", "Bearer x", "Basic YWRhOnB3", f"JWT {PASSWORD}"):
        answer = client.get(APP, HTTP_AUTHORIZATION=header)
        assert answer.status_code == 401
        assert "/v2/auth/token" in answer.json()["message"]
