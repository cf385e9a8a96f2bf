"""Checks of lesson 15: what the two registries have, whether signatures are of the right key, and what was run.

They verify signatures by themselves and run no tool. What a registry has is compared with what the lesson pushed.
"""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import by_hand, listed, missing_part, no_registry, tags_of
from labs.lessons.move_and_sign.app_images import APP, HERE, THERE, Base, app_images
from labs.lessons.move_and_sign.deliveries import (
    CHANGED,
    MOVING,
    containers_of,
    content_of,
    read_twice,
    was_moved,
)
from labs.lessons.move_and_sign.other_place import elsewhere
from labs.lessons.move_and_sign.signatures import Fault, claims, fault
from labs.playground import Node, Playground
from labs.registry import RegistryClient

TEAM_KEY = "/srv/team.pub"
_FIRST = "run the lesson's cells from the first one: registries, images, and the key"


def synced(playground: Playground, _answers: Answers) -> Finding:
    """team/app on port 5001 has the three tags with their digests, and the index is whole."""
    node = playground.node(1)
    if missing := no_registry(node, HERE) or no_registry(node, THERE):
        return missing
    base = _base(node)
    if base is None:
        return not_attempted(_FIRST)
    wanted = {tag: document.digest for tag, document in app_images(base).items()}
    with RegistryClient(node.url(THERE)) as there:
        tags = set(tags_of(there, APP))
        lacking = set(wanted) - tags
        if lacking and (wrong_place := elsewhere(there, APP)):
            return wrong_place
        if lacking == set(wanted):
            return not_attempted(f"copy {APP} to the registry on port {THERE}")
        one_platform = "both" in tags and there.head(APP, "both").digest in _images_of_both(base)
        # The lesson's first copies, of two tags; a sync brings the third.
        if one_platform and lacking:
            return not_attempted(
                f"{APP}:both on port {THERE} is the image of one platform: sync both platforms"
            )
        if lacking:
            return not_yet(
                f"{APP} on port {THERE} lacks {listed(lacking)}",
                hint="skopeo sync of the repository, without a tag, copies all tags",
            )
        for tag, digest in wanted.items():
            if wrong := _not_as_pushed(there, tag, digest, one_platform=one_platform):
                return wrong
    return passed()


def _not_as_pushed(
    there: RegistryClient, tag: str, digest: str, *, one_platform: bool
) -> Finding | None:
    """None if a tag of team/app is on port 5001 with its digest, whole."""
    if there.head(APP, tag).digest != digest:
        hint = "an engine that pulls and pushes makes a manifest of its own: use skopeo"
        if tag == "both" and one_platform:
            hint = "of an index, one platform is not all of it"
        return not_yet(
            f"{APP}:{tag} on port {THERE} has another digest than on port {HERE}", hint=hint
        )
    if missing := missing_part(there, APP, tag):
        return not_yet(
            f"{APP}:{tag} on port {THERE} is not whole: {missing}", hint="run the sync again"
        )
    return None


def _base(node: Node) -> Base | None:
    with RegistryClient(node.url(HERE)) as here:
        return Base.read(here)


def _images_of_both(base: Base) -> set[str]:
    return {part.digest for part in app_images(base)["both"].parts}


def signed(playground: Playground, _answers: Answers) -> Finding:
    """team/app:1, as it was pushed, has a signature that the student's key has made."""
    return _signed(playground.node(1)) or passed()


def signed_again(playground: Playground, _answers: Answers) -> Finding:
    """The same after the clean-up, which took tag 2 away."""
    node = playground.node(1)
    if missing := no_registry(node, HERE):
        return missing
    with RegistryClient(node.url(HERE)) as here:
        tags = tags_of(here, APP)
        base = Base.read(here)
        one = here.head(APP, "1").digest if "1" in tags else ""
    if base is None or not tags or "2" in tags:
        return not_attempted("run the cell that cleans up first")
    if one != app_images(base)["1"].digest:
        return not_yet(
            f"{APP}:1 is " + ("another image now" if one else "not there any more"),
            hint="fill(lab.node()) pushes it again; then run the cell that cleans up, and then this one",
        )
    return _signed(node) or passed()


