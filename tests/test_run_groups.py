"""Which tests stay in one process."""

from __future__ import annotations

import pytest

from tests.run_groups import group_of


@pytest.mark.parametrize(
    ("nodeid", "wanted"),
    [
        ("tests/lessons/test_lessons.py::test_cases[run-a-registry-nothing]", "run-a-registry"),
        ("tests/lessons/test_lessons.py::test_walk[keep-what-you-push]", "keep-what-you-push"),
        ("tests/lessons/test_lessons.py::test_cases[serve-a-swarm-nothing]", "swarms"),
        ("tests/lessons/test_lessons.py::test_cases[keep-a-swarm-serving-nothing]", "swarms"),
        ("tests/playground/swarm/test_swarm.py::test_leader", "swarms"),
        ("tests/lessons/guard_a_swarm/test_claims.py::test_it", "swarms"),
        (
            "tests/lessons/test_coverage.py::test_it[serve-a-swarm]",
            "tests/lessons/test_coverage.py",
        ),
        ("tests/site/test_use.py::test_search", "site"),
        ("tests/cli/test_start.py::test_it", "tests/cli/test_start.py"),
    ],
)
def test_group_is_lesson_or_swarms_or_site_or_file(nodeid, wanted):
    assert group_of(nodeid) == wanted
