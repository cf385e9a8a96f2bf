"""A list of an image's parts, as a referrer of that image: what oras attaches."""

from __future__ import annotations

from labs.lessons.move_and_sign.app_images import MANIFEST, Pushable, as_json, descriptor

SBOM = "application/spdx+json"
_EMPTY = "application/vnd.oci.empty.v1+json"


def sbom_of(subject: Pushable) -> Pushable:
    """An SBOM for an image, which names the image as its subject."""
    empty, text = b"{}", as_json({"spdxVersion": "SPDX-2.3", "name": subject.digest})
    content = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": SBOM,
        "config": descriptor(empty, _EMPTY),
        "layers": [descriptor(text, SBOM)],
        "subject": descriptor(subject.content, subject.media_type),
    }
    return Pushable(as_json(content), MANIFEST, (empty, text), artifact_type=SBOM)