_FAULTS = {
    Fault.NO_SIGNATURE: (
        f"what {APP} has under the tag of the signature of 1 is an image, and not a signature",
        "the copy has a tag ending in .sig: that is what has to be copied",
    ),
    Fault.OTHER_KEY: (
        f"the signature of {APP}:1 is not by the key that belongs to {TEAM_KEY}",
        'a new pair of keys makes older signatures worthless: sign again, with "team.key"',
    ),
    Fault.OTHER_DIGEST: (
        f"what {APP}:1 has as a signature is about another digest",
        "a signature cannot be given to another image: sign the digest in the variable exact",
    ),
}


def _signed(node: Node) -> Finding | None:
    """None if team/app:1 has a signature of the student's key."""
    if missing := no_registry(node, HERE):
        return missing
    base = _base(node)
    if base is None or not (key := content_of(node, TEAM_KEY)):
        return not_attempted(_FIRST)
    digest = app_images(base)["1"].digest
    with RegistryClient(node.url(HERE)) as here:
        wrong = fault(here, APP, digest, key)
        if wrong is None:
            return None
        if wrong in _FAULTS:
            message, hint = _FAULTS[wrong]
            return not_yet(message, hint=hint)
        another = _another(here, app_images(base)["2"].digest, key)
    if another:
        return not_yet(
            f"{APP} has a signature of another digest, and none of the digest of tag 1",
            hint="a signature is about one digest: that of 1 is in the variable exact",
        )
    return not_attempted(f"{APP}:1 has no signature on port {HERE}")


def _another(here: RegistryClient, two: str, key: bytes) -> bool:
    """Whether something else was signed: a digest, or that of tag 2 without the annotation of the lesson's own cell."""
    if any(
        tag.endswith(".sig") and tag != by_hand.signature_tag(two) for tag in tags_of(here, APP)
    ):
        return True
    return any("tag" not in (each.get("optional") or {}) for each in claims(here, APP, two, key))


_REFUSED = {
    "2": ("no one has signed it", "cosign verify ends with an error then: refuse the image"),
    "3": (
        "the key that signed it is not the shop's",
        "that it is signed says nothing; verify with the shop's key, /srv/shop.pub",
    ),
    "4": (
        "what it has as a signature is that of web:1",
        "that a tag ending in .sig is there says nothing: let cosign verify it",
    ),
    CHANGED: (
        "no one has signed that image: the tag was moved after it had been read",
        "ask what digest the tag stands for, once; verify that digest, and run that digest",
    ),
}


def ran_verified(playground: Playground, _answers: Answers) -> Finding:
    """Of the five deliveries the signed ones were run, and no other; 5 as it was before its tag was moved."""
    node = playground.node(1)
    if missing := no_registry(node, HERE):
        return missing
    base = _base(node)
    if base is None:
        return not_attempted(_FIRST)
    ran = {tag for tag, _ in containers_of(node, base)}
    for tag, (why, hint) in _REFUSED.items():
        if tag in ran:
            return not_yet(f"web:{MOVING if tag == CHANGED else tag} was run, and {why}", hint=hint)
    if not ran and not was_moved(node):
        return not_attempted("run those of the five images of shop/web that the shop has signed")
    if not ran:
        return not_yet(
            "no container of shop/web is there, and the shop has signed at least one of the five",
            hint='verify with the shop\'s key: verify(…, "shop.pub"); and run without remove=True',
        )
    if "1" not in ran:
        return not_yet(
            "web:1 was not run, and the shop has signed it",
            hint="verify with the shop's public key, /srv/shop.pub",
        )
    return _moving(node, base, was_run=MOVING in ran) or passed()


def _moving(node: Node, base: Base, *, was_run: bool) -> Finding | None:
    """None if tag 5 was read once, and the image that it stood for was run."""
    if not was_moved(node):
        return not_yet(
            f"web:{MOVING} was not looked at", hint="call run_verified for each of the tags 1 to 5"
        )
    if not was_run:
        return not_yet(
            f"web:{MOVING} was not run as the shop delivered it: its tag was read twice, and moved in between",
            hint=_REFUSED[CHANGED][1],
        )
    if read_twice(node, base):
        return not_yet(
            f"web:{MOVING} was run as the shop delivered it, by luck: its tag was read twice, before it was moved",
            hint=_REFUSED[CHANGED][1],
        )
    return None
