"""Where a repository was copied to, if it is not where it should be."""

from __future__ import annotations

from labs.lesson import Finding, not_yet
from labs.lessons.common import listed, tags_of
from labs.lessons.move_and_sign.app_images import THERE
from labs.registry import RegistryClient


def elsewhere(there: RegistryClient, repository: str, *, but: str = "") -> Finding | None:
    """None if the second registry has no other repository whose name ends like that of one that is not whole.

    Args:
        there: The second registry.
        repository: The one that it lacks, or has in part.
        but: One that may be there.
    """
    last = repository.rpartition("/")[2]
    others = [each for each in there.catalog() if each.rpartition("/")[2] == last]
    # What the lesson's cells copy there besides; and one whose tags were all deleted is still in the catalog.
    others = [each for each in others if each not in (but, repository) and tags_of(there, each)]
    others = [each for each in others if not each.startswith("by-")]
    if not others:
        return None
    found = f"not all of {repository}" if tags_of(there, repository) else f"no {repository}"
    return not_yet(
        f"port {THERE} has {listed(others)} and {found}",
        hint="skopeo sync appends the last part of the name to where it copies to",
    )
