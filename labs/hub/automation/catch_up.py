"""Compares a source with what the hub has seen of it, and queues builds for what is new.

The hook asks for that after each push, and the hub at each start: a push whose hook was cut off is built then.
"""

from __future__ import annotations

import logging

from django.db import transaction

from labs.hub.automation import builds, git
from labs.hub.models import Source

_KINDS = {"heads": "branch", "tags": "tag"}
_TRIES = 5
_log = logging.getLogger("hub")


def catch_up(source: Source) -> list[str]:
    """Queue builds for each branch and tag that has moved; return lines for who pushed."""
    for _ in range(_TRIES):
        seen = _seen(source)
        now = git.refs_of(source)
        # Outside of the transaction: rules may take seconds, and nobody could write to the database meanwhile.
        asked = builds.asked_by(source, _moved(seen, now))
        with transaction.atomic():
            # Another push may have been looked at meanwhile: what it has queued is not queued again.
            if _seen(source) == seen:
                Source.objects.filter(pk=source.pk).update(refs=now)
                return builds.queue_asked(source, asked).said
    return ["too many pushes at once: the next one queues the builds of this"]


def catch_up_all() -> int:
    """At the start; return how many builds were queued."""
    linked = Source.objects.exclude(repository=None)
    queued = 0
    for each in linked.select_related("repository__namespace", "namespace"):
        try:
            queued += sum(line.startswith("build ") for line in catch_up(each))
        except Exception:  # one source that cannot be read keeps no other from being looked at
            _log.exception("%s cannot be compared with what was built", each)
    return queued


def _seen(source: Source) -> dict[str, str]:
    seen: dict[str, str] = Source.objects.values_list("refs", flat=True).get(pk=source.pk)
    return seen


def _moved(seen: dict[str, str], now: dict[str, str]) -> list[builds.Pushed]:
    parts = [(ref.split("/", 2), commit) for ref, commit in now.items() if seen.get(ref) != commit]
    return [builds.Pushed(_KINDS[group], name, commit) for (_, group, name), commit in parts]
