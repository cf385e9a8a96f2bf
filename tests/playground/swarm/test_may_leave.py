"""Members that are not heard leave and join again only where a majority of the managers stays."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labs.playground.swarm.formation import _may_leave

MANAGERS: list[Any] = ["node1", "node2", "node3", "node4", "node5"]


@pytest.mark.parametrize(
    ("unheard", "may"),
    [
        ([], True),
        (["node5"], True),
        (["node4", "node5"], True),
        (["node3", "node4", "node5"], False),
        (["node2", "node3", "node4", "node5"], False),
        (["worker1", "worker2", "worker3"], True),
    ],
)
def test_members_leave_only_where_a_quorum_stays(unheard: list[Any], may: bool) -> None:
    swarm: Any = SimpleNamespace(managers=MANAGERS)
    assert _may_leave(swarm, unheard) is may
