"""The checks of exercises 15.7 and 15.8: shop/tea at the other registry, whole, signed, and nothing else there."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, missing_part, no_registry, tags_of
from labs.lessons.move_and_sign.app_images import HERE, THERE, Base, Pushable
from labs.lessons.move_and_sign.bill_of_materials import sbom_of
from labs.lessons.move_and_sign.other_place import elsewhere
from labs.lessons.move_and_sign.shop_images import TEA, shop_key, tea_images
from labs.lessons.move_and_sign.signatures import claims, has_signature
from labs.lessons.move_and_sign.stick_in_the_post import DAMAGED, REPLACED, SCHOOL, replaced
from labs.playground import Node, Playground
from labs.registry import RegistryClient

_FILL = "run the cell with deliver_tea first"


def moved(playground: Playground, _answers: Answers) -> Finding:
    """shop/tea on port 5001: all tags with their digests, both platforms, SBOM, and signatures of the shop."""
    node = playground.node(1)
    if missing := no_registry(node, HERE) or no_registry(node, THERE):
        return missing
    base = _base(node)
    if base is None:
        return not_attempted(_FILL)
    with RegistryClient(node.url(THERE)) as there:
        tags = set(tags_of(there, TEA))
        if not tags:
            return elsewhere(there, TEA) or not_attempted(
                f"move {TEA} to the registry on port {THERE}"
            )
        for tag, document in tea_images(base).items():
            if wrong := _other(there, TEA, tag, document.digest, tags):
                return wrong
        for tag, document in tea_images(base).items():
            if wrong := _unsigned(there, TEA, tag, document.digest):
                return wrong
        if not _has_sbom(there, tea_images(base)["3"]):
            return not_yet(
                f"the SBOM of {TEA}:3 is not found on port {THERE}",
                hint="its list is an index under the fallback tag: a sync of all tags takes both, and cosign copy "
                "writes something else there",
            )
    return passed()


def _has_sbom(there: RegistryClient, image: Pushable) -> bool:
    """Whether the SBOM is listed as a referrer, and whole."""
    digest = sbom_of(image).digest
    found = {each.digest for each in there.referrers(TEA, image.digest)}
    return digest in found and not missing_part(there, TEA, digest)


def _base(node: Node) -> Base | None:
    """What the shop's images are made of; None if they are not in the first registry."""
    with RegistryClient(node.url(HERE)) as here:
        return Base.read(here) if tags_of(here, TEA) else None


def _other(
    there: RegistryClient, repository: str, tag: str, digest: str, tags: set[str]
) -> Finding | None:
    """None if a tag is there as it was pushed, whole."""
    if tag not in tags:
        return not_yet(
            f"{repository} on port {THERE} has no tag {tag}",
            hint=f"tags/list of {TEA} on port {HERE} names all; skopeo sync copies all of them",
        )
    if there.head(repository, tag).digest != digest:
        hint = "the layer of 2 was not compressed, and now it is: an option of skopeo preserves digests"
        if tag != "2":
            hint = "of an index, one platform is not all of it"
        return not_yet(
            f"{repository}:{tag} on port {THERE} has another digest than on port {HERE}", hint=hint
        )
    if broken := missing_part(there, repository, tag):
        return not_yet(f"{repository}:{tag} is not whole: {broken}", hint="move it again, --all")
    return None


def _unsigned(there: RegistryClient, repository: str, tag: str, digest: str) -> Finding | None:
    """None if the shop's signature of a digest is there."""
    if claims(there, repository, digest, shop_key()):
        return None
    if has_signature(there, repository, digest):
        return not_yet(
            f"{repository}:{tag} is signed on port {THERE}, and not by the shop",
            hint="to sign it again with a key of yours says nothing of the shop: bring its signature along",
        )
    return not_yet(
        f"{repository}:{tag} on port {THERE} has no signature",
        hint="it is under a tag of its own, sha256-….sig: skopeo sync takes it, or cosign copy",
    )


def taken_in(playground: Playground, _answers: Answers) -> Finding:
    """school/tea on port 5001 has the image that came as the shop signed it, and none of the other two."""
    node = playground.node(1)
    if missing := no_registry(node, HERE) or no_registry(node, THERE):
        return missing
    base = _base(node)
    if base is None:
        return not_attempted(_FILL)
    wanted = tea_images(base)
    with RegistryClient(node.url(THERE)) as there:
        tags = set(tags_of(there, SCHOOL))
        found = {tag: there.head(SCHOOL, tag).digest for tag in tags}
        if not tags:
            return elsewhere(there, SCHOOL, but=TEA) or not_attempted(
                f"bring what is good on the stick to {SCHOOL} on port {THERE}"
            )
        # By its digest: a tag that was moved away from it leaves it there.
        if not missing_part(there, SCHOOL, replaced(base).digest):
            return _foreign(there, base)
        if wanted[DAMAGED].digest in found.values() or wanted[REPLACED].digest in found.values():
            return not_yet(
                f"{SCHOOL} has an image that was not on the stick as the shop signed it",
                hint=f"it cannot have come from the stick: copy from /srv/stick, not from port {HERE}",
            )
        if wrong := _other(there, SCHOOL, "1", wanted["1"].digest, tags):
            return wrong
        if wrong := _unsigned(there, SCHOOL, "1", wanted["1"].digest):
            return wrong
        signed = {digest for digest in found.values() if claims(there, SCHOOL, digest, shop_key())}
        others = {tag for tag in tags if not tag.startswith("sha256-")} - {
            tag for tag, digest in found.items() if digest in signed
        }
        if others:
            return not_yet(
                f"{SCHOOL} has {listed(others)}, which the shop has not signed",
                hint="delete what does not verify, or copy only what does",
            )
    return passed()


def _foreign(there: RegistryClient, base: Base) -> Finding:
    if has_signature(there, SCHOOL, replaced(base).digest):
        hint = "its signature is by the key on the stick, and not by /srv/shop.pub, which came by another way"
    else:
        hint = (
            "each digest on the stick fits, and only the signature tells: verify before you take it"
        )
    one = f'there.delete("{SCHOOL}", there.head("{SCHOOL}", "{REPLACED}").digest)'
    hint += f"; delete it, {one}, or run the whole cell again: post empties {SCHOOL}"
    return not_yet(f"{SCHOOL}:{REPLACED} is not the shop's image: it was replaced", hint=hint)
