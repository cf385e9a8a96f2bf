"""The pages: who sees what, forms, and what is written into them by others."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labs.hub import registry_reader
from labs.hub.models import AccessToken, Account, Build, Level, Namespace, Repository, Tag
from tests.hub.conftest import PASSWORD

Make = Callable[..., Repository]
SCRIPT = "<script>alert(1)</script>"


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def logged_in(people: dict[str, Account]) -> Callable[[str], Client]:
    """A client with a session."""

    def make(name: str) -> Client:
        client = Client(HTTP_HOST="hub.lab")
        client.force_login(people[name])
        return client

    return make


def pushed(repository: Repository, *names: str) -> None:
    now = timezone.now()
    image = repository.images.create(
        digest="sha256:" + "b" * 64,
        media_type="application/vnd.oci.image.manifest.v1+json",
        size=4_300_000,
        platforms=["linux/amd64"],
        layers=[{"digest": "sha256:" + "c" * 64, "size": 4_299_000}],
        pushed=now,
        pusher="ada",
    )
    Tag.objects.bulk_create(
        Tag(repository=repository, image=image, name=name, pushed=now, pusher="ada")
        for name in names
    )


def pages_of(repository: Repository) -> dict[str, str]:
    return {
        "": Level.READ,
        "/-/builds": Level.READ,
        f"/-/images/sha256:{'b' * 64}": Level.READ,
        "/-/automation": Level.ADMIN,
        "/-/settings": Level.ADMIN,
    }


@pytest.mark.parametrize("private", [False, True])
def test_page_is_shown_to_those_who_may_and_to_others_is_not_there(
    logged_in: Callable[[str], Client],
    acme: Namespace,
    people: dict[str, Account],
    repository: Make,
    *,
    private: bool,
):
    app = repository("acme/app", private=private)
    pushed(app, "1")
    team = acme.teams.create(name="dev")
    team.members.add(people["linus"])
    app.permissions.create(team=team, level=Level.READ)
    for path, level in pages_of(app).items():
        seen = {name: logged_in(name).get(f"/acme/app{path}").status_code for name in people}
        admin = level == Level.ADMIN
        assert seen["ada"] == 200
        assert seen["linus"] == (404 if admin else 200)
        assert seen["eve"] == (404 if admin or private else 200)


def test_stranger_is_sent_to_the_login_and_back(
    client: Client, people: dict[str, Account], repository: Make
):
    repository("acme/app")
    answer = client.get("/acme/app/-/settings")
    assert answer.headers["Location"] == "/login?next=/acme/app/-/settings"
    given = {"username": "ada", "password": PASSWORD, "next": "/acme/app/-/settings"}
    assert client.post("/login", given).headers["Location"] == "/acme/app/-/settings"


@pytest.mark.parametrize(
    "wanted", ["https://elsewhere.example/", "//elsewhere.example", "javascript:x"]
)
def test_login_leads_nowhere_else(client: Client, people: dict[str, Account], wanted: str):
    given = {"username": "ada", "password": PASSWORD, "next": wanted}
    assert client.post("/login", given).headers["Location"] == "/"


def test_access_token_is_no_password_of_a_page(client: Client, people: dict[str, Account]):
    _, secret = AccessToken.make(people["ada"], "robot", AccessToken.Scope.ADMIN)
    assert client.post("/login", {"username": "ada", "password": secret}).status_code == 401


def test_access_token_is_switched_off_by_its_owner_only(
    logged_in: Callable[[str], Client], people: dict[str, Account]
):
    token, _ = AccessToken.make(people["ada"], "robot", AccessToken.Scope.READ)
    path = f"/settings/tokens/{token.pk}/switch"
    assert logged_in("eve").post(path).status_code == 404
    assert logged_in("ada").get(path).status_code == 405
    for active in (False, True):
        logged_in("ada").post(path)
        token.refresh_from_db()
        assert token.active is active


def test_sign_up_makes_an_account_that_is_logged_in(client: Client):
    answer = client.post("/signup", {"username": "margaret", "password": "hamilton 69"})
    assert answer.headers["Location"] == "/margaret"
    assert "Access tokens" in text(client.get("/"))
    again = Client(HTTP_HOST="hub.lab").post(
        "/signup", {"username": "margaret", "password": "hamilton 69"}
    )
    assert "is taken" in text(again)


def test_form_without_its_token_is_refused(people: dict[str, Account], repository: Make):
    """Another site's page cannot send a form in the name of who is logged in here."""
    repository("acme/app")
    strict = Client(HTTP_HOST="hub.lab", enforce_csrf_checks=True)
    strict.force_login(people["ada"])
    for path in (
        "/settings/tokens",
        "/acme/app/-/settings",
        "/acme/app/-/automation/trigger",
        "/logout",
    ):
        assert strict.post(path, {"label": "x", "scope": "repo:admin"}).status_code == 403


