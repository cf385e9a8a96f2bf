r"""Build rules, as Docker Hub's: which branch or tag of the source makes which tag of the image.

`source` is a name, or a regular expression between slashes, `/^v([0-9.]+)$/`. In the image's tag, `{\1}` to `{\9}` are
what its groups have matched, `{sourceref}` the whole name. Several tags are separated by commas.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from django.core.exceptions import ValidationError

from labs.hub import names
from labs.hub.models import BuildRule, Repository

_GROUP = re.compile(r"\{(?:\\([1-9])|(sourceref))\}")
_LONGEST_REF = 200
# An expression is written by anyone who administers a repository, and some take for ever: `(a+)+$`. Python's `re` holds
# everything else up meanwhile, so a process of its own matches, and has a second.
_MATCH = """import json, re, sys
source, ref = json.load(sys.stdin)
match = re.search(source, ref)
json.dump(match and [match[0], *match.groups()], sys.stdout)"""
_MATCH_S = 1.0


def tags_of(rule: BuildRule, kind: str, ref: str) -> list[str]:
    """The image's tags that a branch or tag of the source makes by a rule; none if it does not match.

    Args:
        rule: The rule.
        kind: `branch` or `tag`.
        ref: Its name, without `refs/heads/`.
    """
    if rule.kind != kind or len(ref) > _LONGEST_REF:
        return []
    groups = _match(rule.source, ref)
    if groups is None:
        return []
    made = (
        _GROUP.sub(lambda used: _group(used, groups, ref), part.strip())
        for part in rule.tag.split(",")
    )
    # What a branch is called may not be a tag: `feature/login`. Docker Hub writes a dash then, and so does this.
    clean = (re.sub(r"[^A-Za-z0-9_.-]", "-", tag) for tag in made)
    return list(dict.fromkeys(tag for tag in clean if names.is_tag(tag)))


def add(repository: Repository, **values: Any) -> BuildRule:
    """Add a rule to a repository, with the fields of a `BuildRule`.

    Raises:
        ValidationError: With what is wrong.
    """
    rule = BuildRule(repository=repository, **values)
    rule.full_clean()
    check(rule.source, rule.tag)
    for field in ("dockerfile", "context"):
        path = getattr(rule, field)
        if ".." in path.split("/"):
            raise ValidationError(f"{field}: a path without ..; got {path!r}", code=field)
    rule.save()
    return rule


def check(source: str, tag: str) -> None:
    """Accept what someone has written into a rule.

    Raises:
        ValidationError: With what is wrong.
    """
    groups = 0
    if _is_expression(source):
        try:
            groups = re.compile(source[1:-1]).groups
        except (re.error, OverflowError, RecursionError) as error:
            raise ValidationError(
                f"{source} is not a regular expression: {error}", code="source"
            ) from error
    for used in (int(g) for g, _ in _GROUP.findall(tag) if g):
        if used > groups:
            raise ValidationError(rf"{{\{used}}} is group {used}, and {source} has {groups}")
    if not tag.strip():
        raise ValidationError("a rule needs the image's tag")


def _is_expression(source: str) -> bool:
    return len(source) > 2 and source[0] == source[-1] == "/"


def _match(source: str, ref: str) -> list[str | None] | None:
    """The match and its groups; None if it does not match, or takes too long."""
    if not _is_expression(source):
        return [ref] if source == ref else None
    command = [sys.executable, "-I", "-S", "-c", _MATCH]
    try:
        done = subprocess.run(
            command,
            input=json.dumps([source[1:-1], ref]).encode(),
            capture_output=True,
            timeout=_MATCH_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    found: list[str | None] | None = json.loads(done.stdout or b"null")
    return found


def _group(used: re.Match[str], groups: list[str | None], ref: str) -> str:
    number, _ = used.groups()
    return ref if number is None else (groups[int(number)] or "")
