"""Lists, a page at a time, as Docker Hub pages them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

from labs.hub.api.operation import ApiRequest

MOST = 100
DEFAULT = 10


def page(
    request: ApiRequest, rows: QuerySet[Any], shown: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """One page, with the URLs of its neighbors: of the address that the client has used."""
    query = request.http.GET
    size = max(1, min(_number(query.get("page_size"), DEFAULT), MOST))
    found = Paginator(rows, size).get_page(_number(query.get("page"), 1))

    def url(number: int) -> str:
        return request.http.build_absolute_uri(f"?page={number}&page_size={size}")

    return {
        "count": found.paginator.count,
        "next": url(found.next_page_number()) if found.has_next() else None,
        "previous": url(found.previous_page_number()) if found.has_previous() else None,
        "results": [shown(each) for each in found],
    }


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else default
