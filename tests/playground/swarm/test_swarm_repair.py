"""What `open` repairs of a swarm, and what it survives: members lost, a quorum lost, an opener killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from docker.errors import APIError

from labs import playground as playgrounds
from labs.engine import Engine
from labs.playground import Node, Playground, Swarm
from labs.playground.labels import Names
from tests.playground.conftest import census

# tests/playground/test_repair.py has what `make test` proves of repair, with one node.
pytestmark = [pytest.mark.engine, pytest.mark.full]
SLUG = "three"
OPEN = f"import labs.playground as p; p.open_playground({SLUG!r}, managers=3)"


@pytest.fixture
def playground(opened: Callable[..., Playground]) -> Playground:
    """Three managers, whole when the test starts, with a service on each."""
    playground = opened(SLUG, managers=3)
    if not playground.swarm.state().services:
        run = ["docker", "service", "create", "-d", "--name=web", "--mode=global", "nginx"]
        assert playground.node(1).exec(run).exit_code == 0
    playground.swarm.settle("web")
    return playground


def reopen(said: list[str]) -> Swarm:
    """Open it, and prove that it is whole."""
    swarm = playgrounds.open_playground(SLUG, managers=3, say=said.append).swarm
    found = swarm.state()
    assert [(m.role, m.status, m.availability) for m in found.nodes] == [
        ("manager", "ready", "active")
    ] * 3
    assert len(swarm.reach().docker.nodes.list()) == 3
    return swarm


def lose(engine: Engine, node: Node) -> None:
    """Remove a node's container and its disk."""
    node.container.remove(force=True)
    engine.client.volumes.get(node.container.name).remove()


def kept(swarm: Swarm) -> None:
    """The service that was there before is there, on every node."""
    swarm.settle("web", timeout_s=120)


def test_all_nodes_killed_as_by_a_reboot_come_back_with_their_services(
    playground: Playground, said: list[str]
):
    before = [node.inner_address for node in playground.nodes]
    for node in playground.nodes:
        node.container.kill()
    swarm = reopen(said)
    assert [node.inner_address for node in swarm.nodes] == before
    assert [line.partition(":")[0] for line in said] == ["node1", "node2", "node3"]
    kept(swarm)


def test_container_that_is_removed_is_made_again_on_its_old_disk(
    playground: Playground, said: list[str]
):
    id = playground.node(2).docker.info()["Swarm"]["NodeID"]
    playground.node(2).container.remove(force=True)
    swarm = reopen(said)
    assert swarm.nodes[1].docker.info()["Swarm"]["NodeID"] == id
    assert said == ["node2: its container is gone, making a new one"]


def test_node_that_is_lost_with_its_disk_is_made_again_and_joins(
    engine: Engine, playground: Playground, said: list[str]
):
    lose(engine, playground.node(2))
    kept(reopen(said))
    assert said == [
        "node2: its container is gone, making a new one",
        "swarm: the old node2 is gone, removed from its members",
    ]


def test_quorum_that_is_gone_for_good_starts_a_new_cluster_with_its_services(
    engine: Engine, playground: Playground, said: list[str]
):
    for node in playground.nodes[:2]:
        lose(engine, node)
    kept(reopen(said))
    assert (
        "swarm: its quorum was lost; node3 started a new cluster with its services and secrets"
        in said
    )


def test_swarm_that_every_node_left_is_made_again(playground: Playground, said: list[str]):
    for node in playground.nodes:
        node.docker.swarm.leave(force=True)
    reopen(said)
    assert said == ["swarm: it was lost, made a new one"]


def test_node_that_left_joins_again(playground: Playground, said: list[str]):
    playground.node(3).docker.swarm.leave(force=True)
    kept(reopen(said))
    assert said[-1] == "node3: was not in the swarm, joined it again"


def test_role_and_availability_are_as_planned_again(playground: Playground, said: list[str]):
    change = ["docker", "node", "update"]
    assert playground.node(1).exec([*change, "--availability=drain", "node2"]).exit_code == 0
    assert playground.node(1).exec([*change, "--role=worker", "node3"]).exit_code == 0
    kept(reopen(said))
    assert said == ["node2: was set to drain, takes tasks again", "node3: is a manager again"]


def test_node_with_a_swarm_of_its_own_comes_back(playground: Playground, said: list[str]):
    playground.node(3).docker.swarm.leave(force=True)
    playground.node(3).docker.swarm.init(advertise_addr=playground.node(3).inner_address)
    kept(reopen(said))


def test_cut_and_stopped_nodes_are_mended(playground: Playground, said: list[str]):
    playground.node(1).stop()
    playground.node(2).cut()
    kept(reopen(said))
    assert said[0].startswith("node1: had stopped")
    assert said[1] == "node2: was cut off from the others, connected again"


def test_another_size_makes_a_new_swarm(
    opened: Callable[..., Playground], playground: Playground, said: list[str]
):
    smaller = opened(SLUG, managers=1, workers=1, say=said.append)
    assert [m.role for m in smaller.swarm.state().nodes] == ["manager", "worker"]
    assert said == [f"node{i}: it was made for another swarm, making a new one" for i in (1, 2, 3)]


@pytest.mark.parametrize("after_s", [0.6, 1.2, 2.5, 4.0])
def test_process_killed_while_it_makes_a_swarm_leaves_what_the_next_one_repairs(
    playground: Playground, said: list[str], after_s: float
):
    playground.close()
    with subprocess.Popen([sys.executable, "-c", OPEN], stdout=subprocess.DEVNULL) as kernel:
        time.sleep(after_s)
        os.kill(kernel.pid, signal.SIGKILL)
    reopen(said)


def test_process_killed_while_it_makes_a_swarm_leaves_nothing_after_reset(
    engine: Engine, playground: Playground
):
    playground.close()
    before = census(engine)
    with subprocess.Popen([sys.executable, "-c", OPEN], stdout=subprocess.DEVNULL) as kernel:
        time.sleep(1.5)
        os.kill(kernel.pid, signal.SIGKILL)
    time.sleep(2)  # the engine goes on with what it was asked; `labs reset` takes as long to start
    playgrounds.remove_all(engine)
    left = {kind: set(ids) - set(before[kind]) for kind, ids in census(engine).items()}
    names = Names(playground.name.split("-")[1], SLUG)
    mine = [c for c in left["containers"] if names.network in engine.client.containers.get(c).name]
    assert mine == []
    assert not [name for name in left["volumes"] if names.network in name]
    assert not engine.client.networks.list(names=[names.network])


@pytest.mark.parametrize("after_s", [1.5, 3.0])
def test_leader_killed_while_the_swarm_is_made_is_started_again(
    engine: Engine, playground: Playground, said: list[str], after_s: float
):
    playground.close()
    leader = f"{playground.name}-node1"

    def kill() -> None:
        time.sleep(after_s)
        with suppress(APIError):  # on a slow machine it has not begun to run
            engine.client.containers.get(leader).kill()

    killer = threading.Thread(target=kill)
    killer.start()
    playgrounds.open_playground(SLUG, managers=3)
    killer.join()
    reopen(said)


def test_network_of_a_maker_that_was_killed_is_made_again(engine: Engine, playground: Playground):
    playground.close()
    names = Names(playground.name.split("-")[1], SLUG)
    engine.client.networks.create(names.network, driver="bridge", labels=names.labels())
    swarm = reopen([])
    network = engine.client.networks.list(names=[names.network])[0]
    assert network.attrs["IPAM"]["Config"][0]["IPRange"]
    assert len({node.inner_address for node in swarm.nodes}) == 3
