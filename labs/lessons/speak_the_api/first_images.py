"""What the registry on port 5000 has when lesson 3 begins: busybox three times, and one image that no one knows yet."""

from __future__ import annotations

from io import BytesIO
from secrets import token_hex

from labs.lesson import Lab

SAME = ("busybox", "team/base", "team/tools")
"""Repositories that have busybox, as `latest`."""
DRAWN = "test/"
"""How the repository's name begins whose end is drawn by chance."""
LABEL = "drawn"


def push_first_images(lab: Lab) -> str:
    """Push busybox to three repositories and return its digest there, the same each time.

    One more image goes to a repository whose name is drawn by chance, with the tag `1`. Its config has a label `drawn`,
    whose value is drawn as well. The engine keeps no tag of it.
    """
    busybox, digest = lab.docker.images.pull("busybox", tag="latest"), ""
    for repository in SAME:
        busybox.tag(f"127.0.0.1:5000/{repository}", tag="latest")
        digest = lab.push(f"127.0.0.1:5000/{repository}:latest")
    tag = f"127.0.0.1:5000/{DRAWN}{token_hex(4)}:1"
    dockerfile = f"FROM busybox\nLABEL {LABEL}={token_hex(4)}\n"
    lab.docker.images.build(fileobj=BytesIO(dockerfile.encode()), tag=tag, rm=True)
    lab.push(tag)
    lab.docker.images.remove(tag)
    return digest
