"""The hub's API: paths and JSON as Docker Hub documents them, and this hub's own for builds, triggers and webhooks."""

from labs.hub.api.openapi import document
from labs.hub.api.routes import OPERATIONS, urlpatterns

__all__ = ["OPERATIONS", "document", "urlpatterns"]
