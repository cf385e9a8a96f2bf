"""An image that exists nowhere else: it has a label with a number that is drawn by chance."""

from __future__ import annotations

from io import BytesIO
from secrets import token_hex

from labs.lesson import Lab

LABEL = "drawn"
NOTES = "/srv/pushed"
"""A folder of the node: a file for each repository, with the digest of what was pushed last."""


def push_own(lab: Lab, repository: str) -> None:
    """Build such an image, push it to the registry on port 5000, and remove it from the engine.

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
    digest = lab.registry.head(repository, "latest").digest
    lab.node().write_file(f"{NOTES}/{repository}", f"{digest}\n")
