"""Namespaces: the first part of a repository's name, of an account or of an organization with members and teams."""

from __future__ import annotations

from django.db import models

from labs.hub.models.accounts import Account


class Level(models.TextChoices):
    """What someone may do in a repository; each includes the ones before."""

    READ = "read", "Read"
    WRITE = "write", "Read & Write"
    ADMIN = "admin", "Admin"


class Namespace(models.Model):
    """`ada` in `ada/tool`, `acme` in `acme/app`: all names are in one table, so no organization has an account's."""

    name = models.CharField(max_length=30, unique=True)
    account = models.OneToOneField(
        Account, null=True, on_delete=models.CASCADE, related_name="namespace"
    )
    founder = models.ForeignKey(
        Account, null=True, on_delete=models.SET_NULL, related_name="founded"
    )
    default_private = models.BooleanField(default=False)
    served = models.DateTimeField(null=True, help_text="when a build in it last began")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """By name."""

        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def is_organization(self) -> bool:
        """Whether it has members instead of one account."""
        return self.account_id is None


class Membership(models.Model):
    """An account in an organization."""

    class Role(models.TextChoices):
        """A member sees what its teams may; an owner may everything."""

        MEMBER = "member", "Member"
        OWNER = "owner", "Owner"

    organization = models.ForeignKey(
        Namespace, on_delete=models.CASCADE, related_name="memberships"
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)

    class Meta:
        """Once in each organization."""

        unique_together = (("organization", "account"),)
        ordering = ("account__username",)


class Team(models.Model):
    """Members of an organization that get permissions together; the Hub's API calls it a group."""

    organization = models.ForeignKey(Namespace, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=30)
    members = models.ManyToManyField(Account, related_name="teams")

    class Meta:
        """Once in each organization."""

        unique_together = (("organization", "name"),)
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
