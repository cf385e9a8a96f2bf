"""What follows a push: webhooks, and builds of repositories that are linked to this one."""

from __future__ import annotations

from labs.hub.automation import links, webhooks
from labs.hub.models import Tag


def after_push(tag: Tag, *, changed: bool) -> None:
    """Queue what follows. In the push's own transaction: it is noted with the push, or neither is.

    Args:
        tag: As it is now.
        changed: Whether it has another image than before. Webhooks tell each push, as Docker Hub's do; a
            linked repository is built again only for another image.
    """
    webhooks.queue(tag)
    if changed:
        links.queue(tag)
