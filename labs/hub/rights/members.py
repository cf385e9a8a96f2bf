"""Who is in an organization, in which role, and in which of its teams."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from labs.hub import names
from labs.hub.error_text import CONFLICT
from labs.hub.models import Account, Membership, Namespace, Team
from labs.hub.rights.access import is_owner


def set_role(space: Namespace, account: Account, role: str, *, by: Account) -> Membership:
    """Make an account a member in a role, or change the role of a member.

    Raises:
        ValidationError: It is one's own role, or `by` does not own the organization any more.
    """
    if account == by:
        raise ValidationError("another owner changes your role", code=CONFLICT)
    if role not in Membership.Role.values:
        known = ", ".join(Membership.Role.values)
        raise ValidationError(f"role: one of {known}; got {role!r}")
    # The transaction locks. Two owners may demote each other at once, and one of them has to remain.
    with transaction.atomic():
        _check_owner(by, space)
        return space.memberships.update_or_create(account=account, defaults={"role": role})[0]


def remove_member(membership: Membership, *, by: Account) -> None:
    """Take an account out of an organization and of its teams.

    Raises:
        ValidationError: It is the last owner, or `by` does not own the organization any more.
    """
    space, account = membership.organization, membership.account
    with transaction.atomic():
        _check_owner(by, space)
        owners = space.memberships.filter(role=Membership.Role.OWNER)
        if not owners.exclude(account=account).exists():
            raise ValidationError(
                "%(name)s is the last owner: make another member an owner first",
                code=CONFLICT,
                params={"name": account.username},
            )
        for team in space.teams.filter(members=account):
            team.members.remove(account)
        space.memberships.filter(account=account).delete()


def make_team(space: Namespace, name: str) -> Team:
    """Make a team of an organization.

    Raises:
        ValidationError: The name is not one, or there is a team of that name.
    """
    names.check_space(name)
    team, made = space.teams.get_or_create(name=name)
    if not made:
        raise ValidationError(
            "%(space)s has a team %(name)s already",
            code=CONFLICT,
            params={"space": space.name, "name": name},
        )
    return team


def add_to_team(team: Team, account: Account) -> None:
    """Add an account to a team, and to its organization if it is not in it."""
    with transaction.atomic():
        team.organization.memberships.get_or_create(account=account)
        team.members.add(account)


def _check_owner(account: Account, space: Namespace) -> None:
    if not is_owner(account, space):
        raise ValidationError(
            "%(name)s does not own %(space)s any more: another owner has changed that",
            code=CONFLICT,
            params={"name": account.username, "space": space.name},
        )
