"""Who may use a repository, by API: groups of its organization, collaborators of a personal one."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from labs.hub.api.api_rights import account_named, repository_seen, row_of
from labs.hub.api.json_body import NUMBER, TEXT, body, field, page_of, record
from labs.hub.api.listing import page
from labs.hub.api.operation import ApiRequest, Operations
from labs.hub.models import Collaborator, Level, TeamPermission
from labs.hub.rights import permissions

operations = Operations("Permissions")
_ONE = "/v2/repositories/{namespace}/{repository}"
_PERMISSION = record("GroupPermission", group_id=NUMBER, group_name=TEXT, permission=TEXT)
_COLLABORATOR = record("Collaborator", user=TEXT, permission=TEXT)


@operations.add("GET", f"{_ONE}/groups", own=True, answer=page_of(_PERMISSION), paged=True)
def list_permissions(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """List the groups that may use a repository: for its administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    rows = found.permissions.select_related("team").order_by("team__name")
    return page(request, rows, _permission)


@operations.add(
    "POST",
    f"{_ONE}/groups",
    answer=_PERMISSION,
    body=body(
        group_id=field("the id of a group of the organization", 1, kind=NUMBER),
        permission=field(
            "what it may do; each includes those before it", "read", enum=Level.values
        ),
    ),
)
def permit(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Give a group a permission in a repository, instead of the one it had: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    number = str(request.body["group_id"])
    team = row_of(found.namespace.teams, number, f"group of {namespace} with the id")
    return _permission(permissions.permit(found, team, request.body["permission"]))


@operations.add("DELETE", f"{_ONE}/groups/{{id}}", own=True, status=204)
def withdraw(request: ApiRequest, namespace: str, repository: str, id: str) -> None:
    """Take a group's permission: for administrators."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    team = row_of(found.namespace.teams, id, f"group of {namespace} with the id")
    if not found.permissions.filter(team=team).delete()[0]:
        raise Http404(f"the group {team} has no permission in {found}")


@operations.add("GET", f"{_ONE}/collaborators", own=True, answer=page_of(_COLLABORATOR), paged=True)
def list_collaborators(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """List who may push to a personal repository besides its owner: for the owner."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    rows = found.collaborators.select_related("account").order_by("account__username")
    return page(request, rows, _collaborator)


@operations.add(
    "POST",
    f"{_ONE}/collaborators",
    own=True,
    status=201,
    answer=_COLLABORATOR,
    wrong={409: "the repository is an organization's, or the account's own"},
    body=body(
        user=field("the name of an account", "grace"),
        permission=field("a collaborator may read and write", "write", enum=[Level.WRITE.value]),
        optional=("permission",),
    ),
)
def add_collaborator(request: ApiRequest, namespace: str, repository: str) -> dict[str, Any]:
    """Let an account pull from and push to a personal repository: for the owner."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    account = account_named(request.body["user"])
    return _collaborator(permissions.add_collaborator(found, account))


@operations.add("DELETE", f"{_ONE}/collaborators/{{username}}", own=True, status=204)
def remove_collaborator(
    request: ApiRequest, namespace: str, repository: str, username: str
) -> None:
    """Take a collaborator out: for the owner."""
    found = repository_seen(request, namespace, repository, Level.ADMIN)
    if not found.collaborators.filter(account__username=username).delete()[0]:
        raise Http404(f"{username[:100]!r} is not a collaborator of {found}")


def _permission(each: TeamPermission) -> dict[str, Any]:
    return {"group_id": each.team.pk, "group_name": each.team.name, "permission": each.level}


def _collaborator(each: Collaborator) -> dict[str, Any]:
    return {"user": each.account.username, "permission": Level.WRITE.value}
