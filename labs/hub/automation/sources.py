"""Which git repository of the hub a repository is built from."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from labs.hub import names
from labs.hub.automation import git
from labs.hub.error_text import CONFLICT
from labs.hub.models import Account, Repository, Source
from labs.hub.rights.access import is_owner


def source_of(repository: Repository) -> Source | None:
    """The git repository of a repository; None if it has none."""
    return Source.objects.select_related("namespace").filter(repository=repository).first()


def link_source(repository: Repository, name: str, *, by: Account) -> Source:
    """Build a repository from the git repository of a name, which is made if it is not there.

    Raises:
        ValidationError: The name is not one, or the git repository is not for this.
    """
    names.check_source(name)
    space = repository.namespace
    with transaction.atomic():
        source, made = Source.objects.get_or_create(namespace=space, name=name)
        if source.repository_id not in (None, repository.pk):
            raise ValidationError(f"{source} makes another repository", code=CONFLICT)
        if not made and source.repository_id is None and not is_owner(by, space):
            # It may hold the code of a repository that is private to others.
            raise ValidationError(
                f"{source} is there already: only an owner of {space} links it", code=CONFLICT
            )
        unlink_source(repository, but=source)
        source.repository = repository
        source.save()
    git.init(source)
    return source


def unlink_source(repository: Repository, *, but: Source | None = None) -> int:
    """Build a repository from its source no more; what was pushed to git stays. Return how many were linked."""
    linked = Source.objects.filter(repository=repository)
    return linked.exclude(pk=but.pk if but else 0).update(repository=None)
