"""A pytest plugin for runs in several processes: tests that share something expensive stay in one of them.

The tests of a lesson share a playground, those of the site a built site, those of any other file the fixtures of its
module. What has a swarm runs in one process, one after the other, and begins: it takes longest, mostly waits for nodes,
and two swarms of five at once leave two cores too busy for either to answer in time.
"""

from __future__ import annotations

import pytest

from labs.lessons import all_lessons

SWARMS = [lesson.slug for lesson in all_lessons() if lesson.managers]


def slug_of(item: pytest.Item) -> str:
    """The lesson whose playground a test has; empty where it has none."""
    callspec = getattr(item, "callspec", None)
    return str((callspec and callspec.params.get("open_lesson")) or "")


def group_of(item: pytest.Item) -> str:
    """The name that tests of one process have in common."""
    file = item.nodeid.partition("::")[0]
    slug = slug_of(item)
    if slug in SWARMS or file.startswith("tests/playground/swarm/"):
        return "swarms"
    return slug or ("site" if file.startswith("tests/site/") else file)


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the marks in the same hook
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: group_of(item) != "swarms")
