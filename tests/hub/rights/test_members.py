"""Members of organizations: roles, and owners who change each other at the same moment."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from labs.hub.models import Account, Membership, Namespace
from labs.hub.rights.members import make_team, set_role
from tests.hub.test_killed import run

OWNER, MEMBER = Membership.Role.OWNER, Membership.Role.MEMBER
# Each owner takes the other's role, or takes the other out, at the same time. One of them has to remain.
BOTH_AT_ONCE = """
from django.core.exceptions import ValidationError
from django.db import connections
from labs.hub.rights.members import remove_member, set_role
from labs.hub.rights.namespaces import found_organization
ada, bob = sign_up("ada", "password"), sign_up("bob", "password")
acme = found_organization("acme", ada)
def demote(by, other):
    set_role(acme, other, "member", by=by)
def remove(by, other):
    remove_member(acme.memberships.get(account=other), by=by)
def act(how, by, other, barrier):
    barrier.wait()
    try:
        how(by, other)
    except (ValidationError, acme.memberships.model.DoesNotExist):
        pass
    connections.close_all()
for turn in range(40):
    for account in (ada, bob):
        acme.memberships.update_or_create(account=account, defaults={"role": "owner"})
    barrier = threading.Barrier(2)
    pairs = ((demote, demote), (demote, remove), (remove, remove))[turn % 3]
    threads = [
        threading.Thread(target=act, args=(how, by, other, barrier))
        for how, by, other in zip(pairs, (ada, bob), (bob, ada))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(acme.memberships.filter(role="owner").count())
"""


@pytest.mark.process
def test_owners_who_demote_each_other_at_once_leave_one(tmp_path: Path):
    out, errors = run(BOTH_AT_ONCE, tmp_path).communicate()
    assert set(out.split()) == {b"1"}, errors.decode()
    assert len(out.split()) == 40
    assert b"Traceback" not in errors


def test_role_is_changed_by_another_owner(acme: Namespace, people: dict[str, Account]):
    ada, linus = people["ada"], people["linus"]
    with pytest.raises(ValidationError, match="another owner changes your role"):
        set_role(acme, ada, MEMBER, by=ada)
    with pytest.raises(ValidationError, match="does not own acme"):
        set_role(acme, ada, MEMBER, by=linus)
    with pytest.raises(ValidationError, match="one of member, owner; got 'king'"):
        set_role(acme, linus, "king", by=ada)
    set_role(acme, linus, OWNER, by=ada)
    set_role(acme, ada, MEMBER, by=linus)
    owners = acme.memberships.filter(role=OWNER)
    assert [each.account for each in owners] == [linus]


@pytest.mark.parametrize("name", ["a", "Dev", "two words", "x" * 31, ""])
def test_name_of_a_team_that_is_refused(acme: Namespace, name: str):
    with pytest.raises(ValidationError, match="small letters"):
        make_team(acme, name)
