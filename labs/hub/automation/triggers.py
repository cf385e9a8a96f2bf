"""Build triggers: a URL with a secret, called by another service, starts builds."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from labs.hub.automation import builds
from labs.hub.models import Repository, Trigger, TriggerCall
from labs.hub.rights.credentials import address_of

# One call in ten seconds for each trigger. Docker Hub allowed one in five minutes, which no lesson can wait for.
PAUSE = timedelta(seconds=10)
_KEPT = 10


def make(repository: Repository, name: str) -> tuple[Trigger, str]:
    """Make a trigger; return it with its secret, which cannot be read again."""
    secret = secrets.token_urlsafe(24)
    trigger = Trigger(repository=repository, name=name.strip() or "trigger", hashed=_hash(secret))
    trigger.full_clean()
    trigger.save()
    return trigger, secret


@csrf_exempt
@require_POST
def call(request: HttpRequest, secret: str) -> JsonResponse:
    """Start builds: all that the rules make of `{"source_type": "branch", "source_name": "main"}`; of `{}`, of main.

    `{"docker_tag": "1.2"}` runs the last build of that tag again.
    """
    trigger = Trigger.objects.select_related("repository").filter(hashed=_hash(secret)).first()
    if trigger is None:
        return JsonResponse({"detail": "no such trigger"}, status=404)
    try:
        asked = json.loads(request.body or b"{}")
        asked = {key: _printable(value) for key, value in asked.items()}
    except (ValueError, AttributeError):
        return JsonResponse({"detail": "the body is not a JSON object"}, status=400)
    with transaction.atomic():
        last = trigger.calls.first()
        if last and timezone.now() - last.at < PAUSE:
            headers = {"Retry-After": str(round(PAUSE.total_seconds()))}
            detail = f"called less than {PAUSE.total_seconds():.0f} s ago"
            return JsonResponse({"detail": detail}, status=429, headers=headers)
        # Noted before it is done: of two calls at once, the second is too often.
        noted = trigger.calls.create(address=address_of(request), asked=json.dumps(asked)[:300])
    said = _start(trigger, asked)
    noted.result = "; ".join(said)[:200]
    noted.save(update_fields=["result"])
    oldest = list(trigger.calls.values_list("pk", flat=True)[_KEPT:])
    TriggerCall.objects.filter(pk__in=oldest).delete()
    return JsonResponse({"detail": said}, status=202)


def _start(trigger: Trigger, asked: dict[str, str]) -> list[str]:
    return builds.start(
        trigger.repository,
        kind=asked.get("source_type", "branch").lower(),
        ref=asked.get("source_name", "main"),
        tag=asked.get("docker_tag", ""),
        cause=f"trigger {trigger.name}",
    ).said


def _printable(value: object) -> str:
    """Text that git and SQLite take: no zero byte, no half of a surrogate pair."""
    return "".join(c for c in str(value)[:200] if c.isprintable())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
