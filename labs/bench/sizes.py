"""How large the images are, beside the limits of the catalog."""

from __future__ import annotations

from collections.abc import Iterator

from labs.bench.rows import MEGABYTE, Row
from labs.bench.setting import Setting
from labs.images import stock


def image_sizes(setting: Setting) -> Iterator[Row]:
    """A row for each image that is there, as `docker images` shows it."""
    for entry in stock(setting.engine.client):
        size = (entry.size_bytes / MEGABYTE,) if entry.present else ()
        yield Row(
            f"image {entry.image.key}",
            "MB",
            size,
            target=entry.image.max_mb,
            note="" if entry.current else f"{entry.image.name} is missing or out of date",
        )
