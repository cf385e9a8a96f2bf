"""Lists, a page at a time, as Docker Hub pages them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

from labs.hub.api.row_record import RowRecord

MOST = 100
DEFAULT = 10


def page(request: HttpRequest, rows: QuerySet[Any], shown: RowRecord) -> dict[str, Any]:
    """One page, with the URLs of its neighbors: of the address that the client has used."""
    query = request.GET
    size = max(1, min(_number(query.get("page_size"), DEFAULT), MOST))
    found = Paginator(rows, size).get_page(_number(query.get("page"), 1))

    def url(number: int) -> str:
        return request.build_absolute_uri(f"?page={number}&page_size={size}")

    return {
        "count": found.paginator.count,
        "next": url(found.next_page_number()) if found.has_next() else None,
        "previous": url(found.previous_page_number()) if found.has_previous() else None,
        "results": [shown(each) for each in found],
    }


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else default
