"""Who may do what: every role, every action, public and private."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from labs.hub.models import AccessToken, Account, Level, Membership, Namespace, Repository, Team
from labs.hub.rights.access import STRANGER, Caller, actions, at_least, level
from labs.hub.rights.members import remove_member

PULL, PUSH, DELETE = "pull", "push", "delete"
NONE: set[str] = set()
READ, WRITE, ADMIN = {PULL}, {PULL, PUSH}, {PULL, PUSH, DELETE}
Make = Callable[..., Repository]


def team(acme: Namespace, name: str, member: Account, repository: Repository, level: str) -> Team:
    made = Team.objects.create(organization=acme, name=name)
    made.members.add(member)
    repository.permissions.create(team=made, level=level)
    return made


@pytest.mark.parametrize(
    ("role", "public", "private"),
    [
        ("stranger", READ, NONE),
        ("another account", READ, NONE),
        ("member without a team", READ, NONE),
        ("team that may read", READ, READ),
        ("team that may write", WRITE, WRITE),
        ("team that may administer", ADMIN, ADMIN),
        ("teams that may read and write", WRITE, WRITE),
        ("owner", ADMIN, ADMIN),
    ],
)
@pytest.mark.parametrize("kind", ["public", "private"])
def test_repository_of_an_organization(
    people: dict[str, Account],
    acme: Namespace,
    repository: Make,
    *,
    role: str,
    public: set[str],
    private: set[str],
    kind: str,
):
    app = repository("acme/app", private=kind == "private")
    repository("acme/other", private=kind == "private")
    linus = people["linus"]
    if role.startswith("team that"):
        words = {"read": Level.READ, "write": Level.WRITE, "administer": Level.ADMIN}
        team(acme, "dev", linus, app, words[role.split()[-1]])
    elif role.startswith("teams"):
        team(acme, "readers", linus, app, Level.READ)
        team(acme, "writers", linus, app, Level.WRITE)
    who = {"stranger": None, "another account": people["eve"], "owner": people["ada"]}
    caller = Caller(who.get(role, linus))
    assert actions(caller, "acme/app") == (private if kind == "private" else public)
    # A team's permission is for one repository.
    other = ADMIN if role == "owner" else NONE if kind == "private" else READ
    assert actions(caller, "acme/other") == other


@pytest.mark.parametrize(
    ("role", "public", "private"),
    [
        ("stranger", READ, NONE),
        ("another account", READ, NONE),
        ("collaborator", WRITE, WRITE),
        ("owner", ADMIN, ADMIN),
    ],
)
@pytest.mark.parametrize("kind", ["public", "private"])
def test_personal_repository(
    people: dict[str, Account],
    repository: Make,
    *,
    role: str,
    public: set[str],
    private: set[str],
    kind: str,
):
    tool = repository("grace/tool", private=kind == "private")
    tool.collaborators.create(account=people["linus"])
    names = {"another account": "eve", "collaborator": "linus", "owner": "grace"}
    caller = Caller(people[names[role]]) if role in names else STRANGER
    assert actions(caller, "grace/tool") == (private if kind == "private" else public)


@pytest.mark.parametrize(
    ("scope", "public", "private"),
    [
        (AccessToken.Scope.PUBLIC_READ, READ, NONE),
        (AccessToken.Scope.READ, READ, READ),
        (AccessToken.Scope.WRITE, WRITE, WRITE),
        (AccessToken.Scope.ADMIN, ADMIN, ADMIN),
    ],
)
def test_token_leaves_of_the_accounts_rights_what_its_scope_says(
    people: dict[str, Account],
    repository: Make,
    scope: str,
    public: set[str],
    private: set[str],
):
    repository("acme/open")
    repository("acme/closed", private=True)
    repository("grace/tool", private=True)
    token, _ = AccessToken.make(people["ada"], "laptop", scope)
    caller = Caller(people["ada"], token)
    assert actions(caller, "acme/open") == public
    assert actions(caller, "acme/closed") == private
    # And never gives what the account has not.
    assert actions(caller, "grace/tool") == NONE


@pytest.mark.parametrize(
    ("name", "path", "wanted"),
    [
        ("ada", "ada/new", WRITE),
        ("ada", "acme/new", WRITE),
        ("linus", "acme/new", NONE),
        ("eve", "ada/new", NONE),
        ("ada", "nobody/new", NONE),
        ("", "ada/new", NONE),
    ],
)
def test_repository_that_is_not_there_is_made_by_the_owner_of_its_namespace(
    people: dict[str, Account], name: str, path: str, wanted: set[str]
):
    assert actions(Caller(people.get(name)), path) == wanted


def test_who_leaves_an_organization_leaves_its_teams(
    people: dict[str, Account], acme: Namespace, repository: Make
):
    app = repository("acme/app", private=True)
    dev = team(acme, "dev", people["linus"], app, Level.WRITE)
    remove_member(acme.memberships.get(account=people["linus"]), by=people["ada"])
    assert level(people["linus"], app) == ""
    assert not dev.members.exists()
    # A list of a team that was written by other means gives no right either.
    dev.members.add(people["eve"])
    assert level(people["eve"], app) == ""


def test_last_owner_stays(people: dict[str, Account], acme: Namespace):
    with pytest.raises(ValidationError, match="last owner"):
        remove_member(acme.memberships.get(account=people["ada"]), by=people["ada"])
    acme.memberships.filter(account=people["linus"]).update(role=Membership.Role.OWNER)
    remove_member(acme.memberships.get(account=people["ada"]), by=people["ada"])
    assert [str(each.account) for each in acme.memberships.all()] == ["linus"]


def test_page_for_administrators_wants_the_tokens_scope_too(
    people: dict[str, Account], repository: Make
):
    app = repository("acme/app")
    token, _ = AccessToken.make(people["ada"], "robot", AccessToken.Scope.WRITE)
    assert at_least(Caller(people["ada"]), app, Level.ADMIN)
    assert not at_least(Caller(people["ada"], token), app, Level.ADMIN)
    assert at_least(Caller(people["ada"], token), app, Level.WRITE)
