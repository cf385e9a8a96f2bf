r"""Build rules, as Docker Hub's: which branch or tag of the source makes which tag of the image.

`source` is a name, or a regular expression between slashes, `/^v([0-9.]+)$/`. In the image's tag, `{\1}` to `{\9}` are
what its groups have matched, `{sourceref}` the whole name. Several tags are separated by commas.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from labs.hub import names
from labs.hub.models import BuildRule, Repository

_GROUP = re.compile(r"\{(?:\\([1-9])|(sourceref))\}")
_LONGEST_REF = 200
# An expression is written by anyone who administers a repository, and some take for ever: `(a+)+$`. Python's `re` holds
# everything else up meanwhile, so a process of its own matches, and has a second. One for all names of a push: a
# thousand tags would start a thousand.
_MATCH = """import json, re, sys
source, refs = json.load(sys.stdin)
for ref in refs:
    match = re.search(source, ref)
    print(json.dumps(match and [match[0], *match.groups()]), flush=True)"""
MATCH_S = 1.0
MOST = 20
"""Rules of a repository: each push waits for all of them."""


def tags_of_each(
    rule: BuildRule, kind: str, refs: Iterable[str], *, within_s: float = MATCH_S
) -> dict[str, list[str]]:
    """The image's tags that branches or tags of the source make by a rule; those that make none are left out.

    Args:
        rule: The rule.
        kind: `branch` or `tag`.
        refs: Their names, without `refs/heads/`.
        within_s: Seconds, after which the rest does not match.
    """
    if rule.kind != kind:
        return {}
    looked_at = [ref for ref in refs if len(ref) <= _LONGEST_REF]
    found = _match(rule.source, looked_at, within_s)
    made = {ref: _tags(rule, ref, groups) for ref, groups in found.items()}
    return {ref: tags for ref, tags in made.items() if tags}


def _tags(rule: BuildRule, ref: str, groups: list[str | None]) -> list[str]:
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
    if repository.rules.count() >= MOST:
        raise ValidationError(f"{repository} has {MOST} rules, the most that it can have")
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
    if strange := re.search(r"[^A-Za-z0-9_.,\- ]", _GROUP.sub("", tag)):
        raise ValidationError(
            "the image's tag has letters, digits, _ . - and groups such as {\\1}, with commas between tags; "
            f"got {strange[0]!r}"
        )


def _is_expression(source: str) -> bool:
    return len(source) > 2 and source[0] == source[-1] == "/"


def _match(source: str, refs: list[str], within_s: float) -> dict[str, list[str | None]]:
    """Of each that matches, the match and its groups. What takes too long and what comes after it do not match."""
    if not _is_expression(source):
        return {ref: [ref] for ref in refs if source == ref}
    if not refs or within_s <= 0:
        return {}
    command = [sys.executable, "-I", "-S", "-c", _MATCH]
    try:
        out = subprocess.run(
            command,
            input=json.dumps([source[1:-1], refs]).encode(),
            capture_output=True,
            timeout=within_s,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as late:
        out = late.stdout or b""
    whole = [json.loads(line) for line in out.split(b"\n")[:-1]]
    return {ref: groups for ref, groups in zip(refs, whole, strict=False) if groups}


def _group(used: re.Match[str], groups: list[str | None], ref: str) -> str:
    number, _ = used.groups()
    return ref if number is None else (groups[int(number)] or "")
