"""A hub that has been used for a while: what its pages show in a browser."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from django.utils import timezone

from labs.hub.automation import builds, links, triggers, webhooks
from labs.hub.models import (
    AccessToken,
    Account,
    Build,
    Delivery,
    Level,
    Namespace,
    PushedImage,
    Repository,
    Tag,
    Trigger,
)
from labs.hub.rights.namespaces import found_organization, make_repository, sign_up

PASSWORD = "correct horse"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
PEOPLE = ("ada", "grace", "linus", "margaret", "eve")
ABOUT = """The web shop of acme, as it runs in production.

Tags: `1.4` follows its patches, `build-…` is each commit. Read https://docs.acme.example/app?lang=en#tags first.
Not <b>bold</b>, not <script>alert(1)</script>, and not javascript:alert(1) or https://hub.lab@evil.example/x either."""
LOG = """Step 1/6 : FROM hub.lab/acme/base:3
 ---> 4f53cda18c2b
Step 2/6 : COPY requirements.txt /app/
 ---> Using cache
Step 3/6 : RUN pip install --no-cache-dir -r /app/requirements.txt
 ---> Running in 0c1b7e3f9a2d
Successfully installed flask-3.1.0 jinja2-3.1.5 🎉
"""


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def fill() -> None:
    """Everything, in an empty database."""
    now = timezone.now()
    people = {name: sign_up(name, PASSWORD) for name in PEOPLE}
    acme = organization(people)
    app = make_repository(acme, "app", private=False)
    Repository.objects.filter(pk=app.pk).update(
        description="The web shop of acme <i>in one image</i>", full_description=ABOUT, pulls=48_213
    )
    images(app)
    for name, private in (("base", False), ("payments/gateway", True)):
        made = make_repository(acme, name, private=private)
        made.permissions.create(team=acme.teams.get(name="backend"), level=Level.WRITE)
    for name, tag in (("old", "0.1"), ("tool", "2.0")):
        made = make_repository(acme, name, private=False)
        image(made, name, now).save()
        made.tags.create(image=made.images.get(), name=tag, pushed=now, pusher="ada")
    app.permissions.create(team=acme.teams.get(name="backend"), level=Level.WRITE)
    app.permissions.create(team=acme.teams.get(name="frontend"), level=Level.READ)
    many(people["linus"].namespace)
    tool = make_repository(people["ada"].namespace, "tool", private=True)
    tool.collaborators.create(account=people["grace"])
    automation(acme, app)
    built(app)
    tokens(people["ada"])


def organization(people: dict[str, Account]) -> Namespace:
    acme = found_organization("acme", people["ada"])
    for name in ("grace", "linus", "margaret"):
        acme.memberships.create(account=people[name])
    for team, members in (("backend", ("grace", "linus")), ("frontend", ("margaret",)), ("qa", ())):
        made = acme.teams.create(name=team)
        made.members.set(people[name] for name in members)
    return acme


