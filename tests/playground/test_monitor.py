"""A monitor polls a swarm beside a notebook's cells, and never raises. Nodes here are plain objects."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from docker.errors import APIError
from requests.exceptions import ConnectionError

from labs.errors import LabsError
from labs.playground import Member, SwarmMonitor, SwarmState, TaskState

TASK = TaskState("web", 1, "node1", "nginx", "running", "running")
READY = SwarmState(
    (Member("node1", "manager", leader=True, tasks=(TASK,)), Member("node2", "worker")), quorum=True
)


class Place:
    """A playground whose swarm says what it is told to."""

    def __init__(self, *answers: SwarmState | Exception) -> None:
        self.answers = list(answers)
        self.found = 0
        self.forgotten = 0
        nodes = [SimpleNamespace(name=name, forget=self._forget) for name in ("node1", "node2")]
        self.nodes = nodes
        self.swarm = SimpleNamespace(managers=nodes[:1], workers=nodes[1:], state=self._state)

    def _forget(self) -> None:
        self.forgotten += 1

    def _state(self) -> SwarmState:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def again(self) -> Place:
        self.found += 1
        return self


def test_lookout_finds_clients_of_its_own_once():
    playground = Place(READY, READY)
    monitor = SwarmMonitor(playground)
    assert [monitor.state(), monitor.state()] == [READY, READY]
    assert playground.found == 1
    monitor.close()
    assert playground.forgotten == 2


@pytest.mark.parametrize(
    "error", [ConnectionError("refused"), APIError("500"), LabsError("gone"), OSError("no socket")]
)
def test_lookout_shows_nodes_as_unknown_where_nothing_answers_and_goes_on(error: Exception):
    playground = Place(READY, error, READY)
    monitor = SwarmMonitor(playground)
    monitor.state()
    silent = monitor.state()
    assert not silent.quorum
    assert [(m.name, m.role, m.status, m.tasks) for m in silent.nodes] == [
        ("node1", "manager", "unknown", ()),
        ("node2", "worker", "unknown", ()),
    ]
    assert monitor.state() == READY
    assert playground.found == 2


def test_lookout_that_never_saw_anything_still_names_the_nodes():
    names = [member.name for member in SwarmMonitor(Place(OSError("no socket"))).state().nodes]
    assert names == ["node1", "node2"]


def test_monitor_finds_a_node_that_was_made_again():
    missing = replace(READY, nodes=(replace(READY.nodes[0], status="missing"), READY.nodes[1]))
    playground = Place(missing, READY)
    monitor = SwarmMonitor(playground)
    assert monitor.state() == missing
    assert monitor.state() == READY
    assert playground.found == 2
