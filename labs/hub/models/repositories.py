"""Repositories with what the registry told about their images: so that a page of 1000 tags need not ask it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from labs.hub.models.accounts import AccessToken, Account
from labs.hub.models.spaces import Level, Namespace, Team


class Repository(models.Model):
    """One repository: `acme/app`."""

    namespace = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="repositories")
    name = models.CharField(max_length=200)
    private = models.BooleanField(default=False)
    description = models.CharField(max_length=100, blank=True)
    full_description = models.TextField(max_length=25_000, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)
    pulls = models.PositiveIntegerField(default=0)

    class Meta:
        """A name once in each namespace."""

        unique_together = (("namespace", "name"),)
        ordering = ("namespace__name", "name")

    def __str__(self) -> str:
        return f"{self.namespace.name}/{self.name}"


class Collaborator(models.Model):
    """Someone who may pull from and push to a personal repository; organizations have teams instead."""

    repository = models.ForeignKey(
        Repository, on_delete=models.CASCADE, related_name="collaborators"
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE)

    class Meta:
        """Once for each repository."""

        unique_together = (("repository", "account"),)


class TeamPermission(models.Model):
    """What a team may do in one repository of its organization."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="permissions")
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="permissions")
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.READ)

    class Meta:
        """One level for each team and repository."""

        unique_together = (("team", "repository"),)


class PushedImage(models.Model):
    """A manifest or an index that was pushed, by digest."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="images")
    digest = models.CharField(max_length=140)
    media_type = models.CharField(max_length=120)
    size = models.BigIntegerField(
        null=True, help_text="bytes of config and layers, of an index of all its images"
    )
    platforms = models.JSONField(default=list)
    layers = models.JSONField(default=list)
    manifests = models.JSONField(
        default=list, help_text="digest, platform, size of an index's images"
    )
    pushed = models.DateTimeField()
    pusher = models.CharField(max_length=30, blank=True)

    class Meta:
        """One row for each digest of a repository."""

        unique_together = (("repository", "digest"),)


class Tag(models.Model):
    """A tag, and its image."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="tags")
    image = models.ForeignKey(PushedImage, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=128)
    pushed = models.DateTimeField()
    pusher = models.CharField(max_length=30, blank=True)
    pushed_with = models.ForeignKey(
        AccessToken,
        null=True,
        on_delete=models.SET_NULL,
        help_text="the access token that the pusher gave instead of a password",
    )

    class Meta:
        """The one that was pushed last comes first."""

        unique_together = (("repository", "name"),)
        ordering = ("-pushed", "name")
        indexes: ClassVar = [models.Index(fields=["repository", "-pushed"])]
