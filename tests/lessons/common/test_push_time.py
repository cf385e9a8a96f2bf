"""When a tag was pushed, by the times that a node gives."""

from __future__ import annotations

from types import SimpleNamespace

from labs.lessons.common import pushed_at


def node(*printed: str, exit_code: int = 0) -> SimpleNamespace:
    left = iter(printed)
    return SimpleNamespace(
        name="node1",
        read_output=lambda _argv: SimpleNamespace(exit_code=exit_code, stdout=next(left)),
    )


def test_newest_of_the_times_counts():
    assert pushed_at(node("1.5\n3.25\n2\n"), "/v2", "app", "1") == 3.25


def test_no_tag_is_no_time():
    assert pushed_at(node("", exit_code=1), "/v2", "app", "1") is None
    assert pushed_at(node(), "", "app", "1") is None
