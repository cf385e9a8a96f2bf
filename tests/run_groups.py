"""A pytest plugin for runs in several processes: tests that share something expensive stay in one of them.

The tests of a lesson share a playground, those of the site a built site, those of any other file the fixtures of its
module. What has a swarm runs in one process, one after the other, and begins: it takes longest, mostly waits for nodes,
and two swarms of five at once leave two cores too busy for either to answer in time.
"""

from __future__ import annotations

from typing import Any

import pytest

from labs.lessons import all_lessons
from tests.run_times import lesson_of

SWARMS = [lesson.slug for lesson in all_lessons() if lesson.managers]
_SLUGS = [lesson.slug for lesson in all_lessons()]
_LESSONS = "tests/lessons/test_lessons.py"
_OF_SWARMS = (
    "tests/playground/swarm/",
    *(f"tests/lessons/{slug.replace('-', '_')}/" for slug in SWARMS),
)


def group_of(nodeid: str) -> str:
    """The name that tests of one process have in common."""
    file = nodeid.partition("::")[0]
    slug = lesson_of(nodeid, _SLUGS) if file == _LESSONS else None
    if slug in SWARMS or file.startswith(_OF_SWARMS):
        return "swarms"
    return slug or ("site" if file.startswith("tests/site/") else file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give whole groups to processes. The marks of `--dist loadgroup` have no effect with pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class GroupScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return GroupScheduling(config, log)


@pytest.hookimpl(trylast=True)  # after pytest's own order and that of the lessons
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: group_of(item.nodeid) != "swarms")
