"""The course's own images on the host's engine: sizes, labels, and that nothing is made twice."""

from __future__ import annotations

import pytest

from labs.engine import Engine
from labs.images import ensure, stock
from labs.images.catalog import SOURCE_LABEL

pytestmark = pytest.mark.engine


def test_images_are_no_larger_than_the_catalog_says(engine: Engine):
    ensure(engine.client, print, late=None)
    for row in stock(engine.client):
        assert 0 < row.size_bytes <= row.image.max_mb * 10**6, row.image.name


def test_images_say_where_they_came_from(engine: Engine):
    for row in stock(engine.client):
        labels = engine.client.images.get(row.image.name).labels
        assert labels[SOURCE_LABEL].split(":")[0] in ("build", "hub", "mirror", "mmdebstrap")


def test_second_ensure_makes_nothing(engine: Engine):
    said: list[str] = []
    ensure(engine.client, print, late=None)
    assert ensure(engine.client, said.append, late=None) == []
    assert said == []
    assert [row.image.name for row in stock(engine.client) if not row.current] == []
