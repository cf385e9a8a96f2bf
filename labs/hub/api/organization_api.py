"""Organizations by API: members and groups, which the pages call teams."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import Http404

from labs.hub.api.api_rights import account_named, organization_for, person_for
from labs.hub.api.api_session import ApiRequest
from labs.hub.api.json_body import NUMBER, TEXT, TIME, body, field
from labs.hub.api.operation import Operations
from labs.hub.api.row_record import RowRecord
from labs.hub.models import Membership, Namespace, Team
from labs.hub.rights import members
from labs.hub.rights.namespaces import found_organization

operations = Operations("Organizations")
_ORGANIZATION = RowRecord("Organization", orgname=(TEXT, "name"), date_joined=(TIME, "created"))
_MEMBER = RowRecord("Member", username=(TEXT, "account"), role=TEXT)
_GROUP = RowRecord("Group", id=NUMBER, name=TEXT, member_count=(NUMBER, lambda team: _size(team)))
_GROUP_MEMBER = RowRecord("GroupMember", username=TEXT)
_ROLE = field("what the account may do", "member", enum=Membership.Role.values)
_NAME = field("the name of an account", "grace")


@operations.add(
    "POST",
    "/v2/orgs",
    own=True,
    status=201,
    answer=_ORGANIZATION,
    wrong={409: "the name is taken"},
    body=body(orgname=field("2 to 30 small letters and digits", "shop", maxLength=30)),
)
def create_organization(request: ApiRequest) -> Any:
    """Make an organization; you are its first owner."""
    return found_organization(request.body["orgname"], person_for(request))


@operations.add("GET", "/v2/orgs/{org}/members", answer=_MEMBER, paged=True)
def list_members(request: ApiRequest, org: str) -> Any:
    """List the members of an organization: for members."""
    found = organization_for(request, org)
    return found.memberships.select_related("account")


@operations.add(
    "POST",
    "/v2/orgs/{org}/members",
    own=True,
    status=201,
    answer=_MEMBER,
    wrong={409: "it is your own role"},
    body=body(member=_NAME, role=_ROLE, optional=("role",)),
)
def add_member(request: ApiRequest, org: str) -> Any:
    """Add an account to an organization, or change its role: for owners.

    Docker Hub sends an invitation instead.
    """
    found = organization_for(request, org, owner=True)
    account = account_named(request.body["member"])
    role = request.body.get("role", Membership.Role.MEMBER)
    return members.set_role(found, account, role, by=person_for(request))


@operations.add("GET", "/v2/orgs/{org}/members/{username}", own=True, answer=_MEMBER)
def get_member(request: ApiRequest, org: str, username: str) -> Any:
    """Show one member: for members."""
    return _membership(organization_for(request, org), username)


@operations.add(
    "PUT",
    "/v2/orgs/{org}/members/{username}",
    answer=_MEMBER,
    wrong={409: "it is your own role"},
    body=body(role=_ROLE),
)
def change_member(request: ApiRequest, org: str, username: str) -> Any:
    """Change the role of a member: for owners."""
    found = organization_for(request, org, owner=True)
    account = _membership(found, username).account
    return members.set_role(found, account, request.body["role"], by=person_for(request))


@operations.add(
    "DELETE", "/v2/orgs/{org}/members/{username}", status=204, wrong={409: "it is the last owner"}
)
def remove_member(request: ApiRequest, org: str, username: str) -> None:
    """Take a member out of an organization and of its groups: for owners."""
    found = organization_for(request, org, owner=True)
    members.remove_member(_membership(found, username), by=person_for(request))


@operations.add("GET", "/v2/orgs/{org}/groups", answer=_GROUP, paged=True)
def list_groups(request: ApiRequest, org: str) -> Any:
    """List the groups of an organization: for members."""
    return organization_for(request, org).teams.annotate(size=Count("members")).order_by("name")


@operations.add(
    "POST",
    "/v2/orgs/{org}/groups",
    status=201,
    answer=_GROUP,
    wrong={409: "there is a group of that name"},
    body=body(name=field("2 to 30 small letters and digits", "operations", maxLength=30)),
)
def create_group(request: ApiRequest, org: str) -> Any:
    """Make a group: for owners."""
    found = organization_for(request, org, owner=True)
    return members.make_team(found, request.body["name"])


@operations.add("GET", "/v2/orgs/{org}/groups/{group}", answer=_GROUP)
def get_group(request: ApiRequest, org: str, group: str) -> Any:
    """Show one group: for members."""
    return _team(organization_for(request, org), group)


@operations.add("DELETE", "/v2/orgs/{org}/groups/{group}", status=204)
def delete_group(request: ApiRequest, org: str, group: str) -> None:
    """Delete a group, with what it may do in repositories: for owners."""
    _team(organization_for(request, org, owner=True), group).delete()


@operations.add("GET", "/v2/orgs/{org}/groups/{group}/members", answer=_GROUP_MEMBER, paged=True)
def list_group_members(request: ApiRequest, org: str, group: str) -> Any:
    """List the members of a group: for members of the organization."""
    team = _team(organization_for(request, org), group)
    return team.members.order_by("username")


@operations.add(
    "POST",
    "/v2/orgs/{org}/groups/{group}/members",
    answer=_GROUP_MEMBER,
    body=body(member=_NAME),
)
def add_group_member(request: ApiRequest, org: str, group: str) -> Any:
    """Add an account to a group, and to the organization if it is not in it: for owners."""
    team = _team(organization_for(request, org, owner=True), group)
    account = account_named(request.body["member"])
    members.add_to_team(team, account)
    return account


@operations.add("DELETE", "/v2/orgs/{org}/groups/{group}/members/{username}", status=204)
def remove_group_member(request: ApiRequest, org: str, group: str, username: str) -> None:
    """Take an account out of a group; it stays in the organization: for owners."""
    team = _team(organization_for(request, org, owner=True), group)
    account = team.members.filter(username=username).first()
    if account is None:
        raise Http404(f"{username[:100]!r} is not in the group {team} of {org}")
    team.members.remove(account)


def _membership(space: Namespace, username: str) -> Membership:
    found = space.memberships.select_related("account").filter(account__username=username).first()
    if found is None:
        raise Http404(f"{username[:100]!r} is not in {space}")
    return found


def _team(space: Namespace, name: str) -> Team:
    found = space.teams.filter(name=name).first()
    if found is None:
        raise Http404(f"{space} has no group {name[:100]!r}")
    return found


def _size(team: Team) -> int:
    # In a list, all are counted in one question to the database.
    return team.size if hasattr(team, "size") else team.members.count()
