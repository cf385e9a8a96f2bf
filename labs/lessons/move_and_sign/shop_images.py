"""What the shop pushes, and signs with its own key as cosign does: exercises 15.6 to 15.8.

Its private key is derived from a number that is written here, so that each machine has the same public key. A real one
is random, and no one else has it.
"""

from __future__ import annotations

import base64

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from labs.lessons.common import by_hand
from labs.lessons.move_and_sign.app_images import (
    Base,
    Pushable,
    as_json,
    client_of,
    index,
    manifest,
    push,
)
from labs.lessons.move_and_sign.bill_of_materials import sbom_of
from labs.lessons.move_and_sign.signatures import SIMPLE_SIGNING
from labs.playground import Node
from labs.registry import digest_of

WEB, TEA = "shop/web", "shop/tea"
PUBLIC_KEY = "/srv/shop.pub"
"""Where the node has the shop's public key."""
_SHOP, _STRANGER = 0x5E11E2, 0x57A6E2


def shop_key() -> bytes:
    """The shop's public key, as PEM."""
    return _public(_SHOP)


def stranger_key() -> bytes:
    """The public key of someone who is not the shop, as PEM."""
    return _public(_STRANGER)


def signed(document: Pushable, *, by_shop: bool = True, claim: Pushable | None = None) -> Pushable:
    """A signature for a document, in the form of cosign.

    Args:
        document: What it is kept with.
        by_shop: By the shop's key, or a stranger's.
        claim: What it signs in truth, if that is another document.
    """
    payload = as_json(
        {
            "critical": {
                "identity": {"docker-reference": f"127.0.0.1:5000/{TEA}"},
                "image": {"docker-manifest-digest": (claim or document).digest},
                "type": "cosign container image signature",
            },
            "optional": None,
        }
    )
    private = _private(_SHOP if by_shop else _STRANGER)
    signature = base64.b64encode(private.sign(payload, ec.ECDSA(hashes.SHA256()))).decode()
    config = {"architecture": "", "os": "", "config": {}}
    config |= {"rootfs": {"type": "layers", "diff_ids": [digest_of(payload)]}}
    note = {"dev.cosignproject.cosign/signature": signature}
    return manifest(as_json(config), payload, kind=SIMPLE_SIGNING, annotations=note)


def web_images(base: Base) -> dict[str, Pushable]:
    """What each tag of shop/web is when it is delivered."""
    return {str(number): base.image(f"web {number}") for number in range(1, 6)}


def web_changed(base: Base) -> Pushable:
    """What tag 5 of shop/web is a moment after it was read."""
    return base.image("something else")


def tea_images(base: Base) -> dict[str, Pushable]:
    """What each tag of shop/tea is: an index, an image whose layer is not compressed, an image with an SBOM."""
    two = base.image("tea 2", compressed=False)
    return {"1": base.both("tea 1"), "2": two, "3": base.image("tea 3")}


def deliver_web(node: Node, base: Base) -> None:
    """Push shop/web: 1 and 5 are signed, 2 is not, 3 is by a stranger, 4 has the signature of 1."""
    images = web_images(base)
    with client_of(node) as http:
        for tag, document in images.items():
            push(http, WEB, tag, document)
        push(http, WEB, None, web_changed(base))
        for tag in ("1", "5"):
            _sign(http, WEB, images[tag], signed(images[tag]))
        _sign(http, WEB, images["3"], signed(images["3"], by_shop=False))
        _sign(http, WEB, images["4"], signed(images["4"], claim=images["1"]))


def deliver_tea(node: Node) -> None:
    """Push shop/tea, each image of it signed, and give the node the shop's public key."""
    base = Base.of(node)
    images = tea_images(base)
    with client_of(node) as http:
        for tag, document in images.items():
            push(http, TEA, tag, document)
            _sign(http, TEA, document, signed(document))
        # The fallback tag: a list of what points to the image.
        push(http, TEA, images["3"].digest.replace(":", "-"), index(sbom_of(images["3"])))
    give_key(node)


def give_key(node: Node) -> None:
    """Write the shop's public key into the node, as if it had come by another way than the images."""
    node.write_file(PUBLIC_KEY, shop_key())


def _sign(http: httpx.Client, repository: str, document: Pushable, signature: Pushable) -> None:
    push(http, repository, by_hand.signature_tag(document.digest), signature)


def _private(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


def _public(number: int) -> bytes:
    return (
        _private(number)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
