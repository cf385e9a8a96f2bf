"""Who may use a repository, by API: groups of its organization, collaborators of a personal one."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from labs.hub.api.api_rights import account_named, row_of
from labs.hub.api.api_session import ApiRequest
from labs.hub.api.json_body import NUMBER, TEXT, body, field
from labs.hub.api.operation import Operations
from labs.hub.api.row_record import RowRecord
from labs.hub.models import Level, Repository
from labs.hub.rights import permissions

operations = Operations("Permissions", level=Level.ADMIN)
_ONE = "/v2/repositories/{namespace}/{repository}"
_PERMISSION = RowRecord(
    "GroupPermission",
    group_id=(NUMBER, "team_id"),
    group_name=(TEXT, "team"),
    permission=(TEXT, "level"),
)
_COLLABORATOR = RowRecord(
    "Collaborator", user=(TEXT, "account"), permission=(TEXT, lambda _: Level.WRITE.value)
)


@operations.add("GET", f"{_ONE}/groups", own=True, answer=_PERMISSION, paged=True)
def list_permissions(request: ApiRequest, repository: Repository) -> Any:
    """List the groups that may use a repository: for its administrators."""
    return repository.permissions.select_related("team").order_by("team__name")


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
def permit(request: ApiRequest, repository: Repository) -> Any:
    """Give a group a permission in a repository, instead of the one it had: for administrators."""
    number = str(request.body["group_id"])
    team = row_of(
        repository.namespace.teams, number, f"group of {repository.namespace} with the id"
    )
    return permissions.permit(repository, team, request.body["permission"])


@operations.add("DELETE", f"{_ONE}/groups/{{id}}", own=True, status=204)
def withdraw(request: ApiRequest, repository: Repository, id: str) -> None:
    """Take a group's permission: for administrators."""
    team = row_of(repository.namespace.teams, id, f"group of {repository.namespace} with the id")
    if not repository.permissions.filter(team=team).delete()[0]:
        raise Http404(f"the group {team} has no permission in {repository}")


@operations.add("GET", f"{_ONE}/collaborators", own=True, answer=_COLLABORATOR, paged=True)
def list_collaborators(request: ApiRequest, repository: Repository) -> Any:
    """List who may push to a personal repository besides its owner: for the owner."""
    return repository.collaborators.select_related("account").order_by("account__username")


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
def add_collaborator(request: ApiRequest, repository: Repository) -> Any:
    """Let an account pull from and push to a personal repository: for the owner."""
    account = account_named(request.body["user"])
    return permissions.add_collaborator(repository, account)


@operations.add("DELETE", f"{_ONE}/collaborators/{{username}}", own=True, status=204)
def remove_collaborator(request: ApiRequest, repository: Repository, username: str) -> None:
    """Take a collaborator out: for the owner."""
    if not repository.collaborators.filter(account__username=username).delete()[0]:
        raise Http404(f"{username[:100]!r} is not a collaborator of {repository}")
