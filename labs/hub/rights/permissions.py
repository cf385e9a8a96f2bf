"""Who else may use a repository: the teams of its organization, or the collaborators of a personal one."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from labs.hub.error_text import CONFLICT
from labs.hub.models import Account, Collaborator, Level, Repository, Team, TeamPermission


def permit(repository: Repository, team: Team, level: str) -> TeamPermission:
    """Give a team a level in a repository, instead of the one it had.

    Raises:
        ValidationError: There is no such level.
    """
    if level not in Level.values:
        raise ValidationError(f"permission: one of {', '.join(Level.values)}; got {level!r}")
    return repository.permissions.update_or_create(team=team, defaults={"level": level})[0]


def add_collaborator(repository: Repository, account: Account) -> Collaborator:
    """Let an account pull from and push to a personal repository.

    Raises:
        ValidationError: The repository is an organization's, or the account's own.
    """
    if repository.namespace.is_organization:
        raise ValidationError(
            f"{repository} is an organization's: permit a team instead of a collaborator",
            code=CONFLICT,
        )
    if repository.namespace.account_id == account.pk:
        raise ValidationError(f"{account} owns {repository}", code=CONFLICT)
    return repository.collaborators.get_or_create(account=account)[0]
