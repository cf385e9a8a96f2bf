"""The images of the course: what they are called, where they come from, how they are built, saved and loaded."""

from labs.images.build import ensure, remove
from labs.images.bundle_file import load, save
from labs.images.catalog import Catalog, Image, ImageError
from labs.images.inventory import Stock, look, stock

__all__ = [
    "Catalog",
    "Image",
    "ImageError",
    "Stock",
    "ensure",
    "load",
    "look",
    "remove",
    "save",
    "stock",
]
