"""A swarm of five managers: its formation, and its state while nodes are stopped, cut and healed."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from labs import playground
from labs.engine import Engine
from labs.playground import Node, NodeUnavailable, Playground, PlaygroundError, Swarm
from labs.playground.labels import COURSE
from labs.playground.removal import remove_objects
from labs.waiting import WaitTimeout, wait_until
from tests.playground.conftest import state

# Lessons 7, 8 and 9 and the tests of publishing form swarms in `make test`, too.
pytestmark = [pytest.mark.engine, pytest.mark.full]
SLUG = "five"


def reopen(said: list[str] | None = None) -> Playground:
    say = said.append if said is not None else lambda _: None
    return playground.open_playground(SLUG, managers=5, say=say)


@pytest.fixture
def swarm(opened: Callable[..., Playground]) -> Swarm:
    """Five managers, whole when the test starts, without services."""
    swarm = opened(SLUG, managers=5).swarm
    for service in swarm.reach().docker.services.list():
        service.remove()
    return swarm


def serve(swarm: Swarm, replicas: int = 2, name: str = "web", image: str = "nginx") -> None:
    run = swarm.reach().exec(
        ["docker", "service", "create", "-d", "--name", name, f"--replicas={replicas}", image]
    )
    assert run.exit_code == 0, run.stderr


def test_five_managers_are_ready_with_one_leader(swarm: Swarm):
    found = swarm.state()
    assert [(m.name, m.role, m.status, m.availability) for m in found.nodes] == [
        (f"node{i}", "manager", "ready", "active") for i in range(1, 6)
    ]
    assert [m.name for m in found.nodes if m.leader] == [swarm.leader.name]
    assert found.quorum
    assert [node.name for node in swarm.managers] == [node.name for node in swarm.nodes]
    assert swarm.workers == []


def test_open_of_a_whole_swarm_says_nothing_and_changes_nothing(swarm: Swarm, said: list[str]):
    before = swarm.reach().docker.swarm.attrs
    assert reopen(said).swarm.reach().docker.swarm.attrs["Version"] == before["Version"]
    assert said == []


def test_service_is_waited_for_and_told(swarm: Swarm):
    serve(swarm, 5)
    tasks = swarm.wait("web", running=5)
    assert [(t.slot, t.state) for t in tasks] == [(i, "running") for i in range(1, 6)]
    assert {t.node for t in tasks} == {f"node{i}" for i in range(1, 6)}
    assert [t.slot for t in swarm.tasks("web")] == [1, 2, 3, 4, 5]
    found = swarm.state().services[0]
    assert (found.name, found.mode, found.wanted, found.running) == ("web", "replicated", 5, 5)


def test_service_that_cannot_start_raises_with_the_nodes_words(swarm: Swarm):
    serve(swarm, 1, "lost", "127.0.0.1:1/nothing")
    with pytest.raises(WaitTimeout, match=r"1 running tasks of lost\n(.*\n)*.*lost\.1 on node"):
        swarm.wait("lost", running=1, timeout_s=4)


def test_removed_service_leaves_no_container_and_can_be_removed_again(swarm: Swarm):
    serve(swarm, 5)
    serve(swarm, 1, name="other")
    swarm.wait("web", running=5)
    swarm.remove("web", "nobody")
    assert [service.name for service in swarm.reach().docker.services.list()] == ["other"]
    left = [c.name for node in swarm.nodes for c in node.docker.containers.list()]
    assert [name for name in left if name.startswith("web.")] == []
    swarm.remove("web")


def test_labelled_services_and_configs_of_an_engine_that_manages_are_removed(swarm: Swarm):
    """As `labs reset` does on the host of `labs grade --swarm`."""
    node = swarm.reach()
    host = Engine(node.docker, "test", "", "26.1")
    label = {COURSE: "somebody"}
    node.docker.configs.create(name="kept", data=b"x")
    node.docker.configs.create(name="parcel", data=b"x", labels=label)
    serve(swarm, 1, "kept")
    node.docker.services.create("nginx", name="job", labels=label)
    removed = remove_objects(host, {"label": [f"{COURSE}=somebody"]})
    assert removed == ["service job", "config parcel"]
    assert [s.name for s in node.docker.services.list()] == ["kept"]
    assert [c.name for c in node.docker.configs.list()] == ["kept"]
    node.docker.configs.get("kept").remove()


def test_service_that_is_not_there_is_an_error(swarm: Swarm):
    with pytest.raises(PlaygroundError, match="no service 'zork'") as missing:
        swarm.wait("zork", running=1)
    assert missing.value.hint == "it has none yet"


def test_pull_gives_every_node_the_images(swarm: Swarm):
    swarm.pull("busybox", "registry:2")
    found = [{tag for image in n.docker.images.list() for tag in image.tags} for n in swarm.nodes]
    assert all({"busybox:latest", "registry:2"} <= tags for tags in found)


def test_pull_of_an_image_that_is_nowhere_says_on_which_node(swarm: Swarm):
    with pytest.raises(PlaygroundError, match=r"node\d: docker pull 127\.0\.0\.1:1/zork"):
        swarm.pull("127.0.0.1:1/zork")


def test_stopped_node_is_seen_at_once_and_its_task_moves(swarm: Swarm):
    serve(swarm)
    node = _node_of(swarm, swarm.wait("web", running=2)[0].node)
    node.stop()
    assert (node.status, node.fault) == ("stopped", "stopped")
    assert swarm.state().member(node.name).status == "stopped"
    assert node.name not in {t.node for t in swarm.wait("web", running=2)}
    with pytest.raises(NodeUnavailable):
        node.exec(["true"])
    node.stop()
    node.start()
    assert (node.status, node.fault) == ("running", "")
    wait_until(lambda: swarm.state().member(node.name).status == "ready", "it to be back")


def test_stopped_node_keeps_its_disk_and_its_address(swarm: Swarm):
    node = swarm.nodes[3]
    node.docker.volumes.create("kept")
    before = node.inner_address
    node.stop()
    node.start()
    node.start()
    assert node.docker.volumes.get("kept")
    assert node.inner_address == before


def test_cut_node_answers_here_and_not_there(swarm: Swarm):
    node, other = swarm.nodes[1], swarm.nodes[2]
    node.cut()
    node.cut()
    assert node.docker.ping()
    assert node.exec(["docker", "version"]).exit_code == 0
    assert (node.status, node.fault) == ("cut", "cut")
    assert not _reaches(node, other)
    assert not _reaches(other, node)
    assert swarm.state().member(node.name).status == "cut"
    assert playground.find(SLUG, managers=5).node(2).status == "cut"
    node.heal()
    node.heal()
    assert node.status == "running"
    assert _reaches(node, other)
    assert _reaches(other, node)


def test_cut_node_loses_its_task_to_another(swarm: Swarm):
    serve(swarm)
    node = _node_of(swarm, swarm.wait("web", running=2)[0].node)
    node.cut()
    assert node.name not in {t.node for t in swarm.wait("web", running=2)}
    node.heal()


def test_node_that_is_stopped_while_cut_is_not_cut_any_more(swarm: Swarm, said: list[str]):
    node = swarm.nodes[4]
    node.cut()
    node.stop()
    with pytest.raises(PlaygroundError, match=r"(?s)node5.*lab\.node\(5\)\.start\(\)"):
        node.cut()
    node.start()
    assert _reaches(node, swarm.nodes[0])
    assert state(node) == "running"


def test_leader_that_is_stopped_is_followed_by_another(swarm: Swarm):
    before = swarm.leader
    before.stop()
    assert swarm.leader.name != before.name
    before.start()


def test_lost_quorum_is_told_with_who_runs_and_comes_back_with_them(swarm: Swarm):
    serve(swarm, 5)
    swarm.wait("web", running=5)
    for node in swarm.nodes[:3]:
        node.stop()
    told = r"2 of 5 managers are up, a quorum needs 3 \(node1 stopped, node2 stopped"
    with pytest.raises(NodeUnavailable, match=told) as lost:
        swarm.reach()
    assert "lab.node(1).start()" in lost.value.hint
    found = swarm.state()
    assert not found.quorum
    assert [t.service for m in found.nodes[3:] for t in m.tasks] == ["web", "web"]
    for node in swarm.nodes[:3]:
        node.start()
    wait_until(lambda: swarm.state().quorum, "a quorum", timeout_s=60)
    swarm.wait("web", running=5)


def test_tasks_answer_while_the_quorum_is_lost(swarm: Swarm):
    publish = ["--publish", "mode=host,target=80,published=5000", "--mode", "global"]
    run = swarm.reach().exec(["docker", "service", "create", "-d", "--name=web", *publish, "nginx"])
    assert run.exit_code == 0, run.stderr
    swarm.settle("web")
    for node in swarm.nodes[:3]:
        node.stop()
    assert httpx.get(swarm.nodes[4].url(5000), trust_env=False).status_code == 200
    reopen()


def _node_of(swarm: Swarm, name: str) -> Node:
    return next(node for node in swarm.nodes if node.name == name)


def _reaches(node: Node, other: Node) -> bool:
    connect = f"timeout 1 bash -c '</dev/tcp/{other.inner_address}/2377'"
    return node.exec(["sh", "-c", connect]).exit_code == 0
