"""The mirror image: the registry with the course's images pushed into it, so that nodes pull without Docker Hub."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from typing import Any

import docker
from docker.models.containers import Container

from labs.images.catalog import SOURCE_LABEL, Catalog, Image, ImageError
from labs.images.inventory import look
from labs.waiting import wait_until

Say = Callable[[str], None]


def refresh(
    client: docker.DockerClient, catalog: Catalog, say: Say, build: Callable[[io.BytesIO], None]
) -> bool:
    """Build the mirror image again if its content has changed; return whether it was built."""
    wanted = "mirror:" + _fingerprint(client, catalog)
    if look(client, catalog.mirror).source == wanted:
        return False
    say(f"{catalog.mirror.name}: filling it with {', '.join(i.served for i in catalog.served)}")
    registry = _start(client, catalog.images["registry"])
    try:
        for image in catalog.served:
            _push(client, registry, image, say)
        tree = _read_tree(registry)
    finally:
        registry.remove(force=True, v=True)
    build(_context(catalog, tree, wanted))
    return True


def _fingerprint(client: docker.DockerClient, catalog: Catalog) -> str:
    ids = [f"{i.served}={look(client, i).image_id}" for i in catalog.served]
    return catalog.mirror.fingerprint(*ids)


def _start(client: docker.DockerClient, image: Image) -> Container:
    """A registry on the host's engine, on a free loopback port, for as long as the filling takes."""
    containers: Any = client.containers  # its types know no port that the engine picks
    registry: Container = containers.run(
        image.name,
        detach=True,
        environment={
            "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/mirror",
            "OTEL_TRACES_EXPORTER": "none",
        },
        labels={SOURCE_LABEL: "filling"},
        ports={"5000/tcp": ("127.0.0.1", None)},
    )
    try:
        wait_until(
            lambda: b"listening on" in registry.logs(),
            "the registry that fills the mirror",
            last_words=lambda: registry.logs(tail=5).decode(errors="replace"),
        )
    except BaseException:
        registry.remove(force=True, v=True)
        raise
    registry.reload()
    return registry


def _push(client: docker.DockerClient, registry: Container, image: Image, say: Say) -> None:
    port = (registry.ports["5000/tcp"] or [{}])[0]["HostPort"]
    repository, _, tag = image.served.rpartition(":")
    local = f"127.0.0.1:{port}/library/{repository}"
    client.api.tag(image.name, local, tag)
    try:
        for event in client.api.push(local, tag, stream=True, decode=True):
            if "error" in event:
                raise ImageError(f"filling the mirror with {image.served}: {event['error']}")
        say(f"  mirror: {image.served}")
    finally:
        client.api.remove_image(f"{local}:{tag}", noprune=True)


def _read_tree(registry: Container) -> bytes:
    stream, _ = registry.get_archive("/mirror")
    return b"".join(stream)


def _context(catalog: Catalog, tree: bytes, source: str) -> io.BytesIO:
    """The mirror's folder and the storage tree as one build context; the label is written by the build."""
    buffer = io.BytesIO()
    with (
        tarfile.open(fileobj=buffer, mode="w") as out,
        tarfile.open(fileobj=io.BytesIO(tree)) as inside,
    ):
        for member in inside:
            out.addfile(member, inside.extractfile(member) if member.isfile() else None)
        for path in sorted(catalog.mirror.context.iterdir()):
            text = path.read_text()
            if path.name == "Dockerfile":
                registry = catalog.images["registry"].name
                text = text.replace("ARG REGISTRY", f"ARG REGISTRY={registry}")
                text += f"LABEL {SOURCE_LABEL}={source}\n"
            entry = tarfile.TarInfo(path.name)
            entry.size = len(text.encode())
            out.addfile(entry, io.BytesIO(text.encode()))
    buffer.seek(0)
    return buffer
