"""The queue of builds. It is a table, so it survives a restart; what was running then is run again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from labs.hub.automation import git
from labs.hub.automation.build_rules import MATCH_S, tags_of_each
from labs.hub.automation.sources import source_of
from labs.hub.models import Account, Build, BuildRule, Namespace, Repository, Source

# Docker Hub's queue has 30 places; a build more than that is refused, and says so. For each namespace: no namespace
# fills the queue of another.
LONGEST_QUEUE = 30
_LOOKED_AT = 200
MOST_ATTEMPTS = 2
MOST_LOG = 1_000_000
# What is left out of the log is read all the same: without an end, the hub would do nothing else.
MOST_OUTPUT = 20 * MOST_LOG
# For all rules of a repository together: `git push` waits for them.
_MATCH_ALL_S = 5.0
_LONGEST_CAUSE = 200
_log = logging.getLogger("hub")
NOT_QUEUED = f"not queued: the same build waits already, or the queue of {LONGEST_QUEUE} is full"
CUT = "\n… the log is cut here: it has a million characters\n"


@dataclass
class Queued:
    """What was queued.

    Attributes:
        builds: The new builds.
        said: A line for each, and for what was not queued.
    """

    builds: list[Build] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def add(self, build: Build | None, text: str, otherwise: str) -> None:
        """Note a build, or that there is none."""
        if build:
            self.builds.append(build)
        self.said.append(f"build {build.pk} queued: {text}" if build else otherwise)


@dataclass(frozen=True)
class Pushed:
    """A branch or tag of a source.

    Attributes:
        kind: `branch` or `tag`.
        ref: Its name.
        commit: Its commit.
    """

    kind: str
    ref: str
    commit: str


Asked = list[tuple[Pushed, list[dict[str, Any]]]]


def asked_by(source: Source, pushed: Sequence[Pushed], *, all_rules: bool = False) -> Asked:
    """What the rules make of a push, as values of builds. It may take seconds: not in a transaction.

    Args:
        source: Where it is.
        pushed: Branches and tags.
        all_rules: With the rules that a push does not start: a person or a trigger has asked.
    """
    made: dict[Pushed, list[dict[str, Any]]] = {each: [] for each in pushed}
    rules = source.repository.rules.all() if source.repository else BuildRule.objects.none()
    until = time.monotonic() + _MATCH_ALL_S
    for rule in rules if all_rules else rules.filter(autobuild=True):
        of_kind = {each.ref: each for each in pushed if each.kind == rule.kind}
        within_s = min(MATCH_S, until - time.monotonic())
        for ref, tags in tags_of_each(rule, rule.kind, of_kind, within_s=within_s).items():
            values = {name: getattr(rule, name) for name in ("dockerfile", "context", "caching")}
            made[of_kind[ref]].append({"tags": tags, **values})
    messages: dict[str, str] = {}
    for each, builds in made.items():
        # More of them have no place in the queue.
        if builds and len(messages) < LONGEST_QUEUE and each.commit not in messages:
            messages[each.commit] = git.message_of(source, each.commit)
        for values in builds:
            values["message"] = messages.get(each.commit, "")
    return list(made.items())


def queue_asked(source: Source, asked: Asked, *, cause: str = "") -> Queued:
    """Queue what was asked for.

    Args:
        source: Where it is.
        asked: By `asked_by`.
        cause: Why, other than a push.
    """
    queued = Queued()
    if source.repository is None:
        if asked:
            queued.said.append(f"{source} is linked to no repository, so nothing is built")
        return queued
    for pushed, builds in asked:
        ref = {"kind": pushed.kind, "ref": pushed.ref, "commit": pushed.commit}
        for values in builds:
            why = (cause or f"push of {pushed.kind} {pushed.ref}")[:_LONGEST_CAUSE]
            build = _add(source.repository, **ref, **values, cause=why)
            names = ", ".join(f"{source.repository}:{tag}" for tag in values["tags"])
            queued.add(build, names, "the queue is full: not built")
        if not builds:
            queued.said.append(f"no rule matches {pushed.kind} {pushed.ref}")
    return queued


def start(
    repository: Repository, *, kind: str = "branch", ref: str = "main", tag: str = "", cause: str
) -> Queued:
    """Queue what a person or a trigger asks for: what all rules make of a branch or tag of the source.

    Args:
        repository: What to build.
        kind: `branch` or `tag`.
        ref: Its name.
        tag: Instead of those: run the last build of this tag of the image again.
        cause: Who asked.
    """
    queued = Queued()
    if tag:
        latest = (each for each in repository.builds.defer("log")[:100] if tag in each.tags)
        if build := next(latest, None):
            queued.add(retry(build, cause=cause), f"{repository}:{tag}", NOT_QUEUED)
        else:
            queued.said.append(f"no build has made the tag {tag}")
        return queued
    source = source_of(repository)
    if source is None:
        queued.said.append(f"{repository} has no source: link a git repository")
    elif kind not in BuildRule.Kind.values:
        queued.said.append(f"source_type: branch or tag; got {kind!r}")
    elif not (commit := git.resolve(source, kind, ref)):
        queued.said.append(f"{source} has no {kind} {ref}")
    else:
        asked = asked_by(source, [Pushed(kind, ref, commit)], all_rules=True)
        return queue_asked(source, asked, cause=cause)
    return queued


def queue_again(repository: Repository, *, cause: str) -> list[Build]:
    """Queue each rule's last build once more, without the cache: its base has changed."""
    latest: dict[tuple[str, ...], Build] = {}
    # Without the logs: hundreds of them would not fit into memory.
    for build in repository.builds.exclude(state=Build.State.CANCELED).defer("log")[:_LOOKED_AT]:
        latest.setdefault(tuple(build.tags), build)
    return [again for each in latest.values() if (again := retry(each, cause=cause, caching=False))]


