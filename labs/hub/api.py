"""The part of Docker Hub's documented API that this hub has: the same paths and the same JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.urls import path as at
from django.urls import re_path

from labs.hub import api_session, names
from labs.hub.access import Caller, at_least, find, is_member, is_owner
from labs.hub.api_session import PATH, QUERY, Refused, endpoint
from labs.hub.models import AccessToken, Account, Level, Namespace, Repository, Tag, Team
from labs.hub.namespaces import make_repository, remove_repository
from labs.hub.viewer import visible

_PAGE = 100
_BODY = dict[str, Any]


def list_repositories(caller: Caller, body: _BODY, space: str) -> HttpResponse:
    """`GET /v2/namespaces/{namespace}/repositories` with page and page_size."""
    found = visible(caller.account).filter(namespace__name=space)
    if caller.token is not None and caller.token.scope == AccessToken.Scope.PUBLIC_READ:
        found = found.filter(private=False)
    return _page(found, _repository, body)


def create_repository(caller: Caller, body: _BODY, space: str) -> HttpResponse:
    """`POST /v2/namespaces/{namespace}/repositories` with name, description, is_private."""
    owned = _owned(caller, space)
    name = str(body.get("name", ""))
    names.check_repository(name)
    if owned.repositories.filter(name=name).exists():
        raise Refused(409, f"{space}/{name} is there already")
    made = make_repository(owned, name, private=bool(body.get("is_private", owned.default_private)))
    made.description = str(body.get("description", ""))[:100]
    made.full_description = str(body.get("full_description", ""))[:25_000]
    made.save()
    return JsonResponse(_repository(made), status=201)


def get_repository(caller: Caller, body: _BODY, space: str, name: str) -> HttpResponse:
    """`GET /v2/namespaces/{namespace}/repositories/{repository}`."""
    return JsonResponse(_repository(_seen(caller, space, name)))


def delete_repository(caller: Caller, body: _BODY, space: str, name: str) -> HttpResponse:
    """`DELETE /v2/namespaces/{namespace}/repositories/{repository}`: for owners of the namespace."""
    _owned(caller, space)
    remove_repository(_seen(caller, space, name))
    return HttpResponse(status=204)


def list_tags(caller: Caller, body: _BODY, space: str, name: str) -> HttpResponse:
    """`GET /v2/namespaces/{namespace}/repositories/{repository}/tags`."""
    return _page(_seen(caller, space, name).tags.select_related("image"), _tag, body)


def get_tag(caller: Caller, body: _BODY, space: str, name: str, tag: str) -> HttpResponse:
    """`GET /v2/namespaces/{namespace}/repositories/{repository}/tags/{tag}`."""
    found = _seen(caller, space, name).tags.select_related("image").filter(name=tag).first()
    if found is None:
        raise Http404(f"no tag {tag}")
    return JsonResponse(_tag(found))


def list_tokens(caller: Caller, body: _BODY) -> HttpResponse:
    """`GET /v2/access-tokens`."""
    return _page(_person(caller).tokens.all(), _token, body)


def create_token(caller: Caller, body: _BODY) -> HttpResponse:
    """`POST /v2/access-tokens` with token_label and scopes; the text is in this answer alone."""
    scopes = body.get("scopes", [AccessToken.Scope.READ])
    if (
        not isinstance(scopes, list)
        or len(scopes) != 1
        or scopes[0] not in AccessToken.Scope.values
    ):
        raise Refused(400, f"scopes: one of {', '.join(AccessToken.Scope.values)}; got {scopes}")
    label = str(body.get("token_label", "")).strip()[:100]
    if not label:
        raise Refused(400, "token_label: what the token is for")
    token, text = AccessToken.make(_person(caller), label, scopes[0])
    return JsonResponse({**_token(token), "token": text}, status=201)


def delete_token(caller: Caller, body: _BODY, number: str) -> HttpResponse:
    """`DELETE /v2/access-tokens/{uuid}`."""
    if not _person(caller).tokens.filter(pk=number).delete()[0]:
        raise Http404("no such token of yours")
    return HttpResponse(status=204)


def list_groups(caller: Caller, body: _BODY, space: str) -> HttpResponse:
    """`GET /v2/orgs/{org}/groups`: for members."""
    return _page(_organization(caller, space).teams.all(), _group, body)


def create_group(caller: Caller, body: _BODY, space: str) -> HttpResponse:
    """`POST /v2/orgs/{org}/groups` with name: for owners."""
    _person(caller)
    owned = _owned(caller, space)
    if not owned.is_organization:
        raise Refused(400, f"{space} is no organization")
    name = str(body.get("name", ""))
    names.check_space(name)
    team, made = owned.teams.get_or_create(name=name)
    return JsonResponse(_group(team), status=201 if made else 200)


def add_member(caller: Caller, body: _BODY, space: str, group: str) -> HttpResponse:
    """`POST /v2/orgs/{org}/groups/{group}/members` with member: makes the account a member first."""
    _person(caller)
    team = _owned(caller, space).teams.filter(name=group).first()
    account = Account.objects.filter(username=str(body.get("member", ""))).first()
    if team is None or account is None:
        raise Http404(f"no group {group}" if team is None else f"no account {body.get('member')!r}")
    team.organization.memberships.get_or_create(account=account)
    team.members.add(account)
    return JsonResponse({}, status=200)


def permit(caller: Caller, body: _BODY, space: str, name: str) -> HttpResponse:
    """`POST /v2/repositories/{namespace}/{repository}/groups` with group_id and permission."""
    repository = _seen(caller, space, name)
    if not at_least(caller, repository, Level.ADMIN):
        raise Refused(403, f"only who administers {repository} may do this")
    number: Any = body.get("group_id")
    known = type(number) is int and 0 < number < 1 << 63
    teams = Team.objects.filter(organization=repository.namespace)
    team = teams.filter(pk=number).first() if known else None
    if team is None:
        raise Http404(f"no group {body.get('group_id')!r} of {space}")
    level = body.get("permission")
    if level not in Level.values:
        raise Refused(400, f"permission: one of {', '.join(Level.values)}; got {level!r}")
    repository.permissions.update_or_create(team=team, defaults={"level": level})
    answer = {"group_id": team.pk, "group_name": team.name, "permission": level}
    return JsonResponse(answer, status=200)


def _seen(caller: Caller, space: str, name: str) -> Repository:
    found = find(f"{space}/{name}")
    if found is None or not at_least(caller, found, Level.READ):
        raise Http404(f"no repository {space}/{name}, or not for you")
    return found


def _person(caller: Caller) -> Account:
    """Who manages tokens: nobody does with a token, which could make itself a larger one."""
    if caller.account is None or caller.token is not None:
        raise Refused(401 if caller.account is None else 403, "log in with the password for this")
    return caller.account


def _owned(caller: Caller, space: str) -> Namespace:
    found = Namespace.objects.filter(name=space).first()
    if caller.account is None:
        raise Refused(401, "log in for this: POST /v2/auth/token")
    if found is None or not is_owner(caller.account, found):
        raise Http404(f"no namespace {space} of yours")
    if caller.token is not None and caller.token.scope != AccessToken.Scope.ADMIN:
        raise Refused(403, f"the token has {caller.token.scope}, wanted repo:admin")
    return found


def _organization(caller: Caller, space: str) -> Namespace:
    found = Namespace.objects.filter(name=space, account=None).first()
    if found is None or not is_member(caller.account, found):
        raise Http404(f"no organization {space} of yours")
    return found


def _page(rows: QuerySet[Any], shown: Callable[[Any], dict[str, Any]], body: _BODY) -> JsonResponse:
    """One page of a list, with the paths of its neighbors, as Docker Hub pages."""
    query: QueryDict = body[QUERY]
    size = max(1, min(_number(query.get("page_size"), 10), _PAGE))
    page = Paginator(rows, size).get_page(_number(query.get("page"), 1))

    def path(number: int) -> str:
        return f"{body[PATH]}?page={number}&page_size={size}"

    return JsonResponse(
        {
            "count": page.paginator.count,
            "next": path(page.next_page_number()) if page.has_next() else None,
            "previous": path(page.previous_page_number()) if page.has_previous() else None,
            "results": [shown(each) for each in page],
        }
    )


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else default


def _repository(each: Repository) -> dict[str, Any]:
    return {
        "namespace": each.namespace.name,
        "name": each.name,
        "repository_type": "image",
        "status": 1,
        "description": each.description,
        "full_description": each.full_description,
        "is_private": each.private,
        "pull_count": each.pulls,
        "date_registered": each.created.isoformat(),
        "last_updated": each.updated.isoformat(),
    }


def _tag(each: Tag) -> dict[str, Any]:
    image = each.image
    images = []
    for platform in image.platforms:
        system, _, architecture = platform.partition("/")
        images.append({"os": system, "architecture": architecture, "size": image.size})
    return {
        "name": each.name,
        "digest": image.digest,
        "media_type": image.media_type,
        "full_size": image.size,
        "images": images,
        "last_updater_username": each.pusher,
        "tag_last_pushed": each.pushed.isoformat(),
    }


def _token(each: AccessToken) -> dict[str, Any]:
    return {
        "uuid": str(each.pk),
        "token_label": each.label,
        "scopes": [each.scope],
        "is_active": each.active,
        "created_at": each.created.isoformat(),
        "last_used": each.last_used and each.last_used.isoformat(),
    }


def _group(each: Team) -> dict[str, Any]:
    return {"id": each.pk, "name": each.name, "member_count": each.members.count()}


_S = r"(?P<space>[a-z0-9]{2,30})"
_N = r"(?P<name>[a-z0-9._-]{1,200})"
_R = rf"^v2/namespaces/{_S}/repositories"
urlpatterns = [
    at("v2/auth/token", api_session.make_session),
    re_path(rf"{_R}$", endpoint(get=list_repositories, post=create_repository)),
    re_path(rf"{_R}/{_N}$", endpoint(get=get_repository, delete=delete_repository)),
    re_path(rf"{_R}/{_N}/tags$", endpoint(get=list_tags)),
    re_path(rf"{_R}/{_N}/tags/(?P<tag>[A-Za-z0-9_.-]{{1,128}})$", endpoint(get=get_tag)),
    at("v2/access-tokens", endpoint(get=list_tokens, post=create_token)),
    re_path(r"^v2/access-tokens/(?P<number>[0-9]{1,18})$", endpoint(delete=delete_token)),
    re_path(rf"^v2/orgs/{_S}/groups$", endpoint(get=list_groups, post=create_group)),
    re_path(rf"^v2/orgs/{_S}/groups/(?P<group>[a-z0-9]+)/members$", endpoint(post=add_member)),
    re_path(rf"^v2/repositories/{_S}/{_N}/groups$", endpoint(post=permit)),
]
