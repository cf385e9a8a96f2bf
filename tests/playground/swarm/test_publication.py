"""A published port answers on every node, from inside and from here, whatever happens to what is behind it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from labs.playground import Node, Playground, PlaygroundError, Published, Swarm
from labs.playground.swarm import haproxy, publication
from labs.waiting import WaitTimeout, wait_until

pytestmark = pytest.mark.engine
SLUG = "published"
PORT = 5000


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """Three managers, and a registry as the seeds make it: with the command line, in the mesh."""
    playground = opened(SLUG, managers=3, ports=(5000, 80))
    run(
        playground.node(1),
        "service",
        "create",
        "-d",
        "--name=registry",
        "-p5000:5000",
        "registry:2",
    )
    return playground


@pytest.fixture(scope="module")
def published(playground: Playground) -> Published:
    """The registry's port, published as this kernel allows."""
    return playground.swarm.publish("registry", port=PORT)


@pytest.fixture
def swarm(
    opened: Callable[..., Playground], playground: Playground, published: object
) -> Iterator[Swarm]:
    """The swarm, whole before each test."""
    whole = opened(SLUG, managers=3, ports=(5000, 80)).swarm
    yield whole
    whole.remove("web")
    for node in playground.nodes:
        node.start()


def run(node: Node, *argv: str) -> str:
    result = node.exec(["docker", *argv])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def answers(node: Node, port: int = PORT) -> bool:
    """Whether a registry answers at the node's port, from here."""
    try:
        return httpx.get(f"{node.url(port)}/v2/", trust_env=False, timeout=3).json() == {}
    except (httpx.HTTPError, ValueError):
        return False


def answers_inside(node: Node) -> bool:
    """Whether a registry answers at 127.0.0.1 inside the node."""
    talk = (
        "exec 3<>/dev/tcp/127.0.0.1/5000; printf 'GET /v2/ HTTP/1.0\\r\\n\\r\\n' >&3; head -1 <&3"
    )
    return " 200 " in node.exec(["timeout", "3", "bash", "-c", talk]).stdout


def test_published_says_which_way_and_why(swarm: Swarm, published: Published):
    ipvs = publication.has_ipvs(swarm.nodes[0])
    assert published.how == ("mesh" if ipvs else "edge")
    assert "IPVS" in published.why
    assert f"port {PORT} of every node leads to registry by the {published.how}" in str(published)


def test_port_answers_on_every_node_from_here_and_from_inside(swarm: Swarm):
    assert [answers(node) for node in swarm.nodes] == [True] * 3
    assert [answers_inside(node) for node in swarm.nodes] == [True] * 3


def test_every_node_pushes_and_pulls_by_its_own_loopback(swarm: Swarm):
    for node in swarm.nodes:
        run(node, "pull", "hello-world")
        run(node, "tag", "hello-world", f"127.0.0.1:{PORT}/from-{node.name}")
        run(node, "push", f"127.0.0.1:{PORT}/from-{node.name}")
    for node in swarm.nodes:
        run(node, "pull", f"127.0.0.1:{PORT}/from-node2")


def test_publish_again_changes_nothing(swarm: Swarm):
    before = {s.id: s.version for s in swarm.reach().docker.services.list()}
    swarm.publish("registry", port=PORT)
    assert {s.id: s.version for s in swarm.reach().docker.services.list()} == before


def test_port_of_another_service_is_refused(swarm: Swarm):
    run(swarm.nodes[0], "service", "create", "-d", "--name=other", "nginx")
    with pytest.raises(PlaygroundError, match=rf"port {PORT} is published by the service registry"):
        swarm.publish("other", port=PORT)
    run(swarm.nodes[0], "service", "rm", "other")


def test_service_made_by_the_sdk_is_published_on_another_port(swarm: Swarm):
    swarm.reach().docker.services.create("nginx", name="web")
    swarm.publish("web", port=80)
    found = [httpx.get(node.url(80), trust_env=False).status_code for node in swarm.nodes]
    assert found == [200] * 3
    swarm.remove("web")
    # The edge goes with its service: else a service that publishes the port itself could not start.
    names = [each.name for each in swarm.reach().docker.services.list()]
    assert names in (
        ["registry"],
        [haproxy.name(PORT), "registry"],
        ["registry", haproxy.name(PORT)],
    )
    configs = [each.name for each in swarm.reach().docker.configs.list()]
    assert not [name for name in configs if name.startswith(haproxy.name(80))]


