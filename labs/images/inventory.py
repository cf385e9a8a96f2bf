"""The images of the catalog that an engine has: their size and origin. Nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass

import docker
from docker.errors import ImageNotFound

from labs.images.catalog import SOURCE_LABEL, Catalog, Image


@dataclass(frozen=True)
class Stock:
    """One image of the catalog as an engine has it.

    Attributes:
        image: The entry of the catalog.
        size_bytes: As `docker images` counts; 0 where it is missing.
        source: `build:<fingerprint>`, `hub:<digest>` or empty where it is missing.
        image_id: The engine's id of it.
        current: Whether it was made from what the catalog and its folder hold now.
    """

    image: Image
    size_bytes: int = 0
    source: str = ""
    image_id: str = ""
    current: bool = False

    @property
    def present(self) -> bool:
        """Whether the engine has it."""
        return bool(self.image_id)


def stock(
    client: docker.DockerClient, catalog: Catalog | None = None, *, extra: bool = False
) -> list[Stock]:
    """Return an entry for each image of the catalog, in its order, as `client`'s engine has it.

    Args:
        client: The engine.
        catalog: The images; by default the course's.
        extra: Also list images that only some uses need.
    """
    catalog = catalog or Catalog.read()
    more = catalog.extra.values() if extra else ()
    return [look(client, image) for image in (*catalog.all(), *more)]


def look(client: docker.DockerClient, image: Image) -> Stock:
    """Return one image as the engine has it."""
    try:
        found = client.api.inspect_image(image.name)
    except ImageNotFound:
        return Stock(image)
    # `or {}`: Labels is null in an image that has none, for example one that a student built under this name.
    source = (found["Config"].get("Labels") or {}).get(SOURCE_LABEL, "")
    return Stock(
        image,
        size_bytes=found["Size"],
        source=source,
        image_id=found["Id"],
        current=is_current(image, source),
    )


def is_current(image: Image, source: str) -> bool:
    """Whether an image with that value of `SOURCE_LABEL` was made from what the catalog and its folder hold now."""
    built = source.startswith("build:") and source.split(":")[1] == image.fingerprint()
    pulled = bool(image.hub) and source == f"hub:{image.hub.partition('@')[2]}"
    # The mirror's own fingerprint is compared by `mirror.refresh`; a base is never out of date by itself.
    made_of_others = source.startswith("mirror:") or source.startswith("mmdebstrap:")
    return built or pulled or made_of_others
