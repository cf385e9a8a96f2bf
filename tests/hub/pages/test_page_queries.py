"""How often a page asks the database: as often for a thousand rows as for ten, and never the registry."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from labs.hub.automation import triggers, webhooks
from labs.hub.models import (
    Account,
    Build,
    Delivery,
    Namespace,
    PushedImage,
    Repository,
    Tag,
    TeamPermission,
)

Make = Callable[..., Repository]
MOST = 16


@pytest.fixture
def ada(people: dict[str, Account], monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client with a session, of a hub whose registry does not answer."""
    monkeypatch.setattr(settings, "REGISTRY", "http://127.0.0.1:9")
    client = Client(HTTP_HOST="hub.lab")
    client.force_login(people["ada"])
    return client


def questions(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def push(repository: Repository, first: int, last: int) -> None:
    now = timezone.now()
    images = repository.images.bulk_create(
        PushedImage(
            repository=repository, digest=f"sha256:{number:064}", media_type="x", size=1, pushed=now
        )
        for number in range(first, last)
    )
    Tag.objects.bulk_create(
        Tag(repository=repository, image=image, name=image.digest[-4:], pushed=now)
        for image in images
    )


def test_a_thousand_tags_cost_as_many_questions_as_ten(ada: Client, repository: Make):
    app = repository("acme/app")
    push(app, 0, 10)
    few = questions(ada, "/acme/app")
    push(app, 10, 1000)
    assert questions(ada, "/acme/app") == few < MOST
    assert questions(ada, "/acme/app?page=7") == few
    assert questions(ada, "/acme/app?q=9") == few


def test_five_hundred_repositories_cost_as_many_questions_as_ten(ada: Client, acme: Namespace):
    def make(first: int, last: int) -> None:
        Repository.objects.bulk_create(
            Repository(namespace=acme, name=f"app-{number}", private=number % 2 == 0)
            for number in range(first, last)
        )

    paths = ("/", "/?q=app", "/acme")
    make(0, 10)
    few = [questions(ada, path) for path in paths]
    make(10, 500)
    assert [questions(ada, path) for path in paths] == few
    assert max(few) < MOST


def test_more_of_all_else_costs_no_more_questions(
    ada: Client, acme: Namespace, people: dict[str, Account], repository: Make
):
    app = repository("acme/app")
    paths = [f"/acme/app/-/{page}" for page in ("builds", "automation", "settings")]
    paths += ["/acme/-/members", "/acme/-/teams", "/settings/tokens"]

    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            Build.objects.create(repository=app, kind="branch", ref="main", tags=["1"])
            triggers.make(app, f"trigger {number}")
            team = acme.teams.create(name=f"team{number}")
            team.members.add(people["linus"])
            TeamPermission.objects.create(team=team, repository=app)
            hook = webhooks.add(app, "hook", "http://node1/")
            Delivery.objects.create(webhook=hook, payload="{}", next_try=timezone.now())
            base = repository(f"acme/base-{number}")
            app.links.create(base=base)
            people["ada"].tokens.create(label="x", hashed=str(number))

    fill(0, 2)
    few = [questions(ada, path) for path in paths]
    fill(2, 9)
    assert [questions(ada, path) for path in paths] == few
    assert max(few) < MOST
