"""Fills a registry with more repositories than its catalog lists at once, by the requests of a push."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from labs.lessons.choose_a_registry.visit import Visit

COUNT = 105
"""`_catalog` of distribution gives 100 where nothing else is asked."""


def fill(url: str) -> None:
    """Push a small image to `shop/part-001` and more, each with a tag of its own number."""
    names = [f"shop/part-{number:03}" for number in range(1, COUNT + 1)]
    # Each push is four requests, most of their time spent on the way.
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: _push(Visit.to(url, name)), names))


def _push(visit: Visit) -> None:
    with visit.http, visit.stranger:
        tag = f"1.{int(visit.repository[-3:])}"
        visit.put(visit.image("a part"), tag).raise_for_status()
