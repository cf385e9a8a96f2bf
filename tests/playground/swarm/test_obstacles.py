"""What stops a service, from its tasks and from the ports that its containers listen on. No engine."""

from __future__ import annotations

import pytest

from labs.playground import TaskState
from labs.playground.swarm import obstacle_watch
from labs.playground.swarm.obstacle_watch import ObstacleWatch
from labs.playground.swarm.obstacles import listening, obstacles, reasons
from labs.waiting import WaitTimeout

IMAGE = "127.0.0.1:5000/pages:latest"
MISSING = f"No such image: {IMAGE}"


def task(
    slot: int, state: str, error: str = "", node: str = "node1", desired: str = "shutdown"
) -> TaskState:
    return TaskState("pages", slot, node, IMAGE, state, desired, error)


def test_obstacle_of_a_slot_is_the_newest_reason_behind_what_waits_for_its_turn():
    waiting = task(1, "ready", desired="ready")
    rejected = task(1, "rejected", MISSING)
    running = task(2, "running", desired="running")
    history = task(2, "failed", "task: non-zero exit (1)")
    pending = task(3, "pending", "no suitable node (host-mode port already in use)", "", "running")
    assert obstacles([waiting, rejected, rejected, running, history, pending]) == [
        rejected,
        pending,
    ]


def test_obstacles_of_a_global_service_are_told_by_node():
    tasks = [task(0, "rejected", MISSING, f"node{n}") for n in (1, 1, 2)]
    assert [each.node for each in obstacles(tasks)] == ["node1", "node2"]


def test_reasons_are_told_once_with_their_nodes():
    tasks = [task(n, "rejected", MISSING, f"node{n % 2 + 1}") for n in (1, 2, 3)]
    tasks.append(task(4, "pending", "no suitable node", ""))
    assert reasons(tasks) == [
        f"node1, node2: rejected: {MISSING}",
        "no node: pending: no suitable node",
    ]


# Of httpd in a task: its port 80 on all addresses, the engine's DNS, a server on loopback, a connection.
TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0B00007F:A3D5 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   3: 0300000A:0051 0400000A:8000 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 100 0 0 10 0
  sl  local_address                         remote_address                        st tx_queue
   0: 00000000000000000000000000000000:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0 0
   1: 00000000000000000000000001000000:1F92 00000000000000000000000000000000:0000 0A 00000000:00000000 00:0 0 0
"""


def test_ports_that_others_reach_are_those_that_listen_and_not_on_loopback():
    assert listening(TABLE) == [80, 8081]
    assert listening("") == listening("cat: /proc/1/net/tcp6: No such file\n") == []


@pytest.fixture(autouse=True)
def at_each_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obstacle_watch, "LOOK_AFTER_S", 0.0)


def test_image_that_no_registry_has_ends_the_wait_with_what_to_push():
    watch = ObstacleWatch(
        "pages", lambda: [task(1, "rejected", MISSING)], lambda image: image == IMAGE
    )
    with pytest.raises(WaitTimeout, match="no task of pages can start") as told:
        watch.look()
    assert MISSING in told.value.message
    assert told.value.hint == f'push it first: lab.push("{IMAGE}")'


def test_reason_that_may_pass_is_told_once_and_not_at_the_first_look(capsys):
    watch = ObstacleWatch("pages", lambda: [task(1, "rejected", MISSING)], lambda _: False)
    watch.look()
    assert capsys.readouterr().err == ""
    for _ in range(obstacle_watch.TELL_AT + 3):
        watch.look()
    assert (
        capsys.readouterr().err
        == f"waiting for pages, whose tasks report:\nnode1: rejected: {MISSING}\n"
    )


def test_service_that_comes_up_says_nothing(capsys):
    watch = ObstacleWatch(
        "pages", lambda: [task(1, "running"), task(1, "failed", "x")], lambda _: True
    )
    for _ in range(3):
        watch.look()
    assert capsys.readouterr().err == ""


def test_image_that_one_node_has_stops_nobody(capsys):
    found = [task(1, "rejected", MISSING), task(2, "running")]
    watch = ObstacleWatch("own", lambda: found, lambda _: True, lambda _: True)
    for _ in range(3):
        watch.look()
    assert capsys.readouterr().err == ""