def images(app: Repository) -> None:
    """A thousand tags of a few hundred images, and two that say more."""
    now = timezone.now()
    made = PushedImage.objects.bulk_create(
        image(app, f"build {number}", now - timedelta(hours=7 * number)) for number in range(300)
    )
    made[0].platforms, made[0].media_type, made[0].size, made[0].layers = (
        ["linux/amd64", "linux/arm64/v8", "linux/arm/v7"],
        INDEX,
        None,
        [],
    )
    made[0].save()
    names = ["latest", "1.4", "1.4.12", f"feature-{'long-' * 20}name"]
    names += [f"build-{number}" for number in range(1000 - len(names))]
    Tag.objects.bulk_create(
        Tag(
            repository=app,
            image=made[min(number, 299)],
            name=name,
            pushed=now - timedelta(minutes=41 * number**2 // 10),
            pusher=("ada", "builder", "grace")[number % 3],
        )
        for number, name in enumerate(names)
    )


def image(repository: Repository, text: str, pushed: datetime) -> PushedImage:
    layers = [
        {"digest": digest(f"layer {number} of {text}"), "size": 31_400_000 >> number}
        for number in range(5)
    ]
    return PushedImage(
        repository=repository,
        digest=digest(text),
        media_type=MANIFEST,
        size=61_300_000,
        platforms=["linux/amd64"],
        layers=layers,
        pushed=pushed,
        pusher="ada",
    )


def many(space: Namespace) -> None:
    """Five hundred repositories."""
    Repository.objects.bulk_create(
        Repository(
            namespace=space,
            name=f"mirror/package-{number:03}",
            description=f"A copy of package {number}" if number % 3 else "",
            pulls=number * 7,
        )
        for number in range(500)
    )


def automation(acme: Namespace, app: Repository) -> None:
    app.rules.create(kind="branch", source="main", tag="latest")
    app.rules.create(kind="tag", source=r"/^v([0-9]+)\.([0-9]+)$/", tag=r"{\1}.{\2},{\1}")
    acme.sources.create(name="app", repository=app)
    links.link(app, acme.repositories.get(name="base"))
    for name in ("nightly", "issue tracker"):
        triggers.make(app, name)
    nightly = Trigger.objects.get(name="nightly")
    asked = json.dumps({"source_type": "branch", "source_name": "main"})
    nightly.calls.create(address="172.18.0.7", asked=asked, result="build 3 queued")
    nightly.calls.create(address="172.18.0.7", asked="{}", result="the queue is full: not built")
    now = timezone.now()
    for name, url in (
        ("deploy", "http://node2:8080/hooks/deploy"),
        ("chat", f"http://node1/{'very-long-path/' * 8}"),
    ):
        hook = webhooks.add(app, name, url)
        for state, status, text in (
            (Delivery.Outcome.DELIVERED, 202, "accepted"),
            (Delivery.Outcome.WAITING, 503, "<h1>Service Unavailable</h1>"),
            (Delivery.Outcome.GIVEN_UP, None, "no such host: node2"),
        ):
            hook.deliveries.create(
                payload="{}",
                state=state,
                status=status,
                response=text,
                attempts=3,
                next_try=now,
            )


def built(app: Repository) -> None:
    """A build in each state; the last one's log was cut."""
    now = timezone.now()
    states = {
        Build.State.SUCCESS: LOG + "Successfully tagged acme/app:latest\n",
        Build.State.FAILED: LOG + "The command '/bin/sh -c make test' returned 2\n",
        Build.State.CANCELED: LOG,
        Build.State.PENDING: "",
        Build.State.RUNNING: LOG,
    }
    for number, (state, log) in enumerate(states.items()):
        ended = state not in (Build.State.PENDING, Build.State.RUNNING)
        Build.objects.create(
            repository=app,
            kind="tag" if number == 1 else "branch",
            ref=("main", "v1.4", "feature/checkout")[number % 3],
            commit=hashlib.sha1(str(number).encode()).hexdigest(),
            message="Checkout: round once, at the end",
            tags=["latest"] if number != 1 else ["1.4", "1"],
            dockerfile="Dockerfile",
            context="/",
            cause=("push of branch main", "push of tag v1.4", "trigger nightly")[number % 3],
            state=state,
            log=log,
            digest=digest("build 3") if state == Build.State.SUCCESS else "",
            started=None if state == Build.State.PENDING else now - timedelta(seconds=42),
            ended=now if ended else None,
        )
    cut = Build.objects.get(state=Build.State.CANCELED)
    cut.log = "a line with 🐳\n" * 2000 + builds.CUT
    cut.save()


def tokens(account: Account) -> None:
    for label, scope in (
        ("laptop", AccessToken.Scope.ADMIN),
        ("build server", AccessToken.Scope.WRITE),
    ):
        made, _ = AccessToken.make(account, label, scope)
        if label == "laptop":
            made.log.create(address="172.18.0.3", asked="repository:acme/app:push,pull")
            made.last_used = timezone.now() - timedelta(hours=5)
            made.save()