def test_cookie_of_a_session_is_for_this_site_alone(client: Client, people: dict[str, Account]):
    client.post("/login", {"username": "ada", "password": PASSWORD})
    cookie = client.cookies["hub_session"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_what_others_wrote_is_text(
    logged_in: Callable[[str], Client], people: dict[str, Account], repository: Make
):
    app = repository("acme/app")
    Repository.objects.filter(pk=app.pk).update(description=SCRIPT, full_description=SCRIPT)
    build = Build.objects.create(
        repository=app,
        kind="branch",
        ref=SCRIPT,
        commit="c0ffee",
        message=SCRIPT,
        tags=[SCRIPT],
        cause=SCRIPT,
        log=SCRIPT,
        dockerfile="Dockerfile",
        context="/",
    )
    ada = logged_in("ada")
    for path in (
        "/",
        "/acme",
        "/acme/app",
        "/acme/app/-/builds",
        f"/acme/app/-/builds/{build.pk}",
        f"/?q={SCRIPT}",
    ):
        answer = ada.get(path)
        assert answer.status_code == 200
        assert SCRIPT not in text(answer), path
        assert "&lt;script&gt;" in text(answer), path
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script>|\son\w+=|style=", text(answer))


def test_page_of_a_thousand_tags_asks_the_database_a_few_times(client: Client, repository: Make):
    app = repository("acme/app")
    pushed(app, *(f"build-{number}" for number in range(1000)))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get("/acme/app")
    assert text(answer).count('<th scope="row">') == 50
    assert "page 1 of 20" in text(answer)
    assert len(asked) < 10


def test_private_repository_is_in_no_list_of_others(
    logged_in: Callable[[str], Client], repository: Make
):
    repository("acme/hidden", private=True)
    for path in ("/", "/?q=hidden", "/acme"):
        assert "acme/hidden" not in text(logged_in("eve").get(path))
        assert "acme/hidden" in text(logged_in("ada").get(path))


def test_organization_by_its_pages(logged_in: Callable[[str], Client], people: dict[str, Account]):
    ada = logged_in("ada")
    ada.post("/organizations/new", {"name": "shop"})
    ada.post("/shop/-/members", {"username": "grace", "role": "member"})
    ada.post("/shop/-/teams", {"name": "dev"})
    team = Namespace.objects.get(name="shop").teams.get()
    ada.post(f"/shop/-/teams/{team.pk}", {"what": "add", "username": "grace"})
    ada.post("/shop/-/new", {"name": "site", "private": "on"})
    ada.post("/shop/site/-/permissions", {"team": team.pk, "level": "read"})
    assert "Read" in text(ada.get("/shop/site/-/settings"))
    grace = logged_in("grace")
    assert grace.get("/shop/site").status_code == 200
    assert grace.get("/shop/site/-/settings").status_code == 404
    assert grace.post("/shop/-/members", {"username": "eve"}).status_code == 404
    assert "grace" in text(grace.get("/shop"))
    assert "grace" not in text(logged_in("eve").get("/shop"))


def test_team_of_another_organization_gets_nothing(
    logged_in: Callable[[str], Client], people: dict[str, Account], repository: Make
):
    app = repository("acme/app", private=True)
    eve = logged_in("eve")
    eve.post("/organizations/new", {"name": "evil"})
    eve.post("/evil/-/teams", {"name": "dev"})
    team = Namespace.objects.get(name="evil").teams.get()
    assert (
        eve.post("/acme/app/-/permissions", {"team": team.pk, "level": "admin"}).status_code == 404
    )
    ada = logged_in("ada")
    assert (
        ada.post("/acme/app/-/permissions", {"team": team.pk, "level": "admin"}).status_code == 404
    )
    assert not app.permissions.exists()


def test_name_that_is_no_page_of_the_hub(client: Client, people: dict[str, Account]):
    for path in (
        "/acme/../ada",
        "/acme/%2e%2e/ada",
        "/ACME/app",
        "/acme/app/-/nonsense",
        "/nobody",
        "/a/b/-/settings",
    ):
        assert client.get(path).status_code in (302, 404), path


def test_repository_is_deleted_by_an_owner_who_types_its_name(
    logged_in: Callable[[str], Client],
    acme: Namespace,
    people: dict[str, Account],
    repository: Make,
    monkeypatch: pytest.MonkeyPatch,
):
    gone: list[tuple[str, str]] = []
    monkeypatch.setattr(registry_reader, "delete", lambda *what: gone.append(what) or 202)
    # One that the hub was not told of yet.
    untold = "sha256:" + "c" * 64
    monkeypatch.setattr(registry_reader, "tags", lambda _: ["untold"])
    monkeypatch.setattr(registry_reader, "digest_of", lambda *_: untold)
    app = repository("acme/app")
    pushed(app, "1")
    team = acme.teams.create(name="dev")
    team.members.add(people["linus"])
    app.permissions.create(team=team, level=Level.ADMIN)
    for name, typed in (("linus", "acme/app"), ("eve", "acme/app"), ("ada", "app"), ("ada", "")):
        logged_in(name).post("/acme/app/-/delete", {"name": typed})
        assert Repository.objects.filter(pk=app.pk).exists()
    logged_in("ada").post("/acme/app/-/delete", {"name": "acme/app"})
    assert not Repository.objects.filter(pk=app.pk).exists()
    assert sorted(gone) == [("acme/app", "sha256:" + "b" * 64), ("acme/app", untold)]


def test_repository_that_the_registry_keeps_stays(
    logged_in: Callable[[str], Client], repository: Make, monkeypatch: pytest.MonkeyPatch
):
    """The next start would find its images and make a repository of them, public by default."""
    monkeypatch.setattr(registry_reader, "delete", lambda *_: 500)
    monkeypatch.setattr(registry_reader, "tags", lambda _: [])
    pushed(repository("acme/app", private=True), "1")
    answer = logged_in("ada").post("/acme/app/-/delete", {"name": "acme/app"})
    assert "is still there" in text(answer)
    assert Repository.objects.get(name="app").private


def test_build_is_started_on_the_page_by_those_who_write(
    logged_in: Callable[[str], Client], people: dict[str, Account], repository: Make
):
    repository("acme/app")
    path = "/acme/app/-/builds/start"
    assert logged_in("eve").post(path, {"kind": "branch", "ref": "main"}).status_code == 404
    answer = logged_in("ada").post(path, {"kind": "branch", "ref": "main"}, follow=True)
    assert "acme/app has no source" in text(answer)
