"""A catalog of three small images from scratch, whose hub is a registry on the engine's own loopback."""

from __future__ import annotations

from pathlib import Path

import docker

from labs.images import Catalog, build

HUB = "127.0.0.1:5000"
SCRATCH = "FROM scratch\nCOPY words /words\nLABEL org.registry-course.test=1\n"


def push(client: docker.DockerClient, name: str, words: str) -> str:
    """Build an image that holds `words`, push it to the hub, remove it here; return `name@digest`."""
    from labs.images.catalog import Image

    image = Image(key="hub", name=f"{HUB}/{name}", max_mb=1)
    context = build.context_from({"Dockerfile": SCRATCH.encode(), "words": words.encode()})
    build.build(client, context, image, lambda _: None)
    for event in client.api.push(image.name, stream=True, decode=True):
        assert "error" not in event, event
    digest = client.api.inspect_distribution(image.name)["Descriptor"]["digest"]
    client.images.remove(image.name)
    return f"{image.name}@{digest}"


def catalog(folder: Path, hub: dict[str, str], registry: str) -> Catalog:
    """A catalog in `folder`: base, one image with a hub and a Dockerfile, and the mirror."""
    made = folder / "made"
    made.mkdir(exist_ok=True)
    (made / "Dockerfile").write_text("ARG BASE=scratch\nFROM ${BASE}\nCOPY words /made\n")
    (made / "words").write_text("built\n")
    entry = "name = {name!r}\nmax_mb = 5\n"
    (folder / "catalog.toml").write_text(
        f"[base]\nsuite = 'trixie'\nhub = {hub['base']!r}\n{entry.format(name='test/base:1')}"
        f"[images.registry]\n{entry.format(name=registry)}folder = 'registry'\n"
        f"[images.made]\nserved = 'made:1'\nhub = {hub['made']!r}\nfolder = {str(made)!r}\n"
        f"{entry.format(name='test/made:1')}"
        f"[mirror]\nfolder = 'mirror'\n{entry.format(name='test/mirror:1')}"
    )
    return Catalog.read(folder / "catalog.toml")
