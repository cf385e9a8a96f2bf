"""The mirror image: the registry with the course's images pushed into it, so that nodes pull without Docker Hub."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Collection
from typing import Any

import docker
from docker.errors import ImageNotFound
from docker.models.containers import Container

from labs.images.catalog import SOURCE_LABEL, Catalog, Image, ImageError
from labs.images.inventory import look
from labs.waiting import wait_until

Say = Callable[[str], None]

SERVES_LABEL = "org.registry-course.serves"
"""Label of the mirror image: what nodes can pull from it, separated by spaces."""


def refresh(
    client: docker.DockerClient,
    catalog: Catalog,
    say: Say,
    build: Callable[[io.BytesIO], None],
    served: Collection[str] | None = None,
) -> bool:
    """Build the mirror image again if its content has changed; return whether it was built.

    Args:
        client: The engine.
        catalog: The images.
        say: Receives each step.
        build: Builds it from a context.
        served: What it must serve for now, by default everything; if it serves that, it is not built.
    """
    if served is not None and serves(client, catalog, served):
        return False
    wanted = "mirror:" + _fingerprint(client, catalog)
    if look(client, catalog.mirror).source == wanted:
        return False
    here = [image for image in catalog.served if look(client, image).present]
    say(f"{catalog.mirror.name}: filling it with {', '.join(i.served for i in here)}")
    registry = _start(client, catalog.images["registry"])
    try:
        for image in here:
            # `library/`: a node asks its mirror for Docker Hub's own repository names, where official images have that
            # prefix.
            push(client, registry, image, f"library/{image.served}")
            say(f"  mirror: {image.served}")
        tree = _read_tree(registry)
    finally:
        registry.remove(force=True, v=True)
    labels = {SOURCE_LABEL: wanted, SERVES_LABEL: " ".join(image.served for image in here)}
    build(_context(catalog, tree, labels))
    return True


def serves(client: docker.DockerClient, catalog: Catalog, served: Collection[str]) -> bool:
    """Whether the mirror is present and nodes can pull `served` from it; one without the label has everything."""
    try:
        found = client.api.inspect_image(catalog.mirror.name)
    except ImageNotFound:
        return False
    label = (found["Config"].get("Labels") or {}).get(SERVES_LABEL)
    return label is None or set(served) <= set(label.split())


def _fingerprint(client: docker.DockerClient, catalog: Catalog) -> str:
    # With the ids of the images inside: one that was built again has to be pushed again.
    ids = [f"{i.served}={look(client, i).image_id}" for i in catalog.served]
    return catalog.mirror.fingerprint(*ids)


def _start(client: docker.DockerClient, image: Image) -> Container:
    """Start a registry on the host's engine, on a free loopback port, to fill the mirror's storage."""
    containers: Any = client.containers  # its types know no port that the engine picks
    registry: Container = containers.run(
        image.name,
        detach=True,
        environment={
            "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/mirror",
            "OTEL_TRACES_EXPORTER": "none",
        },
        labels={SOURCE_LABEL: "filling"},
        # Loopback: the engine pushes to 127.0.0.0/8 without TLS, and no other machine can push into the mirror.
        ports={"5000/tcp": ("127.0.0.1", None)},
    )
    try:
        wait_until(
            lambda: b"listening on" in registry.logs(),
            "the registry that fills the mirror",
            last_words=lambda: registry.logs(tail=5).decode(errors="replace"),
        )
    # The caller's `finally` begins only after this function: a registry that does not start would be left running.
    except BaseException:
        registry.remove(force=True, v=True)
        raise
    registry.reload()
    return registry


def push(client: docker.DockerClient, registry: Container, image: Image, name: str) -> None:
    """Push an image into a registry whose port 5000 is published on the engine's loopback.

    Args:
        client: The engine.
        registry: The registry's container, with its ports read.
        image: The image.
        name: What it is called there, `library/nginx:latest`.

    Raises:
        ImageError: The registry refused it.
    """
    port = (registry.ports["5000/tcp"] or [{}])[0]["HostPort"]
    repository, _, tag = name.rpartition(":")
    local = f"127.0.0.1:{port}/{repository}"
    client.api.tag(image.name, local, tag)
    try:
        for event in client.api.push(local, tag, stream=True, decode=True):
            if "error" in event:
                raise ImageError(f"pushing {name} into a registry: {event['error']}")
    finally:
        # Only this name: the image itself is the course's.
        client.api.remove_image(f"{local}:{tag}", noprune=True)


def _read_tree(registry: Container) -> bytes:
    stream, _ = registry.get_archive("/mirror")
    return b"".join(stream)


def _context(catalog: Catalog, tree: bytes, labels: dict[str, str]) -> io.BytesIO:
    """The mirror's folder and the storage tree as one build context; the labels are written by the build."""
    buffer = io.BytesIO()
    with (
        tarfile.open(fileobj=buffer, mode="w") as out,
        tarfile.open(fileobj=io.BytesIO(tree)) as inside,
    ):
        for member in inside:
            out.addfile(member, inside.extractfile(member) if member.isfile() else None)
        for path in sorted(catalog.mirror.context.iterdir()):
            text = path.read_text(encoding="utf-8")
            if path.name == "Dockerfile":
                registry = catalog.images["registry"].name
                text = text.replace("ARG REGISTRY", f"ARG REGISTRY={registry}")
                text += "".join(f'LABEL {name}="{value}"\n' for name, value in labels.items())
            entry = tarfile.TarInfo(path.name)
            entry.size = len(text.encode())
            out.addfile(entry, io.BytesIO(text.encode()))
    buffer.seek(0)
    return buffer
