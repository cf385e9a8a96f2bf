"""What happens by itself: sources with build rules, builds, links, triggers and webhooks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from labs.hub.models.repositories import Repository
from labs.hub.models.spaces import Namespace


class Source(models.Model):
    """A git repository of the hub, at `/git/<namespace>/<name>.git`."""

    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=100)
    repository = models.OneToOneField(
        Repository, null=True, on_delete=models.SET_NULL, related_name="source"
    )

    refs = models.JSONField(default=dict, help_text="branches and tags that builds were queued for")

    class Meta:
        """A name once in each namespace."""

        unique_together = (("namespace", "name"),)

    def __str__(self) -> str:
        return f"{self.namespace.name}/{self.name}"


class BuildRule(models.Model):
    """Which pushes to git make which tag, as Docker Hub's build rules."""

    class Kind(models.TextChoices):
        """What is pushed."""

        BRANCH = "branch", "Branch"
        TAG = "tag", "Tag"

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.BRANCH)
    source = models.CharField(
        max_length=200, help_text="a name, or a regular expression between slashes"
    )
    tag = models.CharField(
        max_length=200,
        help_text=r"with commas between several; {\1} is the first group, {sourceref} the name",
    )
    dockerfile = models.CharField(max_length=200, default="Dockerfile")
    context = models.CharField(max_length=200, default="/")
    autobuild = models.BooleanField(default=True)
    caching = models.BooleanField(default=True)

    class Meta:
        """In the order in which they were made."""

        ordering = ("id",)


class Build(models.Model):
    """One build: what was asked for, and how it went."""

    class State(models.TextChoices):
        """Docker Hub's words."""

        PENDING = "pending", "Pending"
        RUNNING = "in progress", "In progress"
        SUCCESS = "successful", "Successful"
        FAILED = "failed", "Failed"
        CANCELED = "canceled", "Canceled"

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="builds")
    kind = models.CharField(max_length=10)
    ref = models.CharField(max_length=200)
    commit = models.CharField(max_length=64)
    message = models.CharField(max_length=500, blank=True)
    tags = models.JSONField(default=list)
    dockerfile = models.CharField(max_length=200)
    context = models.CharField(max_length=200)
    caching = models.BooleanField(default=True)
    cause = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=State.choices, default=State.PENDING)
    log = models.TextField(blank=True)
    digest = models.CharField(max_length=140, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    queued = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)

    class Meta:
        """Newest first."""

        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=["state", "id"])]

    @property
    def is_running(self) -> bool:
        """Whether it has not ended: its log may grow."""
        return self.state in (self.State.PENDING, self.State.RUNNING)

    @property
    def seconds(self) -> float | None:
        """How long it took; None before it ended."""
        if not (self.started and self.ended):
            return None
        return (self.ended - self.started).total_seconds()


class RepositoryLink(models.Model):
    """`repository` is built again when `base` gets a new image."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="links")
    base = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="dependents")

    class Meta:
        """Once for each pair."""

        unique_together = (("repository", "base"),)


class Trigger(models.Model):
    """A URL with a secret that starts builds; only a hash of the secret is kept."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="triggers")
    name = models.CharField(max_length=100)
    hashed = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(auto_now_add=True)


class TriggerCall(models.Model):
    """One call of a trigger; the last ten are shown."""

    trigger = models.ForeignKey(Trigger, on_delete=models.CASCADE, related_name="calls")
    at = models.DateTimeField(auto_now_add=True)
    address = models.CharField(max_length=45)
    asked = models.CharField(max_length=300)
    result = models.CharField(max_length=200)

    class Meta:
        """Newest first."""

        ordering = ("-id",)


class Webhook(models.Model):
    """Where to tell that a tag was pushed. The secret signs, so it has to be kept as it is."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now_add=True)


class Delivery(models.Model):
    """One payload for one webhook, sent until it is taken or given up."""

    class Outcome(models.TextChoices):
        """Waiting includes the pause before another try."""

        WAITING = "waiting", "Waiting"
        DELIVERED = "delivered", "Delivered"
        GIVEN_UP = "given up", "Given up"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    payload = models.TextField()
    state = models.CharField(max_length=20, choices=Outcome.choices, default=Outcome.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField()
    status = models.PositiveIntegerField(null=True)
    response = models.CharField(max_length=1000, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=["state", "next_try"])]
