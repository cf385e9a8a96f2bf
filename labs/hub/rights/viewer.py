"""Who sees a page: what every page asks first."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from labs.hub.models import Account, Level, Namespace, Repository
from labs.hub.rights.access import Caller, at_least, find, is_member, is_owner


def account_of(request: HttpRequest) -> Account | None:
    """Who is logged in; None for a stranger."""
    user = request.user
    return user if isinstance(user, Account) else None


def person_of(request: HttpRequest) -> Account:
    """Who is logged in, on a page that wants a login.

    Raises:
        Http404: A stranger.
    """
    account = account_of(request)
    if account is None:
        raise Http404("no account is logged in")
    return account


def repository_for(request: HttpRequest, path: str, level: str = Level.READ) -> Repository:
    """The repository of a page.

    Raises:
        Http404: There is none, or who asks may not do this here. Both read alike: a name of a private repository is
            not told either.
    """
    repository = find(path)
    if repository is None or not at_least(Caller(account_of(request)), repository, level):
        raise Http404(f"no repository {path}, or not for you")
    return repository


def space_for(request: HttpRequest, name: str, *, owner: bool = False) -> Namespace:
    """The namespace of a page.

    Raises:
        Http404: There is none, or its page is for owners.
    """
    space = Namespace.objects.select_related("account").filter(name=name).first()
    if space is None or (owner and not is_owner(account_of(request), space)):
        raise Http404(f"no account or organization {name}, or not for you")
    return space


def number_of(request: HttpRequest, name: str = "number") -> int:
    """The number in a field of a form; 0, which nothing has, for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def visible(account: Account | None) -> QuerySet[Repository]:
    """The repositories that an account may know of, in one question to the database."""
    may = Q(private=False)
    if account is not None:
        may |= Q(namespace__account=account)
        may |= Q(collaborators__account=account)
        may |= Q(namespace__memberships__in=account.memberships.filter(role="owner"))
        may |= Q(
            permissions__team__members=account,
            namespace__memberships__account=account,
        )
    return Repository.objects.filter(may).select_related("namespace").distinct()


def spaces_of(account: Account) -> Iterable[Namespace]:
    """The namespaces in which an account may make repositories: its own, and of organizations that it owns."""
    return Namespace.objects.filter(
        Q(account=account) | Q(memberships__account=account, memberships__role="owner")
    ).distinct()


def sees_members(account: Account | None, space: Namespace) -> bool:
    """Whether an account may see who is in an organization: its members alone."""
    return space.is_organization and is_member(account, space)


def hub_name(_request: HttpRequest) -> dict[str, str]:
    """For all pages: the name by which engines call the hub, whatever the browser calls it."""
    return {"hub_name": settings.HOSTS[0]}
