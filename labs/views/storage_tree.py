"""Draws what a registry stored: links on one side, blobs on the other, paired by numbers.

Pointing at a number marks every place that has it (CSS `:has`, no script); without that, the
numbers show the same.
"""

from __future__ import annotations

from labs.lesson import Tree, count
from labs.registry import Link
from labs.views.html import LINE, MONO, Html, View, cell, join, scrolling, tag

_COLORS = ("#2f6fb3", "#c4480b", "#2e8540", "#8250a8", "#8a6d00", "#a8325e")
# 12 digits, as `docker images` shows; the whole digest is in the cell's title.
_SHORT_DIGEST = len("sha256:") + 12


def tree_view(tree: Tree) -> View:
    """Repositories with their links, and blobs with digest, size and how many links lead there."""
    numbers = [blob.number for blob in tree.blobs]
    columns = tag(
        "div",
        tag("div", tag("strong", "repositories"), *_repositories(tree)),
        tag("div", tag("strong", "blobs"), _blobs(tree), style="max-width: 100%"),
        style="display: flex; flex-wrap: wrap; gap: 0.5em 2.5em",
    )
    rest = [tag("div", tree.left_out)] if tree.left_out else []
    html = tag(
        "div", _style(numbers), tag("code", tree.root), columns, *rest, class_="labs-storage"
    )
    return View(tree.text, html)


def _repositories(tree: Tree) -> list[Html]:
    parts = []
    for repository, links in tree.links.items():
        items = (tag("li", f"{link.label} → ", _target(tree, link)) for link in links)
        parts += [tag("div", tag("code", repository)), tag("ul", join(items))]
    return parts or [tag("div", "none")]


def _target(tree: Tree, link: Link) -> Html:
    blob = tree.storage.blob(link.digest)
    return _badge(blob.number) if blob else tag("em", tree.target(link.digest))


def _blobs(tree: Tree) -> Html:
    if not tree.storage.blobs:
        return tag("div", "none")
    heads = join(cell("th", name, scope="col") for name in ("Blob", "Digest", "Size", "Links"))
    rows = (
        tag(
            "tr",
            cell("th", _badge(blob.number), scope="row"),
            cell("td", tag("code", blob.digest[:_SHORT_DIGEST], title=blob.digest)),
            cell("td", count(blob.size_bytes, "byte")),
            cell("td", str(blob.links)),
        )
        for blob in tree.blobs
    )
    table = tag("table", tag("thead", tag("tr", heads)), tag("tbody", join(rows)))
    return scrolling("Blobs", table)


def _badge(number: int) -> Html:
    # Colors repeat after six blobs, so the number is in the badge as well.
    color = _COLORS[(number - 1) % len(_COLORS)]
    edges = f"border: 1px solid {LINE}; border-bottom: 3px solid {color}"
    box = "display: inline-block; margin: 2px; padding: 0 0.4em; white-space: nowrap"
    style = f"{edges}; {box}; font-family: {MONO}"
    return tag("span", f"blob {number}", class_=f"labs-blob-{number}", style=style)


def _style(numbers: list[int]) -> Html:
    rules = (
        f".labs-storage:has(.labs-blob-{n}:hover) .labs-blob-{n}{{outline:2px solid currentColor}}"
        for n in numbers
    )
    # One rule for each number: CSS cannot compare the classes of two elements.
    return tag("style", Html("".join(rules)))
