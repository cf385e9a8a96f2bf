"""A start goes on where the ports that an engine picks are another engine's, and not after any other error."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError

from labs.playground.container_start import start_container

TAKEN = "Error starting userland proxy: listen tcp4 127.0.0.1:32787: bind: address already in use"


def container_that_says(*words: str) -> Any:
    """Its start fails once with each of these, and then succeeds; `starts` counts."""
    left = list(words)
    made = SimpleNamespace(starts=0)

    def start() -> None:
        made.starts += 1
        if left:
            raise APIError("500 Server Error", explanation=left.pop(0))

    made.start = start
    return made


def test_start_goes_on_behind_the_ports_of_another_engine() -> None:
    container = container_that_says(*[TAKEN] * 3)
    start_container(container)
    assert container.starts == 4


def test_other_error_is_raised_at_once() -> None:
    container = container_that_says("unable to apply caps")
    with pytest.raises(APIError, match="unable to apply caps"):
        start_container(container)
    assert container.starts == 1


def test_start_ends_where_no_port_is_free() -> None:
    container = container_that_says(*[TAKEN] * 1000)
    with pytest.raises(APIError, match="address already in use"):
        start_container(container)
    assert container.starts < 100
