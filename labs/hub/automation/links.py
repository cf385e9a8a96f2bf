"""Repository links: an image is built again when the image that it is built on has changed."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from labs.hub.error_text import CONFLICT
from labs.hub.models import Account, Repository, RepositoryLink, Tag
from labs.hub.rights.access import find
from labs.hub.rights.viewer import visible


def link(repository: Repository, base: Repository) -> RepositoryLink:
    """Build `repository` again whenever `base` gets a new image.

    Raises:
        ValidationError: That would build for ever; the message names the way around.
    """
    with transaction.atomic():
        if way := _way(base, repository):
            circle = " → ".join(str(each) for each in [repository, *way])
            raise ValidationError(
                "a circle, which would build for ever: %(way)s",
                code=CONFLICT,
                params={"way": circle},
            )
        return RepositoryLink.objects.get_or_create(repository=repository, base=base)[0]


def link_named(repository: Repository, path: str, *, by: Account | None) -> RepositoryLink:
    """Link a repository to the base of a name, which `by` has to know of.

    Raises:
        ValidationError: There is no such repository, or that would build for ever.
    """
    base = find(path)
    if base is None or not visible(by).filter(pk=base.pk).exists():
        raise ValidationError(
            "no repository %(path)r, such as acme/base, or not for you", params={"path": path}
        )
    return link(repository, base)


def queue(tag: Tag) -> None:
    """Queue the builds of what is linked to a tag's repository."""
    from labs.hub.automation.builds import queue_again

    for each in RepositoryLink.objects.filter(base=tag.repository).select_related(
        "repository__namespace"
    ):
        # Who reads the builds of a public repository may not know the name of its private base.
        base = "its base" if tag.repository.private else f"{tag.repository}:{tag.name}"
        queue_again(each.repository, cause=f"{base} was pushed")


def _way(start: Repository, goal: Repository) -> list[Repository]:
    """The repositories from `start` to `goal`, each built on the next; empty if there is no such way."""
    ways, seen = [[start]], {start.pk}
    while ways:
        way = ways.pop(0)
        if way[-1].pk == goal.pk:
            return way
        for each in way[-1].links.select_related("base__namespace"):
            if each.base_id not in seen:
                seen.add(each.base_id)
                ways.append([*way, each.base])
    return []
