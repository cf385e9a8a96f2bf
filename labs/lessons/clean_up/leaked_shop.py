"""Two repositories, and a layer with a key that must not be in them: what exercise 11.6 begins with."""

from __future__ import annotations

import io
import tarfile

import httpx

from labs.lessons.common import by_hand
from labs.registry import digest_of

API, WORKER = "shop/api", "shop/worker"


def _archive(name: str, content: bytes) -> bytes:
    file, archive = tarfile.TarInfo(name), io.BytesIO()
    file.size = len(content)
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.addfile(file, io.BytesIO(content))
    return archive.getvalue()


LAYER = _archive("app/.env", b"AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n")
"""The layer that was pushed by mistake. The key is the one that AWS prints in its own manuals."""

LEAKED_LAYER = digest_of(LAYER)
_BASE = by_hand.noise("shop", 1)
_OLD = by_hand.image(_BASE, LAYER, by_hand.noise("api 2", 0.2))
_WORKER = by_hand.image(_BASE, LAYER, by_hand.noise("worker 1", 0.2))

LEAKED: tuple[tuple[str, by_hand.HandMade], ...] = ((API, _OLD), (WORKER, _WORKER))
"""The images that have it, by repository."""

KEPT: dict[tuple[str, str], by_hand.HandMade] = {
    (API, "1"): by_hand.image(_BASE, by_hand.noise("api 1", 0.2)),
    (API, "2"): by_hand.image(_BASE, by_hand.noise("api 2", 0.2)),
    (API, "3"): by_hand.image(_BASE, by_hand.noise("api 3", 0.2)),
    (API, "latest"): by_hand.image(_BASE, by_hand.noise("api 3", 0.2)),
    (API, "both"): by_hand.index(
        by_hand.image(_BASE, by_hand.noise("api amd64", 0.2)),
        by_hand.image(_BASE, by_hand.noise("api arm64", 0.2), architecture="arm64"),
    ),
    (WORKER, "2"): by_hand.image(_BASE, by_hand.noise("worker 2", 0.2)),
}
"""The images without it, by repository and tag."""


def fill(http: httpx.Client) -> str:
    """Push everything; return the digest of the layer with the key."""
    by_hand.push(http, API, "2", _OLD)
    # Where the mistake was noticed, and an image without it pushed under the same tag.
    for (repository, tag), document in KEPT.items():
        by_hand.push(http, repository, tag, document)
    by_hand.push(http, WORKER, "1", _WORKER)
    return LEAKED_LAYER
