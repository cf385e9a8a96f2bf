"""The team's build server: it makes images, pushes them as writer, and signs them as cosign does.

Its private key is derived from a number that is written here, so that each machine has the same public key. A real one
is random, and no one else has it.
"""

from __future__ import annotations

import base64
import io
import json
import re
import secrets
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from docker import DockerClient

from labs.lesson import PushFailed
from labs.lessons.common import by_hand
from labs.lessons.run_the_registry_of_a_team.door import ADDRESS, WRITER
from labs.lessons.run_the_registry_of_a_team.trial_image import send
from labs.playground import Node
from labs.registry import digest_of

PUBLIC_KEY = "/srv/team/team.pub"
"""Where node 1 has the public key of the team."""
_TEAM, _STRANGER = 0x7EA4, 0x57A6E2
_PATIENCE_S = 40.0
_REFUSED = re.compile("unauthorized|denied|authentication required")
_OCI = "application/vnd.oci.image"
_SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"


def give_key(node: Node) -> None:
    """Write the team's public key into a node, as if a colleague had brought it."""
    public = _private(_TEAM).public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    node.write_file(PUBLIC_KEY, pem)


def build(node: Node, repository: str, tag: str) -> str:
    """Build an image that serves a page, on a node, push it as writer and return its digest.

    Raises:
        PushFailed: The registry refuses.
    """
    reference = f"{ADDRESS}/{repository}:{tag}"
    engine = node.docker
    engine.images.pull("nginx", tag="latest")
    text = f"FROM nginx\nLABEL check={secrets.token_hex(8)}\n".encode()
    engine.images.build(fileobj=io.BytesIO(text), tag=reference, rm=True)
    deadline = time.monotonic() + _PATIENCE_S
    try:
        while True:
            try:
                return _push(engine, reference)
            except PushFailed as error:
                # A clean-up may have the registry off for a moment; a password that is refused stays so.
                if time.monotonic() > deadline or _REFUSED.search(error.message):
                    raise
            time.sleep(1)
    finally:
        engine.images.remove(reference, force=True)


def _push(engine: DockerClient, reference: str) -> str:
    """Push with the login in the request: the client is the student's, who logs in as a part of the exercise."""
    login = dict(zip(("username", "password"), WRITER, strict=True))
    digest = ""
    for line in engine.api.push(reference, stream=True, decode=True, auth_config=login):
        if error := line.get("error"):
            raise PushFailed(f"push {reference.partition('@')[0]}: {error}")
        digest = (line.get("aux") or {}).get("Digest", digest)
    return str(digest)


def sign(
    node: Node, repository: str, digest: str, *, by_team: bool = True, claim: str = ""
) -> by_hand.HandMade:
    """Push a signature of a digest through a node, and return it.

    Args:
        node: Through which it is pushed.
        repository: Of the image.
        digest: What it is kept with.
        by_team: By the team's key, or by a stranger's.
        claim: The digest that it signs in truth, if that is another one.

    Raises:
        httpx.HTTPError: The registry refuses.
    """
    document = _signature(repository, claim or digest, _private(_TEAM if by_team else _STRANGER))
    send(node, repository, by_hand.signature_tag(digest), document)
    return document


def _signature(repository: str, digest: str, key: ec.EllipticCurvePrivateKey) -> by_hand.HandMade:
    payload = _json(
        {
            "critical": {
                "identity": {"docker-reference": f"{ADDRESS}/{repository}"},
                "image": {"docker-manifest-digest": digest},
                "type": "cosign container image signature",
            },
            "optional": None,
        }
    )
    signed = base64.b64encode(key.sign(payload, ec.ECDSA(hashes.SHA256()))).decode()
    rootfs = {"type": "layers", "diff_ids": [digest_of(payload)]}
    config = _json({"architecture": "", "os": "", "config": {}, "rootfs": rootfs})
    layer = {**_descriptor(payload, _SIMPLE_SIGNING)}
    layer["annotations"] = {"dev.cosignproject.cosign/signature": signed}
    kind = f"{_OCI}.manifest.v1+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": _descriptor(config, f"{_OCI}.config.v1+json"),
        "layers": [layer],
    }
    return by_hand.HandMade(_json(manifest), kind, (config, payload))


def _descriptor(content: bytes, media_type: str) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(content), "size": len(content)}


def _json(data: object) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode()


def _private(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())
