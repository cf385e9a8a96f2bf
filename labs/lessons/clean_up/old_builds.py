"""A repository with builds of many days, an index, shared digests and signatures: what exercise 11.7 begins with."""

from __future__ import annotations

import httpx

from labs.lessons.common import by_hand

REPOSITORY = "team/site"
_BASE = by_hand.noise("site", 0.2)


def _build(name: str, day: str, architecture: str = "amd64") -> by_hand.HandMade:
    layer = by_hand.noise(f"{name} {architecture}", 0.1)
    return by_hand.image(_BASE, layer, created=f"2026-{day}T09:00:00Z", architecture=architecture)


# build-12 is an old state of the code, built again: its number is high and its date is not.
_BUILDS = {
    "build-12": _build("build-12", "10-20"),
    "build-7": _build("build-7", "10-30"),
    "build-8": _build("build-8", "11-01"),
    "build-9": _build("build-9", "11-03"),
    "build-10": _build("build-10", "11-05"),
    "hotfix-2": _build("hotfix-2", "11-06"),
    "build-11": by_hand.index(*(_build("build-11", "11-07", each) for each in ("amd64", "arm64"))),
}
_ALIASES = {"latest": "build-11", "stable": "build-8"}
_SIGNED = ("build-7", "build-8", "build-11")


def signature_tag(document: by_hand.HandMade) -> str:
    """Where the signature of a document is, as `cosign` names it."""
    return by_hand.signature_tag(document.digest)


EVERYTHING: dict[str, by_hand.HandMade] = {
    **_BUILDS,
    **{alias: _BUILDS[tag] for alias, tag in _ALIASES.items()},
    **{signature_tag(_BUILDS[tag]): by_hand.signature(_BUILDS[tag]) for tag in _SIGNED},
}
"""What each tag is at the beginning."""

OLD = ("build-12", "build-7", "build-9", signature_tag(_BUILDS["build-7"]))
"""The tags that have to go."""

KEPT = tuple(tag for tag in EVERYTHING if tag not in OLD)
"""The tags that have to stay: three newest builds, what `stable` is, second tags of these, their signatures."""


def shown(tag: str) -> str:
    """A tag as a message names it: that of a signature by what it signs."""
    for name in _SIGNED:
        if tag == signature_tag(_BUILDS[name]):
            return f"the signature of {name}"
    return tag


def fill(http: httpx.Client) -> None:
    """Push everything."""
    for tag, document in EVERYTHING.items():
        by_hand.push(http, REPOSITORY, tag, document)
