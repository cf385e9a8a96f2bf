"""Names that the hub accepts, and those that would be a path, a page or a registry's error."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from labs.hub import names
from labs.hub.models import Account
from labs.hub.rights.namespaces import found_organization, sign_up

BAD = [
    "..",
    ".",
    "../x",
    "a/../b",
    "A",
    "a b",
    "a\n",
    "",
    "-a",
    "a-",
    "a__",
    "a//b",
    "/a",
    "ä",
    "a\x00",
]


@pytest.mark.parametrize(
    "name", [*BAD, "x", "a" * 31, "acme.io", "v2", "git", "login", "namespaces"]
)
def test_namespace_that_is_refused(name: str):
    with pytest.raises(ValidationError):
        names.check_space(name)


@pytest.mark.parametrize("name", ["ab", "acme", "team42", "a" * 30])
def test_namespace_that_is_accepted(name: str):
    names.check_space(name)


@pytest.mark.parametrize("name", [*BAD, "a" * 201])
def test_repository_that_is_refused(name: str):
    with pytest.raises(ValidationError):
        names.check_repository(name)
    assert not names.is_path(f"acme/{name}")


@pytest.mark.parametrize("name", ["app", "a.b", "a_b", "a__b", "a--b", "a/b/c", "0"])
def test_repository_that_is_accepted(name: str):
    names.check_repository(name)
    assert names.is_path(f"acme/{name}")


@pytest.mark.parametrize("name", [*BAD, "a/b"])
def test_source_that_is_refused(name: str):
    with pytest.raises(ValidationError):
        names.check_source(name)


def test_no_account_and_no_organization_have_the_same_name(people: dict[str, Account]):
    with pytest.raises(ValidationError, match="'acme' is taken"):
        sign_up("acme", "some password")
    with pytest.raises(ValidationError, match="'grace' is taken"):
        found_organization("grace", people["ada"])
    assert not Account.objects.filter(username="acme").exists()


def test_password_that_looks_like_an_access_token_is_refused(people: dict[str, Account]):
    """It could never log in: what begins like a token is looked up as one."""
    with pytest.raises(ValidationError, match="begins like that"):
        sign_up("eve", "hub_pat_and some more")
