"""The images of the course: what they are called, where they come from, how they are built, saved and loaded."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.images.build import can_serve, ensure, missing, remove
    from labs.images.bundle_file import load, save
    from labs.images.catalog import Catalog, Image, ImageError
    from labs.images.class_address import VARIABLE, ClassAddress
    from labs.images.class_images import ClassImages
    from labs.images.class_registry import ClassRegistry, require_free, serve_class
    from labs.images.inventory import Stock, look, stock
    from labs.images.mirror import SERVES_LABEL
    from labs.images.work import Work, WorkFile
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.images.build": (
                "can_serve",
                "ensure",
                "missing",
                "remove",
            ),
            "labs.images.bundle_file": (
                "load",
                "save",
            ),
            "labs.images.catalog": (
                "Catalog",
                "Image",
                "ImageError",
            ),
            "labs.images.class_address": (
                "VARIABLE",
                "ClassAddress",
            ),
            "labs.images.class_images": ("ClassImages",),
            "labs.images.class_registry": (
                "ClassRegistry",
                "require_free",
                "serve_class",
            ),
            "labs.images.inventory": (
                "Stock",
                "look",
                "stock",
            ),
            "labs.images.mirror": ("SERVES_LABEL",),
            "labs.images.work": (
                "Work",
                "WorkFile",
            ),
        },
    )

__all__ = [
    "SERVES_LABEL",
    "VARIABLE",
    "Catalog",
    "ClassAddress",
    "ClassImages",
    "ClassRegistry",
    "Image",
    "ImageError",
    "Stock",
    "Work",
    "WorkFile",
    "can_serve",
    "ensure",
    "load",
    "look",
    "missing",
    "remove",
    "require_free",
    "save",
    "serve_class",
    "stock",
]
