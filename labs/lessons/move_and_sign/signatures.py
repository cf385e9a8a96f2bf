"""Reads cosign's signatures from a registry and verifies them with a public key, without cosign.

A signature is a manifest under a tag made of the digest: sha256-<digits>.sig. Each of its layers is a claim, a JSON
document that names the digest; the signature of the claim's bytes is an annotation of the layer.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from labs.registry import Manifest, RegistryClient, RegistryError

SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
_SIGNATURE = "dev.cosignproject.cosign/signature"


def signature_tag(digest: str) -> str:
    """The tag under which the signatures of a digest are kept."""
    return f"{digest.replace(':', '-')}.sig"


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
    public = _key(key)
    try:
        found = registry.manifest(repository, signature_tag(digest))
    except RegistryError as error:
        if error.status != 404:
            raise
        return []
    if public is None or not isinstance(found, Manifest):
        return []
    every = [_claim(registry, repository, layer, public) for layer in found.json["layers"]]
    return [each for each in every if each and _names(each) == digest]


def has_signature(registry: RegistryClient, repository: str, digest: str) -> bool:
    """Whether anything is kept as a signature of a digest, of whichever key."""
    try:
        registry.head(repository, signature_tag(digest))
    except RegistryError as error:
        if error.status != 404:
            raise
        return False
    return True


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
