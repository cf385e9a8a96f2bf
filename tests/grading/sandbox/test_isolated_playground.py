"""A submission's playground: closed, limited, watched, and gone afterwards."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.models.containers import Container

from labs import images, lessons
from labs.errors import LabsError
from labs.grading.sandbox.channel import LoopThread
from labs.grading.sandbox.disk_quota import DiskQuota
from labs.grading.sandbox.isolated_playground import IsolatedPlayground, names_of
from labs.grading.sandbox.kernel_api import OutputLimitError, exec_limited
from labs.images import Catalog
from labs.playground import PlaygroundError, removal
from tests.grading.listening import listening

pytestmark = pytest.mark.engine
LESSON = lessons.find("run-a-registry")


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    one = LoopThread()
    yield one
    one.close()


@pytest.fixture(scope="module")
def playground(course: Path, engine, loop) -> Iterator[IsolatedPlayground]:
    images.ensure(engine.client, print, purpose="grading")
    one = IsolatedPlayground(engine, loop, LESSON, "gtest-1")
    try:
        yield one
    finally:
        one.close()
        assert removal.remove_objects(engine, names_of(LESSON.slug, "gtest-1").filters) == []


class Ending:
    """What a watch tells, kept; `came` once it told something."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.came = threading.Event()

    def __call__(self, why: str) -> None:
        self.told.append(why)
        self.came.set()


def test_playground_is_reached_through_its_gateway(playground):
    node = playground.nodes[0]
    assert node.docker.ping()
    node.docker.images.pull("busybox", tag="latest")
    assert node.docker.containers.run("busybox", ["echo", "hi"], remove=True) == b"hi\n"
    assert node.container.attrs["NetworkSettings"]["Ports"] in ({}, None)
    with pytest.raises(PlaygroundError, match="does not publish port 7777"):
        node.url(7777)


@pytest.mark.full
def test_swarm_forms_behind_the_gateway(course, engine, loop, playground):
    lesson = lessons.find("serve-a-swarm").sized(managers=3)
    swarm = IsolatedPlayground(engine, loop, lesson, "gtest-3")
    try:
        listed = swarm.nodes[0].docker.nodes.list()
        assert sorted(each.attrs["Description"]["Hostname"] for each in listed) == [
            "node1",
            "node2",
            "node3",
        ]
        assert len({each.attrs["Status"]["Addr"] for each in listed}) == 3
    finally:
        swarm.close()


def test_node_is_limited_in_memory_and_processes(playground):
    node = playground.nodes[0]
    node.container.reload()
    settings = node.container.attrs["HostConfig"]
    assert settings["Memory"] == settings["MemorySwap"] == 2 << 30
    assert 0 < settings["PidsLimit"] <= 4096


def test_name_outside_leads_nowhere_from_a_node(playground):
    found = playground.nodes[0].exec(["getent", "hosts", "registry-1.docker.io"])
    assert found.stdout.split()[:1] == ["255.255.255.255"]


def test_command_that_never_stops_talking_is_cut(playground):
    with pytest.raises(OutputLimitError, match="yes printed more than"):
        exec_limited(playground.nodes[0].container, ["yes"], max_bytes=2_000_000)
    code, out, err = exec_limited(
        playground.nodes[0].container, ["sh", "-c", "echo out; ls /nowhere"]
    )
    assert (code > 0, out, b"/nowhere" in err) == (True, b"out\n", True)


def test_node_that_fills_the_disk_is_told(playground, engine):
    end, node = Ending(), playground.nodes[0]
    try:
        with DiskQuota(engine, playground, end, max_bytes=100_000_000):
            node.exec(["sh", "-c", "head -c 50000000 /dev/zero >/root/half"])
            assert not end.came.wait(3)
            node.exec(["sh", "-c", "head -c 150000000 /dev/zero >/root/fill"])
            assert end.came.wait(20)
    finally:
        node.exec(["rm", "-f", "/root/half", "/root/fill"])
    assert end.told == ["its nodes held more than 0.1 GB of disk"]


