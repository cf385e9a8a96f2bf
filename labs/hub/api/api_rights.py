"""What handlers ask first: who calls, and whether the namespace, organization or repository is for them.

What a caller may not know of is 404, as if it were not there. What they see and may not change is 403.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Manager, Model
from django.http import Http404

from labs.hub.api.api_session import ApiRequest
from labs.hub.api.refusal import Refused
from labs.hub.models import AccessToken, Account, Level, Namespace, Repository
from labs.hub.rights.access import Caller, at_least, find, is_member, is_owner, level

_LOG_IN = "log in for this: POST /v2/auth/token, then Authorization: Bearer with its access_token"
_WITH_PASSWORD = (
    "this takes a login with the password: an access token manages no tokens and no organizations"
)
_SCOPE_FOR = {
    Level.READ: AccessToken.Scope.READ,
    Level.WRITE: AccessToken.Scope.WRITE,
    Level.ADMIN: AccessToken.Scope.ADMIN,
}


def account_for(request: ApiRequest) -> Account:
    """Who calls, with a password or an access token."""
    if request.caller.account is None:
        raise Refused(401, _LOG_IN)
    return request.caller.account


def person_for(request: ApiRequest) -> Account:
    """Who calls with a password: an access token could make itself a larger one."""
    account = account_for(request)
    if request.caller.token is not None:
        raise Refused(403, _WITH_PASSWORD)
    return account


def account_named(name: str) -> Account:
    """The account of a name."""
    found = Account.objects.filter(username=name).first()
    if found is None:
        raise Http404(f"no account {name[:100]!r}")
    return found


def owned_space(request: ApiRequest, name: str) -> Namespace:
    """A namespace that the caller owns, with a token of the scope for that."""
    account, token = account_for(request), request.caller.token
    found = Namespace.objects.filter(name=name).first()
    if found is None or not is_owner(account, found):
        raise Http404(f"no namespace {name[:100]!r}, or not yours")
    if token is not None and token.scope != AccessToken.Scope.ADMIN:
        raise Refused(403, f"the access token has {token.scope}, wanted repo:admin")
    return found


def organization_for(request: ApiRequest, name: str, *, owner: bool = False) -> Namespace:
    """An organization that the caller is in, or owns."""
    person = person_for(request) if owner else account_for(request)
    found = Namespace.objects.filter(name=name, account=None).first()
    if found is None or not is_member(person, found):
        raise Http404(f"no organization {name[:100]!r}, or you are not in it")
    if owner and not is_owner(person, found):
        raise Refused(403, f"only an owner of {found} does this; you are a member")
    return found


def repository_seen(
    request: ApiRequest, namespace: str, repository: str, wanted: str = Level.READ
) -> Repository:
    """A repository in which the caller has a level."""
    caller = request.caller
    found = find(f"{namespace}/{repository}")
    if found is None or not at_least(caller, found, Level.READ):
        raise Http404(f"no repository {f'{namespace}/{repository}'[:240]!r}, or not for you")
    if not at_least(caller, found, wanted):
        raise _too_little(caller, found, wanted)
    return found


def row_of(rows: Manager[Any], text: str, noun: str) -> Any:
    """The row with a number, as it is in a path."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    found: Model | None = rows.filter(pk=number).first()
    if found is None:
        raise Http404(f"no {noun} {text[:100]!r} here")
    return found


def _too_little(caller: Caller, repository: Repository, wanted: str) -> Refused:
    if caller.account is None:
        return Refused(401, _LOG_IN)
    own = level(caller.account, repository)
    if caller.token is not None and at_least(Caller(caller.account), repository, wanted):
        scope = _SCOPE_FOR[Level(wanted)]
        return Refused(403, f"the access token has {caller.token.scope}, wanted {scope}")
    return Refused(403, f"you have {own} in {repository}, wanted {wanted}")
