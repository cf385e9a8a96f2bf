"""The API's document, and a hub with one of everything, in which each of its examples can be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from labs.hub.api import document
from labs.hub.automation import git, links, triggers, webhooks
from labs.hub.models import AccessToken, Account, Build, Level, Namespace, Repository
from labs.hub.rights.namespaces import make_repository

DOCUMENT = document()
ALL = [
    (method.upper(), path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
DIGEST = "sha256:" + "b" * 64


def content_of(operation: dict[str, Any]) -> dict[str, Any]:
    """The JSON of an operation's body: schema and example; empty for one without."""
    found: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
    return found.get("application/json", {})


@dataclass
class World:
    """What there is, and the numbers that paths need.

    Attributes:
        app: acme/app, which linus may read, grace write, and ada administers.
        numbers: For each path that ends in a number, that number.
    """

    app: Repository
    numbers: dict[str, int]

    def path(self, template: str) -> str:
        """A path of the document, with names and numbers of what there is."""
        filled = template
        for marker, number in self.numbers.items():
            filled = filled.replace(marker, marker.partition("/{")[0] + f"/{number}")
        names = {
            "namespace": "ada" if "collaborators" in template else "acme",
            "repository": "app",
            "org": "acme",
            "group": "dev",
            "username": "eve" if "collaborators" in template else "linus",
            "tag": "latest",
            "digest": DIGEST,
        }
        for name, value in names.items():
            filled = filled.replace(f"{{{name}}}", value)
        return filled


def make_world(people: dict[str, Account], acme: Namespace) -> World:
    """Make it; git's folder has to be a temporary one."""
    app, base = make_repository(acme, "app"), make_repository(acme, "base")
    make_repository(acme, "linked")
    link = links.link(app, make_repository(acme, "linked"))
    assert base
    teams = {}
    for name, member, level in (("dev", "linus", Level.READ), ("ops", "grace", Level.WRITE)):
        teams[name] = acme.teams.create(name=name)
        teams[name].members.add(people[member])
        acme.memberships.get_or_create(account=people[member])
        app.permissions.create(team=teams[name], level=level)
    _push(app)
    own = make_repository(people["ada"].namespace, "app")
    own.collaborators.create(account=people["eve"])
    token, _ = AccessToken.make(people["ada"], "robot", AccessToken.Scope.READ)
    source = app.namespace.sources.create(name="app", repository=app)
    git.init(source)
    rule = app.rules.create(kind="branch", source="main", tag="latest")
    build = _build(app)
    trigger, _ = triggers.make(app, "hourly")
    trigger.calls.create(address="172.18.0.2", asked="{}", result="build 1 queued")
    webhook = webhooks.add(app, "chat", "http://node1/")
    delivery = webhook.deliveries.create(payload="{}", next_try=timezone.now(), status=200)
    numbers = {
        "access-tokens/{uuid}": token.pk,
        "groups/{id}": teams["dev"].pk,
        "build-rules/{id}": rule.pk,
        "links/{id}": link.pk,
        "builds/{number}": build.pk,
        "triggers/{id}": trigger.pk,
        "webhooks/{id}": webhook.pk,
        "deliveries/{number}": delivery.pk,
    }
    return World(app, numbers)


def _push(repository: Repository) -> None:
    now = timezone.now()
    children = [
        {"digest": "sha256:" + "c" * 64, "platform": "linux/amd64", "size": 100},
        {"digest": "sha256:" + "d" * 64, "platform": "linux/arm/v7", "size": 90},
    ]
    image = repository.images.create(
        digest=DIGEST,
        media_type="application/vnd.oci.image.index.v1+json",
        size=190,
        platforms=["linux/amd64", "linux/arm/v7"],
        manifests=children,
        pushed=now,
    )
    repository.tags.create(image=image, name="latest", pushed=now, pusher="ada")


def _build(repository: Repository) -> Build:
    return repository.builds.create(
        kind="branch",
        ref="main",
        commit="c0ffee",
        tags=["latest"],
        dockerfile="Dockerfile",
        context="/",
        cause="push of branch main",
        log="Step 1/1",
    )
