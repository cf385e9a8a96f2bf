"""Events of the registry: the tables follow what it tells, once, and only what the registry itself tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from labs.hub import events, registry_reader
from labs.hub.models import AccessToken, Account, Delivery, Repository
from labs.hub.registry_reader import Described
from labs.hub.rights.access import Caller, find
from tests.hub.conftest import Api

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
ONE, TWO = (f"sha256:{letter * 64}" for letter in "12")


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """What the registry has: tags of each repository. (The real one is in the tests that need an engine.)"""
    has: dict[str, dict[str, str]] = {}

    def describe(path: str, reference: str) -> Described | None:
        digest = has.get(path, {}).get(reference, reference)
        return (
            Described(digest, MANIFEST, 100, ["linux/amd64"], [])
            if digest.startswith("sha")
            else None
        )

    monkeypatch.setattr(registry_reader, "describe", describe)
    monkeypatch.setattr(registry_reader, "digest_of", lambda path, tag: has[path].get(tag, ""))
    monkeypatch.setattr(registry_reader, "catalog", lambda: sorted(has))
    monkeypatch.setattr(registry_reader, "tags", lambda path: sorted(has[path]))
    return has


def event(action: str = "push", **target: Any) -> dict[str, Any]:
    """As distribution 2.8.3 writes one."""
    return {
        "action": action,
        "timestamp": "2026-11-25T10:00:00.123456789Z",
        "target": {"mediaType": MANIFEST, "repository": "acme/app", "digest": ONE, **target},
        "request": {"method": {"push": "PUT", "pull": "GET"}.get(action, "DELETE")},
        "actor": {"name": "ada"},
    }


def send(client: Client, *given: dict[str, Any], secret: str = "") -> int:
    secret = secret or events.events_secret()
    kind = "application/vnd.docker.distribution.events.v1+json"
    return client.post(
        "/events",
        json.dumps({"events": given}),
        content_type=kind,
        HTTP_AUTHORIZATION=f"Bearer {secret}",
    ).status_code


def tags() -> dict[str, str]:
    found = find("acme/app")
    return dict(found.tags.values_list("name", "image__digest")) if found else {}


def test_push_makes_the_repository_and_the_tag(client: Client, people: dict[str, Account]):
    assert send(client, event(tag="1")) == 202
    assert tags() == {"1": ONE}
    found = find("acme/app")
    assert found
    assert (found.private, found.tags.get().pusher) == (False, "ada")


def test_repository_of_a_push_has_the_default_of_its_namespace(client: Client, acme: Any):
    acme.default_private = True
    acme.save()
    send(client, event(tag="1"))
    found = find("acme/app")
    assert found
    assert found.private


@pytest.mark.parametrize("name", ["linus", "eve", "hub-build", "nobody"])
def test_push_after_the_repository_was_deleted_makes_nothing_public(
    client: Client, people: dict[str, Account], name: str
):
    """A token from before lasts for minutes, and only an owner's push makes a new repository."""
    send(client, {**event(tag="1"), "actor": {"name": name}})
    found = find("acme/app")
    assert found
    assert found.private


def test_moved_tag_and_deleted_digest(client: Client, people: dict[str, Account]):
    send(client, event(tag="1"), event(tag="stable"), event(tag="1", digest=TWO))
    assert tags() == {"1": TWO, "stable": ONE}
    send(client, event("delete", digest=ONE), event("delete", digest=None, tag="stable"))
    assert tags() == {"1": TWO}


def test_event_that_comes_twice_counts_once(
    client: Client, people: dict[str, Account], repository: Callable[..., Repository]
):
    app = repository("acme/app")
    app.webhooks.create(name="deploy", url="http://node1/", secret="s")
    same = event(tag="1")
    for _ in range(3):
        send(client, same)
    assert (app.tags.count(), app.images.count(), Delivery.objects.count()) == (1, 1, 1)


def test_pulls_are_counted_and_questions_are_not(
    client: Client, people: dict[str, Account], repository: Callable[..., Repository]
):
    app = repository("acme/app")
    asked = event("pull")
    asked["request"] = {"method": "HEAD"}
    send(client, event("pull"), asked, event("pull"))
    app.refresh_from_db()
    assert app.pulls == 2


@pytest.mark.parametrize(
    "kind", ["application/octet-stream", "application/vnd.oci.image.layer.v1.tar"]
)
def test_push_of_a_blob_is_no_push_of_an_image(
    client: Client, people: dict[str, Account], kind: str
):
    send(client, event(mediaType=kind))
    assert find("acme/app") is None


@pytest.mark.parametrize("known", [True, False])
def test_push_is_noted_with_the_access_token_of_its_pusher(
    client: Client, api: Api, people: dict[str, Account], known: bool
):
    token, _ = AccessToken.make(people["ada"], "night", AccessToken.Scope.WRITE)
    subject = Caller(people["ada"], token).subject
    if not known:
        token.delete()
    send(client, {**event(tag="1"), "actor": {"name": subject}})
    found = find("acme/app")
    assert found
    tag = found.tags.get()
    assert (tag.pusher, tag.pushed_with) == ("ada", token if known else None)
    path = "/v2/namespaces/acme/repositories/app/tags/1"
    shown = {
        who: api(who, "GET", path).json()["last_updater_token"] for who in ("ada", "linus", "")
    }
    assert shown == {"ada": str(token.pk) if known else None, "linus": None, "": None}
    send(client, event(tag="1", digest=TWO))
    assert found.tags.get().pushed_with is None


@pytest.mark.parametrize("path", ["nobody/app", "app", "acme/../ada/tool", "ACME/app", ""])
def test_push_to_no_namespace_changes_nothing(
    client: Client, people: dict[str, Account], path: str
):
    assert send(client, event(repository=path, tag="1")) == 202
    assert not Repository.objects.exists()


@pytest.mark.parametrize("secret", ["wrong", "x" * 64])
def test_nobody_else_can_say_that_something_was_pushed(
    client: Client, people: dict[str, Account], secret: str
):
    assert send(client, event(tag="1"), secret=secret) == 403
    assert client.post("/events", "{}", content_type="application/json").status_code == 403
    assert not Repository.objects.exists()


def test_what_was_lost_is_found_at_the_next_start(
    client: Client,
    people: dict[str, Account],
    repository: Callable[..., Repository],
    registry: dict[str, dict[str, str]],
):
    """The registry's queue of events is in its memory."""
    app = repository("acme/app")
    app.webhooks.create(name="deploy", url="http://node1/", secret="s")
    registry["acme/app"] = {"1": ONE, "moved": ONE, "gone": ONE}
    for name in registry["acme/app"]:
        send(client, event(tag=name))
    Delivery.objects.all().delete()
    registry["acme/app"] = {"1": ONE, "moved": TWO, "new": TWO}
    assert events.reconcile() == 3
    assert tags() == registry["acme/app"]
    # A push that nobody was told of is told now.
    assert Delivery.objects.count() == 2
    assert events.reconcile() == 0
