"""Draws the requests to several registries side by side: a column for each, a bar where bytes of a blob left it.

All bars have one scale, so that a registry that sent twice as much has a bar twice as long.
"""

from __future__ import annotations

from labs.lesson import RequestTable
from labs.registry import TrafficRow
from labs.views.html import LINE, MONO, Html, View, cell, join, scrolling, tag

_BLUE = "#2f6fb3"
_WIDEST_EM = 7.0
_ONE_LINE = "white-space: nowrap"  # a wide table scrolls by itself
_LEGEND = "A bar is bytes of blobs that a registry sent, all in one scale; - means not asked."


def request_table_view(shown: RequestTable) -> View:
    """A row for each thing that was asked for, and one for all together."""
    # At least one: a table without a blob has no scale.
    most = max((size for row in shown.rows for size in row.blob_bytes), default=0) or 1
    heads = ("Request", "Answer", *shown.servers)
    lines = [_row(shown, row, most) for row in shown.rows]
    totals = tag(
        "tr",
        cell("th", "together", scope="row"),
        cell("td", ""),
        *(cell("td", tag("strong", words)) for words in shown.totals),
    )
    table = tag(
        "table",
        tag("thead", tag("tr", *(cell("th", head, scope="col") for head in heads))),
        tag("tbody", join(lines), totals),
        style=f"border-top: 1px solid {LINE}",
    )
    legend = tag("div", _LEGEND, style="font-size: 0.9em; margin-top: 0.3em")
    return View(shown.text, tag("div", scrolling("Requests side by side", table), legend))


def _row(shown: RequestTable, row: TrafficRow, most: int) -> Html:
    asked = tag(
        "span",
        tag("strong", row.method),
        " ",
        # Between the parts of a path a narrow screen may begin a new line.
        Html("/<wbr>".join(join([part]) for part in row.path.split("/"))),
        style=f"font-family: {MONO}; font-weight: normal",
    )
    cells = (
        cell("td", tag("div", shown.cell(row, n), style=_ONE_LINE), _bar(row.blob_bytes[n], most))
        for n in range(len(shown.servers))
    )
    return tag("tr", cell("th", asked, scope="row"), cell("td", str(row.status)), *cells)


def _bar(size: int, most: int) -> Html:
    """A bar for bytes; nothing where there are none."""
    if not size:
        return Html("")
    # Never thinner than can be seen: a config of 2 kB beside a layer of megabytes.
    width = max(_WIDEST_EM * size / most, 0.2)
    style = f"width: {width:.1f}em; height: 0.4em; background: {_BLUE}"
    return tag("div", "", style=style, aria_hidden="true")
