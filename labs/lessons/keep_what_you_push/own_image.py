"""An image that exists nowhere else: it has a label with a number that is drawn by chance."""

from __future__ import annotations

import json
from io import BytesIO
from secrets import token_hex

from labs.lesson import Lab

LABEL = "drawn"
NOTE = "/srv/pushed-once.json"
"""A file of the node: the digests of what `push_only_copies` pushed, by repository."""


def push_own(lab: Lab, repository: str) -> str:
    """Build such an image, push it to the registry on port 5000, and remove it from the engine; return its digest.

    Args:
        lab: Of the lesson.
        repository: The image gets the tag `latest`.
    """
    tag = f"127.0.0.1:5000/{repository}"
    # The base first: a build whose base is missing pulls it from the mirror and prints nothing of it.
    lab.docker.images.pull("hello-world", tag="latest")
    dockerfile = f"FROM hello-world\nLABEL {LABEL}={token_hex(8)}\n"
    lab.docker.images.build(fileobj=BytesIO(dockerfile.encode()), tag=tag, rm=True)
    lab.push(tag)
    lab.docker.images.remove(tag)
    return str(lab.registry.head(repository, "latest").digest)


def push_only_copies(lab: Lab, *repositories: str) -> None:
    """Push an own image to each repository, and note the digests on the node: later ones are other images."""
    pushed = {repository: push_own(lab, repository) for repository in repositories}
    lab.node().write_file(NOTE, json.dumps(pushed))