@pytest.mark.full
def test_edge_of_a_service_removed_by_the_command_line_goes_when_the_next_one_is_waited_for(
    swarm: Swarm,
):
    docker = swarm.reach().docker
    docker.services.create("nginx", name="web")
    swarm.publish("web", port=80)
    run(swarm.reach(), "service", "rm", "web")
    host = ["--publish", "mode=host,published=80,target=80", "--mode", "global"]
    run(swarm.reach(), "service", "create", "-d", "--name=web", *host, "nginx")
    swarm.wait("web", running=3)
    swarm.remove("web")


def test_publish_without_the_right_target_says_what_the_service_listens_on(swarm: Swarm):
    swarm.reach().docker.services.create("nginx", name="web")
    started = time.monotonic()
    with pytest.raises(PlaygroundError, match="they listen on 80") as told:
        swarm.publish("web", port=80, target=8080)
    assert told.value.hint == 'lab.swarm.publish("web", port=80, target=80)'
    assert time.monotonic() - started < 60
    swarm.remove("web")


def test_wait_for_an_image_that_was_not_pushed_says_so_at_once(swarm: Swarm):
    swarm.reach().docker.services.create(f"127.0.0.1:{PORT}/never:1", name="web")
    started = time.monotonic()
    with pytest.raises(WaitTimeout, match="never:1 is not in its registry") as told:
        swarm.wait("web", running=1)
    assert "No such image" in told.value.message
    assert time.monotonic() - started < 30
    swarm.remove("web")


def test_service_that_is_not_there_is_refused(swarm: Swarm):
    with pytest.raises(PlaygroundError, match="no service 'zork'"):
        swarm.publish("zork", port=PORT)


def test_scaled_service_answers_everywhere(swarm: Swarm):
    swarm.reach().docker.services.get("registry").scale(3)
    swarm.wait("registry", running=3)
    assert [answers(node) for node in swarm.nodes for _ in range(3)] == [True] * 9
    swarm.reach().docker.services.get("registry").scale(1)
    swarm.wait("registry", running=1)


@pytest.mark.full
def test_port_answers_on_the_others_when_the_tasks_node_dies(swarm: Swarm):
    node = holder(swarm)
    node.stop()
    others = [each for each in swarm.nodes if each is not node]
    wait_until(lambda: all(map(answers, others)), "the others to answer", timeout_s=120)
    assert holder(swarm) is not node
    node.start()
    wait_until(lambda: answers(node), "the port of the node that came back", timeout_s=120)


@pytest.mark.full
def test_no_connection_is_forgotten_while_a_node_is_lost_and_comes_back(swarm: Swarm):
    """An edge that marks a task as down must not leave a client that is being connected to it without an answer."""
    lost = holder(swarm)
    swarm.reach().docker.services.get("registry").scale(2)
    swarm.wait("registry", running=2)
    asked = next(each for each in swarm.nodes if each is not lost).url(PORT)
    silent = []

    def ask() -> None:
        try:
            # Longer than all tries of an edge take together.
            httpx.get(f"{asked}/v2/", trust_env=False, timeout=25)
        except httpx.ReadTimeout:
            silent.append(asked)
        except httpx.HTTPError:
            pass  # refused or closed: a client tries again

    asking = []
    lost.stop()
    for turn in range(120):
        asking.append(threading.Thread(target=ask))
        asking[-1].start()
        time.sleep(0.1)
        if turn == 60:
            lost.start()
    for each in asking:
        each.join()
    swarm.reach().docker.services.get("registry").scale(1)
    assert not silent


