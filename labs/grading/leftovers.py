"""What a grader that was ended at once has left on the engine: found by its name, and removed."""

from __future__ import annotations

import re
from typing import Any

from docker.errors import NotFound

from labs import course
from labs.engine import Engine
from labs.playground.labels import course_filters
from labs.playground.making import remove_container


def remove_leftovers(engine: Engine, token: str) -> list[str]:
    """Remove what names made with `token` belong to; return them."""
    client, filters = engine.client, course_filters(course.course_id())
    ours = re.compile(rf"-{re.escape(token)}\d*-\d+(-|$)")
    removed: list[str] = []
    for container in client.containers.list(all=True, filters=filters, ignore_removed=True):
        if ours.search(str(container.name)):
            remove_container(container)
            removed.append(str(container.name))
    others: list[Any] = [
        *client.volumes.list(filters=filters),
        *client.networks.list(filters=filters),
    ]
    for each in others:
        if ours.search(str(each.name)):
            try:
                each.remove()
            except NotFound:
                continue
            removed.append(str(each.name))
    return removed
