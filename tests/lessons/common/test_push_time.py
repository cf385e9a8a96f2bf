"""When a tag was pushed, where an engine loses what a command printed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from labs.lessons.common import pushed_at
from labs.playground import PlaygroundError


def node(*printed: str, exit_code: int = 0) -> SimpleNamespace:
    left = iter(printed)
    return SimpleNamespace(
        name="node1",
        exec=lambda _argv: SimpleNamespace(exit_code=exit_code, stdout=next(left)),
    )


def test_newest_of_the_times_counts():
    assert pushed_at(node("1.5\n3.25\n2\n"), "/v2", "app", "1") == 3.25


def test_output_that_was_lost_is_asked_for_again():
    assert pushed_at(node("", "", "1.5\n"), "/v2", "app", "1") == 1.5
    with pytest.raises(PlaygroundError, match="printed nothing"):
        pushed_at(node("", "", ""), "/v2", "app", "1")


def test_no_tag_is_no_time():
    assert pushed_at(node("", exit_code=1), "/v2", "app", "1") is None
    assert pushed_at(node(), "", "app", "1") is None
