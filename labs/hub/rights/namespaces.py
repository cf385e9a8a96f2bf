"""Making accounts, organizations and repositories: each step whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import urllib3
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from labs.hub import names, registry_reader
from labs.hub.error_text import CONFLICT
from labs.hub.models import AccessToken, Account, Membership, Namespace, PushedImage, Repository
from labs.hub.rights.credentials import TooManyTries, pause_s

# A class behind one address signs up within minutes. A program that makes accounts gets some hundred an hour.
_FREE_ACCOUNTS = 100
_ACCOUNTS_WINDOW = timedelta(hours=1)


def sign_up(username: str, password: str, *, address: str = "") -> Account:
    """Make an account and its namespace.

    Args:
        username: Its name.
        password: Its password.
        address: Where the request came from; empty for what no client asked for.

    Raises:
        ValidationError: The name is not one, or taken; the password is too short.
        TooManyTries: Too many accounts were made from this address.
    """
    names.check_space(username)
    try:
        validate_password(password)
    except ValidationError as error:
        raise ValidationError({"password": error}) from error
    if AccessToken.is_one(password):
        raise ValidationError({"password": "an access token begins like that: choose another one"})
    with _unless_taken(username):
        account = Account.objects.create(username=username, address=address)
        Namespace.objects.create(name=username, account=account, founder=account)
        # After the name: that it is taken is always told, and a password is hashed only for an account that is made.
        _check_address(account)
        account.set_password(password)
        account.save()
    return account


def found_organization(name: str, owner: Account) -> Namespace:
    """Make an organization with its first owner.

    Raises:
        ValidationError: The name is not one, or taken.
    """
    names.check_space(name)
    with _unless_taken(name):
        made = Namespace.objects.create(name=name, founder=owner)
        Membership.objects.create(organization=made, account=owner, role=Membership.Role.OWNER)
    return made


def add_repository(space: Namespace, name: str, **values: Any) -> Repository:
    """Make a repository with the fields of a `Repository`; without `private`, with the namespace's default.

    Raises:
        ValidationError: The name is not one, or there is a repository of that name; a text is too long.
    """
    names.check_repository(name)
    values = {"private": space.default_private, **values}
    with transaction.atomic():
        if space.repositories.filter(name=name).exists():
            raise ValidationError(
                "%(path)s is there already", code=CONFLICT, params={"path": f"{space}/{name}"}
            )
        made = Repository(namespace=space, name=name, **values)
        made.full_clean()
        made.save()
    return made


def make_repository(space: Namespace, name: str, *, private: bool | None = None) -> Repository:
    """Return a repository of a namespace, made with the namespace's default if it is not there.

    Raises:
        ValidationError: The name is not one.
    """
    names.check_repository(name)
    default = space.default_private if private is None else private
    return space.repositories.get_or_create(name=name, defaults={"private": default})[0]


def remove_repository(repository: Repository) -> None:
    """Delete a repository with all of its images, in the registry first: what is left can be deleted again.

    Raises:
        ValidationError: The registry has not deleted an image. What it keeps would be found at the next start, and be a
            new repository, with the visibility of one.
    """
    path = str(repository)
    digests = set(repository.images.values_list("digest", flat=True))
    try:
        # Those of which the hub was not told yet, too.
        digests |= {registry_reader.digest_of(path, tag) for tag in registry_reader.tags(path)}
        answers = {digest: registry_reader.delete(path, digest) for digest in digests - {""}}
    except urllib3.exceptions.HTTPError as error:
        raise ValidationError(f"{path} is still there: the registry does not answer") from error
    for digest, status in answers.items():
        if status not in (202, 404):
            raise ValidationError(
                f"{path} is still there: for {digest[:19]} the registry answers {status}"
            )
    repository.delete()


def remove_image(image: PushedImage) -> None:
    """Delete an image with all of its tags, in the registry; its event then changes the tables.

    Raises:
        ValidationError: The registry refuses.
    """
    status = registry_reader.delete(str(image.repository), image.digest)
    # 404: it is not there any more, and the event of that was lost.
    if status not in (202, 404):
        raise ValidationError(f"the registry answers {status}", code=CONFLICT)
    image.delete()


def forget_addresses() -> None:
    """Forget where accounts came from that are no longer counted."""
    Account.objects.exclude(address="").exclude(**_counted()).update(address="")


def _check_address(account: Account) -> None:
    same = Account.objects.filter(address=account.address, **_counted()).exclude(pk=account.pk)
    if account.address and (wait_s := pause_s(same, "created", free=_FREE_ACCOUNTS)):
        raise TooManyTries("new accounts from this address", wait_s)


def _counted() -> dict[str, datetime]:
    return {"created__gt": timezone.now() - _ACCOUNTS_WINDOW}


@contextmanager
def _unless_taken(name: str) -> Iterator[None]:
    """A transaction in which a name that is there already is an error of who chose it."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError("%(name)r is taken", code=CONFLICT, params={"name": name}) from error