def retry(build: Build, *, cause: str, caching: bool | None = None) -> Build | None:
    """Queue a build once more; None if the queue is full or the same waits already."""
    waiting = build.repository.builds.filter(state=Build.State.PENDING, commit=build.commit)
    if any(each.tags == build.tags for each in waiting):
        return None
    same = ("kind", "ref", "commit", "message", "tags", "dockerfile", "context")
    values = {name: getattr(build, name) for name in same}
    caching = build.caching if caching is None else caching
    return _add(build.repository, **values, caching=caching, cause=cause)


def _add(repository: Repository, **values: object) -> Build | None:
    with transaction.atomic():
        waiting = Build.objects.filter(
            state=Build.State.PENDING, repository__namespace=repository.namespace
        )
        if waiting.count() >= LONGEST_QUEUE:
            _log.warning("%s: not built, the queue of %s is full", repository, repository.namespace)
            return None
        return Build.objects.create(repository=repository, **values)


def next_build() -> Build | None:
    """Take a build that waits, as running: of who was served least lately, the oldest.

    Accounts take turns, each with all namespaces that it has founded: one that makes an organization for each build is
    served no sooner. Then the namespaces of an account take turns.
    """
    turns = ("repository__namespace__founder__served", "repository__namespace__served")
    with transaction.atomic():
        build = (
            Build.objects.filter(state=Build.State.PENDING)
            .select_related("repository__namespace")
            .order_by(*(F(turn).asc(nulls_first=True) for turn in turns), "id")
            .first()
        )
        if build:
            build.state, build.started = Build.State.RUNNING, timezone.now()
            build.attempts += 1
            build.save(update_fields=["state", "started", "attempts"])
            space = build.repository.namespace
            # Kept with them and not found in the builds: these go with a repository that is deleted.
            Namespace.objects.filter(pk=space.pk).update(served=build.started)
            Account.objects.filter(founded=space).update(served=build.started)
    return build


def put_back() -> int:
    """At the start: what was running when the hub was killed waits again. Return how many.

    Not a third time: a build that ends the hub would end it for ever.
    """
    running = Build.objects.filter(state=Build.State.RUNNING)
    running.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=Build.State.FAILED, ended=timezone.now(), log="the hub ended twice during this build"
    )
    return running.update(state=Build.State.PENDING, started=None, log="")


def cancel(build: Build) -> bool:
    """Cancel a build that waits or runs; whether it did."""
    return bool(
        Build.objects.filter(
            pk=build.pk, state__in=[Build.State.PENDING, Build.State.RUNNING]
        ).update(state=Build.State.CANCELED, ended=timezone.now())
    )


def end(build: Build, error: str, digest: str = "") -> None:
    """Note how a build ended; one that was canceled meanwhile stays that."""
    state = Build.State.FAILED if error else Build.State.SUCCESS
    Build.objects.filter(pk=build.pk, state=Build.State.RUNNING).update(
        state=state, ended=timezone.now(), digest=digest
    )


class BuildLog:
    """The log of a running build: written to the table some times a second, at most a million characters.

    Attributes:
        stop: Why the build is to be ended; empty while it may go on.
    """

    def __init__(self, build: Build) -> None:
        self._build, self.stop = build, ""
        self._parts: list[str] = []
        self._length, self._said, self._written = 0, 0, 0.0
        self._parts_written, self._lock = 0, threading.Lock()

    def add(self, text: str) -> None:
        """Add a part; what is too much is left out, and a last line says so."""
        self._said += len(text)
        if self._said > MOST_OUTPUT:
            self.stop = f"more than {MOST_OUTPUT // 1_000_000} million characters of output"
        if self._length >= MOST_LOG:
            return
        room = MOST_LOG - self._length
        self._length += len(text)
        self._parts.append(text if len(text) < room else text[:room] + CUT)
        if self._is_time():
            self.write()

    def close(self, text: str) -> None:
        """Add why the build failed, also to a log that is cut."""
        self._length = MOST_LOG
        self._parts.append(text)

    def write(self) -> None:
        """Write what there is."""
        with self._lock:  # an older text must not be written over a newer one
            self._written, self._parts_written = time.monotonic(), len(self._parts)
            Build.objects.filter(pk=self._build.pk).update(log="".join(self._parts))

    def write_rest(self) -> None:
        """Write what came too soon after the last time, now that the build says nothing more."""
        if len(self._parts) > self._parts_written and self._is_time():
            self.write()

    def _is_time(self) -> bool:
        # A long log is written again whole, and each time waits for the disk.
        every_s = 0.3 if self._length < 100_000 else 2.0
        return time.monotonic() - self._written >= every_s

    def is_canceled(self) -> bool:
        """Whether someone has canceled the build."""
        return Build.objects.filter(pk=self._build.pk, state=Build.State.CANCELED).exists()
