"""The hub as an application of Django: its models have the label `hub`."""

from __future__ import annotations

from django.apps import AppConfig


class HubApp(AppConfig):
    """Named by settings."""

    name = "labs.hub"
    label = "hub"