@pytest.mark.full
def test_node_killed_in_the_middle_of_a_push_leaves_a_registry_that_works(swarm: Swarm):
    node = next(each for each in swarm.nodes if each is not holder(swarm))
    layer = "head -c 300000000 /dev/urandom >/tmp/f && tar -C /tmp -cf- f | docker import - big"
    assert node.exec(["sh", "-c", layer]).exit_code == 0
    run(node, "tag", "big", f"127.0.0.1:{PORT}/big")
    push = threading.Thread(target=node.exec, args=(["docker", "push", f"127.0.0.1:{PORT}/big"],))
    push.start()
    uploads = ["exec", "-i", task_container(swarm), "find", "/var/lib/registry", "-name", "data"]
    there = holder(swarm)
    wait_until(lambda: "_uploads" in run(there, *uploads), "the push to be under way")
    assert push.is_alive()
    node.container.kill()
    time.sleep(1)
    other = next(each for each in swarm.nodes if each is not node)
    url = f"{other.url(PORT)}/v2/big/tags/list"
    assert httpx.get(url, trust_env=False, timeout=10).status_code == 404
    wait_until(lambda: heard_down(swarm, node.name), "the node to be given up", timeout_s=60)
    node.start()
    wait_until(lambda: answers_inside(node), "the edge of the node that came back", timeout_s=120)
    run(node, "push", f"127.0.0.1:{PORT}/big")
    assert httpx.get(url, trust_env=False).json()["tags"] == ["latest"]


@pytest.mark.full
def test_network_cut_during_an_update_ends_with_the_update_done(swarm: Swarm):
    first = swarm.nodes[0]
    run(first, "service", "create", "-d", "--name=rolling", "--replicas=3", "nginx")
    swarm.wait("rolling", running=3)
    # A task that the cut ends counts as a failure of the update, which by default pauses it there.
    update = ["--update-parallelism=1", "--update-monitor=1s", "--update-failure-action=continue"]
    update.append("--env-add=ROUND=2")
    run(first, "service", "update", "-d", *update, "rolling")
    swarm.nodes[2].cut()
    wait_until(lambda: heard_down(swarm, "node3"), "node3 to be given up", timeout_s=60)
    swarm.nodes[2].heal()
    wait_until(lambda: swarm.state().member("node3").status == "ready", "node3", timeout_s=120)
    wait_until(lambda: status("rolling", swarm) == "completed", "the update", timeout_s=90)
    swarm.wait("rolling", running=3, timeout_s=90)
    tasks = swarm.reach().docker.services.get("rolling").tasks({"desired-state": "running"})
    assert [t["Spec"]["ContainerSpec"]["Env"] for t in tasks] == [["ROUND=2"]] * 3
    run(swarm.reach(), "service", "rm", "rolling")


def test_edge_answers_where_the_mesh_could_too(
    playground: Playground, published: Published, monkeypatch: pytest.MonkeyPatch
):
    if published.how == "edge":
        pytest.skip("this kernel has no IPVS: the edge is what all tests here have used")
    monkeypatch.setattr(publication, "has_ipvs", lambda _: False)
    assert playground.swarm.publish("registry", port=PORT).how == "edge"
    assert [answers(node) for node in playground.nodes] == [True] * 3


def test_mesh_answers_where_the_kernel_has_ipvs(playground: Playground):
    if not publication.has_ipvs(playground.node(1)):
        pytest.skip("this kernel has no IPVS, so the routing mesh answers nobody")
    run(playground.node(1), "service", "create", "-d", "--name=meshed", "registry:2")
    assert playground.swarm.publish("meshed", port=80, target=5000).how == "mesh"
    assert [answers(node, 80) for node in playground.nodes] == [True] * 3


def status(service: str, swarm: Swarm) -> str:
    """How its update goes."""
    found = swarm.reach().docker.services.get(service).attrs.get("UpdateStatus") or {}
    return str(found.get("State"))


def heard_down(swarm: Swarm, name: str) -> bool:
    """Whether the swarm has given up a node: until then it waits for its part of an update.

    A node that comes back in that very moment stays down for ever.
    """
    nodes = swarm.reach().docker.nodes.list()
    states = {n.attrs["Description"]["Hostname"]: n.attrs["Status"]["State"] for n in nodes}
    return states[name] == "down"


def holder(swarm: Swarm) -> Node:
    """The node that runs the registry's task."""
    task = swarm.wait("registry", running=1)[0]
    return next(node for node in swarm.nodes if node.name == task.node)


def task_container(swarm: Swarm) -> str:
    return run(holder(swarm), "ps", "-qf", "label=com.docker.swarm.service.name=registry").strip()
