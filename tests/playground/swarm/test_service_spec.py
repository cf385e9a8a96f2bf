"""What is read and changed is tried again where the swarm changed it meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from docker.errors import APIError

from labs.playground.swarm.service_spec import in_sequence


def change_that_fails(times: int, words: str) -> tuple[list[int], Callable[[], None]]:
    """A change that the engine refuses so often, and the list of its tries."""
    tries: list[int] = []

    def change() -> None:
        tries.append(1)
        if len(tries) <= times:
            raise APIError("500", explanation=f"rpc error: code = Unknown desc = {words}")

    return tries, change


def test_change_out_of_sequence_is_made_once_more() -> None:
    tries, change = change_that_fails(2, "update out of sequence")
    in_sequence(change)
    assert len(tries) == 3


def test_change_always_out_of_sequence_is_an_error_in_the_end() -> None:
    _, change = change_that_fails(10**6, "update out of sequence")
    with pytest.raises(APIError, match="out of sequence"):
        in_sequence(change)


def test_change_refused_for_another_reason_is_not_tried_again() -> None:
    tries, change = change_that_fails(1, "name conflicts")
    with pytest.raises(APIError, match="name conflicts"):
        in_sequence(change)
    assert len(tries) == 1
