"""The notebook of the repair shop: made from its source as it is. It is not a lesson: it has no stored run, no page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from labs.builder import rules, source

STEM = "70-repair-shop"
_SOURCE = "repair-shop.py"  # without a number: it is not a lesson's


def notebook_of(root: Path) -> Path:
    """What a student opens."""
    return root / "notebooks" / f"{STEM}.ipynb"


def make(root: Path) -> list[Path]:
    """Write the notebook; return its path, or nothing in a course without the shop."""
    origin = _source_of(root)
    if not origin.is_file():
        return []
    path = notebook_of(root)
    path.write_text(source.ipynb_text(source.read(origin)), encoding="utf-8")
    return [path]


def problems(root: Path) -> Iterator[tuple[Path, str]]:
    """What is wrong with the source or the notebook, each with the file."""
    origin, path = _source_of(root), notebook_of(root)
    if not origin.is_file():
        if path.is_file():
            yield path, "has no source in solutions/"
        return
    wanted = source.read(origin)
    for reason in (*rules.sizes(wanted), *rules.words(wanted)):
        yield origin, reason
    if not path.is_file():
        yield path, "missing: run `labs build`"
    elif path.read_text(encoding="utf-8") != source.ipynb_text(wanted):
        yield path, "is not what the source gives: run `labs build --no-run`"


def _source_of(root: Path) -> Path:
    return root / "solutions" / _SOURCE
