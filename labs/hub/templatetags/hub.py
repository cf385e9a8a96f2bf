"""Sizes of images, in the units of `docker image ls`."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def size(number: int | None) -> str:
    """Bytes as `4.3 MB`; a dash for an index, which has no size of its own."""
    if number is None:
        return "–"
    value = float(number)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} GB"
