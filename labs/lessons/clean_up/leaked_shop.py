"""Two repositories, and a layer with a key that must not be in them: what exercise 9.6 begins with."""

from __future__ import annotations

import io
import tarfile

import httpx

from labs.lessons.common.by_hand import HandMade, image, index, noise, push
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
_BASE = noise("shop", 1)
_OLD = image(_BASE, LAYER, noise("api 2", 0.2))
_WORKER = image(_BASE, LAYER, noise("worker 1", 0.2))

LEAKED: tuple[tuple[str, HandMade], ...] = ((API, _OLD), (WORKER, _WORKER))
"""The images that have it, by repository."""

KEPT: dict[tuple[str, str], HandMade] = {
    (API, "1"): image(_BASE, noise("api 1", 0.2)),
    (API, "2"): image(_BASE, noise("api 2", 0.2)),
    (API, "3"): image(_BASE, noise("api 3", 0.2)),
    (API, "latest"): image(_BASE, noise("api 3", 0.2)),
    (API, "both"): index(
        image(_BASE, noise("api amd64", 0.2)),
        image(_BASE, noise("api arm64", 0.2), architecture="arm64"),
    ),
    (WORKER, "2"): image(_BASE, noise("worker 2", 0.2)),
}
"""The images without it, by repository and tag."""


def fill(http: httpx.Client) -> str:
    """Push everything; return the digest of the layer with the key."""
    push(http, API, "2", _OLD)
    # Where the mistake was noticed, and an image without it pushed under the same tag.
    for (repository, tag), document in KEPT.items():
        push(http, repository, tag, document)
    push(http, WORKER, "1", _WORKER)
    return LEAKED_LAYER
