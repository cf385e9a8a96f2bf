"""Who may do what in a repository. All answers of the hub about rights come from here."""

from __future__ import annotations

from dataclasses import dataclass

from labs.hub.models import AccessToken, Account, Level, Membership, Namespace, Repository

PULL, PUSH, DELETE = "pull", "push", "delete"
ACTIONS: dict[str, frozenset[str]] = {
    "": frozenset(),
    Level.READ: frozenset({PULL}),
    Level.WRITE: frozenset({PULL, PUSH}),
    Level.ADMIN: frozenset({PULL, PUSH, DELETE}),
}
_ORDER = ["", Level.READ, Level.WRITE, Level.ADMIN]
# What a token leaves of what its account may.
_SCOPES = {
    AccessToken.Scope.PUBLIC_READ: ACTIONS[Level.READ],
    AccessToken.Scope.READ: ACTIONS[Level.READ],
    AccessToken.Scope.WRITE: ACTIONS[Level.WRITE],
    AccessToken.Scope.ADMIN: ACTIONS[Level.ADMIN],
}


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        account: None for a stranger.
        token: The access token that was given instead of a password, if one was.
    """

    account: Account | None = None
    token: AccessToken | None = None

    @property
    def name(self) -> str:
        """The account's name; empty for a stranger."""
        return self.account.username if self.account else ""

    @property
    def subject(self) -> str:
        """Who the registry's events tell of: the name, and behind a slash the number of the access token."""
        return f"{self.name}/{self.token.pk}" if self.token else self.name


STRANGER = Caller()


def level(account: Account | None, repository: Repository) -> str:
    """The highest level that an account has in a repository; empty if it may not know that it exists."""
    levels = ["" if repository.private else Level.READ]
    if account is not None:
        space = repository.namespace
        if is_owner(account, space):
            return Level.ADMIN
        if space.is_organization:
            # Who has left the organization has left its teams, whatever their lists say.
            teams = space.teams.filter(members=account, organization__memberships__account=account)
            levels += repository.permissions.filter(team__in=teams).values_list("level", flat=True)
        elif repository.collaborators.filter(account=account).exists():
            levels.append(Level.WRITE)
    return max(levels, key=_ORDER.index)


def is_owner(account: Account | None, space: Namespace) -> bool:
    """Whether a namespace is the account's own, or an organization that it owns."""
    if account is None:
        return False
    if not space.is_organization:
        return space.account_id == account.pk
    return space.memberships.filter(account=account, role=Membership.Role.OWNER).exists()


def is_member(account: Account | None, space: Namespace) -> bool:
    """Whether an account is in an organization, in any role."""
    return account is not None and space.memberships.filter(account=account).exists()


def actions(caller: Caller, path: str) -> frozenset[str]:
    """What a caller may do in the repository of that name, be it there or not.

    A repository that is not there can be pushed to, and is made by that, by an owner of its namespace.
    """
    if repository := find(path):
        allowed = ACTIONS[level(caller.account, repository)]
        return allowed & _left_by(caller, private=repository.private)
    space = Namespace.objects.filter(name=path.partition("/")[0]).first()
    if space is None or not is_owner(caller.account, space):
        return frozenset()
    return ACTIONS[Level.WRITE] & _left_by(caller, private=space.default_private)


def at_least(caller: Caller, repository: Repository, wanted: str) -> bool:
    """Whether a caller has a level in a repository, with what its token leaves of it."""
    needed = ACTIONS[wanted]
    return needed <= ACTIONS[level(caller.account, repository)] & _left_by(
        caller, private=repository.private
    )


def find(path: str) -> Repository | None:
    """The repository of a name such as `acme/app`; None if there is none."""
    space, _, name = path.partition("/")
    return (
        Repository.objects.select_related("namespace").filter(namespace__name=space, name=name)
    ).first()


def _left_by(caller: Caller, *, private: bool) -> frozenset[str]:
    if caller.token is None:
        return ACTIONS[Level.ADMIN]
    if private and caller.token.scope == AccessToken.Scope.PUBLIC_READ:
        return frozenset()
    return _SCOPES[AccessToken.Scope(caller.token.scope)]