@pytest.mark.full
def test_node_that_makes_files_without_end_is_told(playground, engine):
    end, node = Ending(), playground.nodes[0]
    make = "mkdir /{0} && cd /{0} && seq {1} | split -l 1 -a 5 -"
    try:
        with DiskQuota(engine, playground, end, max_files=50_000):
            for folder in ("root/own", "var/lib/docker/own"):
                assert node.exec(["sh", "-c", make.format(folder, 20_000)]).exit_code == 0
            assert not end.came.wait(3)
            node.exec(["sh", "-c", make.format("var/lib/docker/more", 40_000)])
            assert end.came.wait(30)
    finally:
        node.exec(["rm", "-rf", "/root/own", "/var/lib/docker/own", "/var/lib/docker/more"])
    assert end.told == ["its nodes held more than 50000 files"]


@pytest.mark.full
def test_runtime_that_the_engine_does_not_know_is_told(course, engine, loop, monkeypatch):
    monkeypatch.setenv("LABS_NODE_RUNTIME", "no-such-runtime")
    with pytest.raises(LabsError, match="no-such-runtime") as told:
        IsolatedPlayground(engine, loop, LESSON, "gtest-2")
    assert "LABS_NODE_RUNTIME" in told.value.hint
    assert removal.remove_objects(engine, names_of(LESSON.slug, "gtest-2").filters) == []


def link_local(bridge: str) -> str:
    """The address that the kernel gives a bridge by its hardware address (RFC 4291, appendix A)."""
    parts = Path(f"/sys/class/net/{bridge}/address").read_text().strip().split(":")
    octets = [int(part, 16) for part in parts]
    octets[0] ^= 2
    octets[3:3] = [0xFF, 0xFE]
    groups = [f"{octets[i]:02x}{octets[i + 1]:02x}" for i in range(0, 8, 2)]
    return "fe80::" + ":".join(groups)


def call(container, address: str, port: int) -> str:
    """Call from inside as root, with IPv6 switched on; what the caller has of it."""
    script = f"""
        echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
        for i in $(seq 50); do grep -q '^fe80.* 80 ' /proc/net/if_inet6 && break; sleep 0.1; done
        grep eth0 /proc/net/if_inet6
        socat - 'TCP6:[{address}%eth0]:{port},connect-timeout=2' </dev/null
    """
    return str(container.exec_run(["sh", "-c", script])[1].decode())


@pytest.fixture
def unsealed(engine, course) -> Iterator[tuple[Container, str]]:
    """A container with a node's rights on a closed network as the engine makes it, and its bridge."""
    closed = {"com.docker.network.bridge.inhibit_ipv4": "true"}
    network = engine.client.networks.create("labs-test-unsealed", internal=True, options=closed)
    try:
        container = engine.client.containers.run(
            Catalog.read().images["node"].name,
            ["300"],
            entrypoint="sleep",
            detach=True,
            network=network.name,
            privileged=False,
            sysctls={"net.ipv6.conf.all.disable_ipv6": "0"},
        )
        try:
            yield container, f"br-{network.id[:12]}"
        finally:
            container.remove(force=True)
    finally:
        network.remove()


def test_machine_is_called_through_a_network_that_is_not_sealed(unsealed):
    container, bridge = unsealed
    with listening(socket.AF_INET6) as (port, called):
        said = call(container, link_local(bridge), port)
        if "fe80" not in said:
            pytest.skip(f"the kernel gives this container no address of IPv6: {said!r}")
        assert len(called) == 1, said


def test_root_in_a_node_cannot_call_this_machine(playground):
    node = playground.nodes[0]
    network = playground._playground.name
    bridge = f"br-{node.container.client.networks.get(network).id[:12]}"
    with listening(socket.AF_INET6) as (port, called):
        call(node.container, link_local(bridge), port)
    assert called == []
    for name, wanted in (("rp_filter", "1"), ("arp_ignore", "8")):
        assert Path(f"/proc/sys/net/ipv4/conf/{bridge}/{name}").read_text().strip() == wanted
