"""What the registry on port 5000 has when 1.7 begins: images under names that a student cannot all know beforehand."""

from __future__ import annotations

import json
from secrets import token_hex

from labs.lesson import Lab

NOTE = "/srv/filled.json"
"""A file of node 1: which image of Docker Hub each name is."""


def fill_registry(lab: Lab) -> None:
    """Push four images to the registry on port 5000, one to a repository whose name is drawn by chance.

    The engine keeps no tag of them: what the registry has, only the registry knows.
    """
    names = {
        "team/web:1": "hello-world",
        "team/web:2": "busybox",
        "team/db:1": "busybox",
        f"team/{token_hex(4)}:old": "hello-world",
    }
    for name, image in names.items():
        tag = f"127.0.0.1:5000/{name}"
        lab.docker.images.pull(image, tag="latest").tag(tag)
        lab.push(tag)
        lab.docker.images.remove(tag)
    lab.node().write_file(NOTE, json.dumps(names))
