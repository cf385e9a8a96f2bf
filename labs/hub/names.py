"""Names that the hub accepts. A name becomes part of a path on disk and of a URL, so what it may hold is listed."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

# Of Docker Hub: lower case letters and digits, at least two characters.
_SPACE = re.compile(r"[a-z0-9]{2,30}\Z")
# Of distribution: words of letters and digits with one separator between them.
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*\Z")
_GIT = re.compile(rf"{_PART}\Z")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\Z")
# The first part of a path of the hub itself.
RESERVED = frozenset(
    {
        *("auth", "api", "builds", "events", "git", "healthz", "login", "logout", "new", "openapi"),
        *("organizations", "search", "settings", "signup", "static", "token", "trigger", "v2"),
        # Of the API, below `/v2/`, where a registry would see a repository.
        *("access", "namespaces", "orgs", "repositories", "users"),
    }
)


def check_space(name: str) -> None:
    """Accept a name of an account or organization.

    Raises:
        ValidationError: With what is wrong.
    """
    if not _SPACE.match(name):
        raise ValidationError(
            "2 to 30 characters, small letters and digits only; got %(name)r", params={"name": name}
        )
    if name in RESERVED:
        raise ValidationError("%(name)r is a page of the hub", params={"name": name})


def check_repository(name: str) -> None:
    """Accept what follows the namespace in a repository's name.

    Raises:
        ValidationError: With what is wrong.
    """
    if len(name) > 200 or not _REPOSITORY.match(name):
        raise ValidationError(
            "at most 200 characters, words of small letters and digits with . _ - or / between them; got %(name)r",
            params={"name": name},
        )


def check_source(name: str) -> None:
    """Accept the name of a git repository, without `.git`.

    Raises:
        ValidationError: With what is wrong.
    """
    if len(name) > 100 or not _GIT.match(name):
        raise ValidationError(
            "at most 100 characters, words of small letters and digits with . _ or - between them; got %(name)r",
            params={"name": name},
        )


def is_tag(name: str) -> bool:
    """Whether a registry accepts this as a tag."""
    return bool(_TAG.match(name))


def is_path(path: str) -> bool:
    """Whether this is a namespace and a repository's name, `acme/app`."""
    space, _, name = path.partition("/")
    return bool(_SPACE.match(space) and len(name) <= 200 and _REPOSITORY.match(name))
