"""Compares a source with what the hub has seen of it, and queues builds for what is new.

The hook asks for that after each push, and the hub at each start: a push whose hook was cut off is built then.
"""

from __future__ import annotations

from django.db import transaction

from labs.hub import builds, git
from labs.hub.models import Source

_KINDS = {"heads": "branch", "tags": "tag"}


def catch_up(source: Source) -> list[str]:
    """Queue builds for each branch and tag that has moved; return lines for who pushed."""
    with transaction.atomic():
        seen = Source.objects.values_list("refs", flat=True).get(pk=source.pk)
        now = git.refs_of(source)
        said: list[str] = []
        for ref, commit in now.items():
            if seen.get(ref) != commit:
                _, group, name = ref.split("/", 2)
                said += builds.queue_ref(source, _KINDS[group], name, commit).said
        Source.objects.filter(pk=source.pk).update(refs=now)
    return said


def catch_up_all() -> int:
    """At the start; return how many builds were queued."""
    linked = Source.objects.exclude(repository=None)
    sources = linked.select_related("repository__namespace", "namespace")
    return sum(line.startswith("build ") for each in sources for line in catch_up(each))
