"""What the registry tells: pushes, pulls and deletions. The tables of images and tags follow it.

The registry's queue of events is in memory. What was lost with it is found again at the next start, by `reconcile`.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any

import urllib3
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from labs.hub import names, registry_reader
from labs.hub.automation.after_push import after_push
from labs.hub.models import AccessToken, Account, Namespace, PushedImage, Repository, Tag
from labs.hub.registry_reader import READER
from labs.hub.rights.access import find, is_owner
from labs.hub.rights.credentials import has_secret
from labs.hub.rights.namespaces import make_repository
from labs.hub.signing_key import secret_of

_log = logging.getLogger("hub")


@csrf_exempt
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Take what the registry sends. Anything but 2xx makes it send the same again."""
    # No one else can say that something was pushed: the registry is started with this secret.
    if not has_secret(request, events_secret()):
        return HttpResponse(status=403)
    for event in json.loads(request.body)["events"]:
        try:
            take(event)
        except (OperationalError, urllib3.exceptions.HTTPError):
            raise  # the database or the registry is busy: the registry sends the event again
        except Exception:
            # Sent again it would be the same, and all other events wait behind it.
            _log.exception("an event cannot be noted")
    return HttpResponse(status=202)


def events_secret() -> str:
    """What the registry sends with its events."""
    return secret_of(settings.DATA / "events.key")


def take(event: dict[str, Any]) -> None:
    """Note one event. The same event twice changes nothing the second time."""
    target = event["target"]
    path, digest, tag = target.get("repository", ""), target.get("digest"), target.get("tag")
    kind, actor = target.get("mediaType", ""), (event.get("actor") or {}).get("name", "")
    if event["action"] == "push" and ("manifest" in kind or "index" in kind):
        pushed(path, digest, tag, subject=actor, at=_time(event["timestamp"]))
    elif event["action"] == "pull" and event["request"]["method"] == "GET" and actor != READER:
        space, _, name = path.partition("/")
        Repository.objects.filter(namespace__name=space, name=name).update(pulls=F("pulls") + 1)
    elif event["action"] == "delete" and (repository := find(path)):
        if tag:
            repository.tags.filter(name=tag).delete()
        elif digest:
            repository.images.filter(digest=digest).delete()


def _time(text: str) -> datetime:
    """Go writes up to nine digits of a fraction, or none; Python's dates hold six."""
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{seconds}.{fraction[:6]:0<6}+00:00")


def pushed(
    path: str, digest: str, tag: str | None, *, subject: str, at: datetime
) -> Repository | None:
    """Note that a manifest is in the registry; None if it is in no namespace of the hub.

    Args:
        path: The repository's.
        digest: The manifest's.
        tag: What it was pushed as, if that was not its digest.
        subject: Of the registry's token with which it was pushed; empty if no event told it.
        at: When.
    """
    pusher, _, number = subject.partition("/")
    space = Namespace.objects.filter(name=path.partition("/")[0]).first()
    described = registry_reader.describe(path, digest) if space and names.is_path(path) else None
    if space is None or described is None:
        _log.warning("pushed to %s, which is not a repository of the hub", path)
        return None
    # Only an owner's push makes a repository. Another's was allowed to push before it was deleted, and what was private
    # is not public now.
    account = Account.objects.filter(username=pusher).first()
    private = True if pusher and not is_owner(account, space) else None
    with transaction.atomic():
        repository = make_repository(space, path.partition("/")[2], private=private)
        columns = ("media_type", "size", "platforms", "layers", "manifests")
        values = {name: getattr(described, name) for name in columns}
        image, _ = PushedImage.objects.get_or_create(
            repository=repository,
            digest=digest,
            defaults={**values, "pushed": at, "pusher": pusher},
        )
        repository.save(update_fields=["updated"])
        if tag:
            token = AccessToken.objects.filter(pk=int(number or 0), account=account).first()
            _move(repository, tag, image, {"pusher": pusher, "pushed_with": token, "pushed": at})
    return repository


def _move(repository: Repository, name: str, image: PushedImage, push: dict[str, Any]) -> None:
    """Let a tag name an image, unless a newer push has been told; `push` has the columns that say who and when."""
    before, at = repository.tags.filter(name=name).first(), push["pushed"]
    if before and (before.pushed > at or (before.image_id == image.pk and before.pushed == at)):
        return  # told twice, or after a newer push
    values = {"image": image, **push}
    tag, _ = Tag.objects.update_or_create(repository=repository, name=name, defaults=values)
    after_push(tag, changed=before is None or before.image_id != image.pk)


def reconcile() -> int:
    """Compare the tables with the registry, at the start; return how many tags were wrong."""
    wrong = 0
    for path in registry_reader.catalog():
        try:
            wrong += _reconcile(path)
        except Exception:  # one repository that cannot be read keeps no other from being looked at
            _log.exception("%s cannot be compared with the registry", path)
    return wrong


def _reconcile(path: str) -> int:
    at = timezone.now()  # what is pushed from here on is newer
    repository, known = find(path), {}
    if repository:
        known = dict(repository.tags.values_list("name", "image__digest"))
    wrong = 0
    for name in registry_reader.tags(path):
        digest = registry_reader.digest_of(path, name)
        if digest and known.pop(name, "") != digest:
            pushed(path, digest, name, subject="", at=at)
            wrong += 1
    for name in known:
        # Asked once more: it may have been pushed since the list was made.
        if repository and not registry_reader.digest_of(path, name):
            wrong += repository.tags.filter(name=name, pushed__lt=at).delete()[0]
    return wrong
