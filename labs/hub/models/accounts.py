"""Accounts and their personal access tokens."""

from __future__ import annotations

import hashlib
import secrets
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

_PREFIX = "hub_pat_"  # as `dckr_pat_` of Docker Hub: a token that leaked is found by it


class Account(AbstractBaseUser):
    """One person or robot; its namespace has the same name."""

    username = models.CharField(max_length=30, unique=True)
    created = models.DateTimeField(auto_now_add=True)
    address = models.CharField(
        max_length=45, default="", db_index=True, help_text="where it signed up; for an hour"
    )
    served = models.DateTimeField(null=True, help_text="when a build of its namespaces last began")

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.username


class AccessToken(models.Model):
    """A personal access token. Its text is shown once, and only a hash of it is kept."""

    class Scope(models.TextChoices):
        """What it may do, at most; each includes the ones before."""

        PUBLIC_READ = "repo:public_read", "Read, public repositories only"
        READ = "repo:read", "Read"
        WRITE = "repo:write", "Read & Write"
        ADMIN = "repo:admin", "Read, Write & Delete"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=100)
    scope = models.CharField(max_length=20, choices=Scope.choices, default=Scope.READ)
    hashed = models.CharField(max_length=64, unique=True)
    active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)
    last_used = models.DateTimeField(null=True)

    class Meta:
        """Newest first."""

        ordering = ("-id",)

    @classmethod
    def make(cls, account: Account, label: str, scope: str) -> tuple[AccessToken, str]:
        """Make one; return it with its text, which cannot be read again."""
        text = _PREFIX + secrets.token_urlsafe(24)
        made = cls.objects.create(
            account=account, label=label, scope=scope, hashed=cls.hash_of(text)
        )
        return made, text

    @staticmethod
    def hash_of(text: str) -> str:
        """The hash that is kept. SHA-256 will do: the text is random, so there is nothing to guess."""
        return hashlib.sha256(text.encode()).hexdigest()

    @staticmethod
    def is_one(text: str) -> bool:
        """Whether a text has the form of a token, not of a password."""
        return text.startswith(_PREFIX)


class TokenUse(models.Model):
    """One use of an access token, for its log."""

    token = models.ForeignKey(AccessToken, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(auto_now_add=True)
    address = models.CharField(max_length=45)
    asked = models.CharField(max_length=300)

    class Meta:
        """Newest first."""

        ordering = ("-id",)


class FailedLogin(models.Model):
    """A wrong password or token, counted so that the next tries wait."""

    username = models.CharField(max_length=150)
    address = models.CharField(max_length=45, default="")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Looked up by name and time."""

        indexes: ClassVar = [models.Index(fields=["username", "at"])]
