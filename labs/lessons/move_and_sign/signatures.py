"""Reads cosign's signatures from a registry and verifies them with a public key, without cosign.

A signature is a manifest under a tag made of the digest: sha256-<digits>.sig. Each of its layers is a claim, a JSON
document that names the digest; the signature of the claim's bytes is an annotation of the layer.
"""

from __future__ import annotations

import base64
import json
from enum import Enum
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from labs.lessons.common import by_hand
from labs.registry import Manifest, RegistryClient, RegistryError

SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
_SIGNATURE = "dev.cosignproject.cosign/signature"


class Fault(Enum):
    """What is wrong with what is kept as the signature of a digest."""

    MISSING = "nothing is there"
    NO_SIGNATURE = "it is something else"
    OTHER_KEY = "another key made it"
    OTHER_DIGEST = "it is about another digest"


def claims(
    registry: RegistryClient, repository: str, digest: str, key: bytes
) -> list[dict[str, Any]]:
    """The claims about a digest that a key has signed; none if there is no such signature.

    Args:
        registry: Where it is.
        repository: Of the image.
        digest: Of the manifest or index.
        key: Public key, as PEM; one that cannot be read has signed nothing.
    """
    every = _signed(registry, repository, _layers(registry, repository, digest), key)
    return [each for each in every if _names(each) == digest]


def fault(registry: RegistryClient, repository: str, digest: str, key: bytes) -> Fault | None:
    """Say why a key has not signed a digest; None if it has."""
    if not has_signature(registry, repository, digest):
        return Fault.MISSING
    layers = _layers(registry, repository, digest)
    if not any(layer.get("mediaType") == SIMPLE_SIGNING for layer in layers):
        return Fault.NO_SIGNATURE
    every = _signed(registry, repository, layers, key)
    if not every:
        return Fault.OTHER_KEY
    return None if digest in map(_names, every) else Fault.OTHER_DIGEST


def has_signature(registry: RegistryClient, repository: str, digest: str) -> bool:
    """Whether anything is kept as a signature of a digest, of whichever key."""
    try:
        registry.head(repository, by_hand.signature_tag(digest))
    except RegistryError as error:
        if error.status != 404:
            raise
        return False
    return True


def _layers(registry: RegistryClient, repository: str, digest: str) -> list[dict[str, Any]]:
    """The layers of what is kept as a signature; none if nothing is, or no image."""
    try:
        found = registry.manifest(repository, by_hand.signature_tag(digest))
    except RegistryError as error:
        if error.status != 404:
            raise
        return []
    return list(found.json["layers"]) if isinstance(found, Manifest) else []


def _signed(
    registry: RegistryClient, repository: str, layers: list[dict[str, Any]], key: bytes
) -> list[dict[str, Any]]:
    """The claims that a key has signed, about whichever digest."""
    public = _key(key)
    if public is None:
        return []
    every = (_claim(registry, repository, layer, public) for layer in layers)
    return [each for each in every if each]


def _key(pem: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        found = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return found if isinstance(found, ec.EllipticCurvePublicKey) else None


def _claim(
    registry: RegistryClient,
    repository: str,
    layer: dict[str, Any],
    public: ec.EllipticCurvePublicKey,
) -> dict[str, Any]:
    """One claim, if the key has signed it; else nothing."""
    try:
        signature = base64.b64decode(layer["annotations"][_SIGNATURE], validate=True)
        payload = registry.blob(repository, layer["digest"])
        public.verify(signature, payload, ec.ECDSA(hashes.SHA256()))
        found = json.loads(payload)
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return {}
    except RegistryError as error:
        if error.status != 404:
            raise
        return {}
    return found if isinstance(found, dict) else {}


def _names(claim: dict[str, Any]) -> str:
    """The digest that a claim is about."""
    try:
        return str(claim["critical"]["image"]["docker-manifest-digest"])
    except (KeyError, TypeError):
        return ""
