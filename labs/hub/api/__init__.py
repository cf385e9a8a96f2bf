"""The hub's API: Docker Hub's documented paths and JSON, and below them this hub's own for builds, triggers and webhooks."""

from labs.hub.api.openapi import document
from labs.hub.api.routes import OPERATIONS, urlpatterns

__all__ = ["OPERATIONS", "document", "urlpatterns"]
