"""What `open` finds broken and repairs, saying so: each test breaks one thing in the same playground."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.errors import APIError
from typer.testing import CliRunner

from labs import playground as playgrounds
from labs.cli.program import app
from labs.engine import Engine
from labs.playground import NodeUnavailable, Playground, PlaygroundError, engine_settings
from labs.waiting import wait_until
from tests.playground.conftest import state
from tests.sizes import quick

pytestmark = pytest.mark.engine
SLUG = "broken"
OPEN = f"import labs.playground as p; print(p.open_playground({SLUG!r}).node().container.id)"


@pytest.fixture
def broken(opened: Callable[..., Playground]) -> Playground:
    """A playground that is whole when the test starts."""
    return opened(SLUG)


def reopen(said: list[str]) -> Playground:
    """Open it and prove that its node works."""
    playground = playgrounds.open_playground(SLUG, say=said.append)
    assert playground.node().docker.ping()
    assert playground.node().docker.images.pull("hello-world", "latest")
    return playground


def test_open_of_a_whole_playground_says_nothing_and_finds_the_same(
    broken: Playground, said: list[str]
):
    assert reopen(said).node().container.id == broken.node().container.id
    assert said == []


def test_killed_node_is_started_again_with_what_it_held(broken: Playground, said: list[str]):
    broken.node().docker.images.pull("busybox", "latest")
    broken.node().container.kill()
    assert not broken.node().answers()
    playground = reopen(said)
    assert playground.node().docker.images.get("busybox:latest")
    assert said == [
        "node1: had stopped (status 137), started again; its images and volumes are kept"
    ]


def test_what_is_asked_of_a_killed_node_is_unavailable(broken: Playground):
    broken.node().container.kill()
    found = playgrounds.find(SLUG)
    with pytest.raises(NodeUnavailable):
        found.node().exec(["true"])
    with pytest.raises(NodeUnavailable):
        found.node().url(5000)
    with pytest.raises(NodeUnavailable):
        _ = found.node().docker


@pytest.mark.full
def test_paused_node_goes_on(broken: Playground, said: list[str]):
    broken.node().container.pause()
    assert not broken.node().answers(timeout_s=0.5)
    reopen(said)
    assert said == ["node1: was paused, continued"]


def test_node_whose_engine_is_killed_ends_and_is_started_again(broken: Playground, said: list[str]):
    broken.node().exec(["sh", "-c", "kill -9 $(cat /var/run/docker.pid)"])
    wait_until(lambda: state(broken.node()) == "exited", "the node to end", timeout_s=10)
    reopen(said)
    assert said[0].startswith("node1: had stopped (status 1), started again")


@pytest.mark.full
def test_node_whose_containerd_is_killed_ends_and_is_started_again(
    broken: Playground, said: list[str]
):
    broken.node().exec(["sh", "-c", "kill -9 $(pidof containerd)"])
    wait_until(lambda: state(broken.node()) == "exited", "the node to end", timeout_s=10)
    reopen(said)
    assert "started again" in said[0]


@pytest.mark.full
def test_node_whose_engine_hangs_is_restarted(
    broken: Playground, said: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("labs.playground.revival._PATIENCE_S", 1.0)
    broken.node().exec(["sh", "-c", "kill -STOP $(cat /var/run/docker.pid)"])
    reopen(said)
    assert said == ["node1: its engine did not answer, restarting it"]


@pytest.mark.full
def test_node_removed_behind_its_back_is_made_again(broken: Playground, said: list[str]):
    before = broken.node().container.id
    broken.node().container.remove(force=True, v=True)
    assert reopen(said).node().container.id != before
    assert said == ["node1: its container is gone, making a new one"]


def test_node_and_network_removed_are_made_again(
    engine: Engine, broken: Playground, said: list[str]
):
    for name in (f"{broken.name}-node1", f"{broken.name}-mirror"):
        engine.client.containers.get(name).remove(force=True, v=True)
    engine.client.networks.get(broken.name).remove()
    reopen(said)


@pytest.mark.full
def test_network_removed_below_stopped_nodes_is_made_again(
    engine: Engine, broken: Playground, said: list[str]
):
    for name in (f"{broken.name}-node1", f"{broken.name}-mirror"):
        engine.client.containers.get(name).kill()
    engine.client.networks.get(broken.name).remove()
    reopen(said)


def test_lost_certificates_make_a_new_node(broken: Playground, said: list[str]):
    before = broken.node().container.id
    shutil.rmtree(broken.node().environment()["DOCKER_CERT_PATH"])
    assert reopen(said).node().container.id != before
    assert said == ["node1: its certificates are lost, making a new one"]


@pytest.mark.full
def test_lost_state_folder_makes_a_new_node(broken: Playground, said: list[str], course: Path):
    shutil.rmtree(course / ".labs")
    reopen(said)
    assert said == ["node1: its certificates are lost, making a new one"]


@pytest.mark.parametrize("harm", ["kill", "remove", "pause"])
def test_mirror_is_mended(engine: Engine, broken: Playground, said: list[str], harm: str):
    mirror = engine.client.containers.get(f"{broken.name}-mirror")
    getattr(mirror, harm)(**({"force": True} if harm == "remove" else {}))
    reopen(said)


@pytest.mark.full
def test_other_ports_make_a_new_node(
    opened: Callable[..., Playground], broken: Playground, said: list[str]
):
    before = broken.node().container.id
    playground = opened(SLUG, ports=(5000, 8080), say=said.append)
    assert playground.node().container.id != before
    assert playground.node().url(8080) != playground.node().url(5000)
    assert said == ["node1: it was made for other ports, making a new one"]
    opened(SLUG)


@pytest.mark.full
def test_two_processes_that_open_at_once_get_the_same_node(broken: Playground):
    broken.close()
    both = [
        subprocess.Popen([sys.executable, "-c", OPEN], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ids = [each.communicate(timeout=60)[0].strip() for each in both]
    assert ids[0] == ids[1] != ""


@pytest.mark.parametrize("after_s", quick([0.45, 0.7, 1.0], 0.7))
def test_process_killed_while_it_opens_leaves_what_the_next_one_repairs(
    broken: Playground, said: list[str], after_s: float
):
    broken.close()
    with subprocess.Popen([sys.executable, "-c", OPEN], stdout=subprocess.DEVNULL) as kernel:
        time.sleep(after_s)
        os.kill(kernel.pid, signal.SIGKILL)
    reopen(said)


@pytest.mark.full
def test_second_network_of_the_same_name_goes_and_the_one_in_use_stays(
    engine: Engine, broken: Playground, said: list[str]
):
    """The engine goes on making what a process asked for that was killed meanwhile."""
    networks = engine.client.networks
    used = networks.get(broken.name)
    networks.create(broken.name, driver="bridge", labels=used.attrs["Labels"])
    engine.client.containers.get(f"{broken.name}-mirror").remove(force=True, v=True)
    reopen(said)
    assert networks.list(names=[broken.name]) == [used]


BAD_MIRROR = {"registry-mirrors": ["127.0.0.1:5000"]}
REFUSES = 'invalid mirror: "127.0.0.1:5000" is not a valid URI'


def test_setting_that_ends_the_engine_is_said_and_those_before_are_back(broken: Playground):
    node = broken.node()
    client = node.docker
    node.configure_engine({"insecure-registries": ["zork.lab:5000"]})
    with pytest.raises(PlaygroundError, match="would not start with") as refused:
        node.configure_engine(BAD_MIRROR)
    assert REFUSES in refused.value.message
    settings = json.loads(node.read_file(engine_settings.DAEMON_JSON))
    assert settings["insecure-registries"] == ["zork.lab:5000"]
    assert settings["registry-mirrors"] == ["http://mirror:5000"]
    assert client.info()["Name"] == "node1"  # the one that a notebook holds
    assert json.loads(node.read_file(engine_settings.REFUSED))["registry-mirrors"] == [
        "127.0.0.1:5000"
    ]
    node.configure_engine({"insecure-registries": None})


def test_reload_takes_a_mirror_over_while_containers_run(broken: Playground):
    node = broken.node()
    node.docker.images.pull("busybox", "latest")
    container = node.docker.containers.run("busybox", ["sleep", "600"], detach=True)
    node.reload_engine({"registry-mirrors": ["http://node1:5000"]})
    assert node.docker.info()["RegistryConfig"]["Mirrors"] == ["http://node1:5000/"]
    node.reload_engine({"registry-mirrors": None})
    assert not node.docker.info()["RegistryConfig"]["Mirrors"]
    node.reload_engine({"registry-mirrors": ["http://mirror:5000"]})
    container.reload()
    assert (container.status, container.attrs["RestartCount"]) == ("running", 0)
    container.remove(force=True)


def test_reload_that_is_refused_is_said_and_the_settings_before_are_back(broken: Playground):
    node = broken.node()
    with pytest.raises(PlaygroundError, match="does not take over") as refused:
        node.reload_engine({"registry-mirrors": ["node1:5000"], "labels": ["a=b"]})
    assert 'unsupported scheme "node1"' in refused.value.message
    assert json.loads(node.read_file(engine_settings.DAEMON_JSON)) == {
        "registry-mirrors": ["http://mirror:5000"]
    }
    info = node.docker.info()
    assert info["RegistryConfig"]["Mirrors"] == ["http://mirror:5000/"]
    assert not info["Labels"]
    assert b"node1:5000" in node.read_file(engine_settings.REFUSED)


@pytest.mark.full
def test_reload_without_settings_reads_a_file_written_by_hand(broken: Playground):
    node = broken.node()
    node.write_file(engine_settings.DAEMON_JSON, '{"registry-mirrors": ["http://zork:5000"]}')
    node.reload_engine()
    assert node.docker.info()["RegistryConfig"]["Mirrors"] == ["http://zork:5000/"]
    node.write_file(engine_settings.DAEMON_JSON, '{"zork": 1}')
    with pytest.raises(PlaygroundError, match="don't match any configuration option: zork"):
        node.reload_engine()
    assert node.docker.info()["RegistryConfig"]["Mirrors"] == ["http://zork:5000/"]
    node.reload_engine({"registry-mirrors": ["http://mirror:5000"]})


BY_HAND = {
    "a value it cannot use": json.dumps(BAD_MIRROR),
    "no JSON": '{"debug": true',
    "no such setting": '{"mirrors": []}',
    "what the command line says": '{"hosts": ["tcp://0.0.0.0:2375"]}',
    "a driver that is not there": '{"storage-driver": "zork"}',
}


@pytest.mark.parametrize("content", quick(BY_HAND, "a value it cannot use"))
def test_file_edited_by_hand_is_repaired_by_open(broken: Playground, said: list[str], content: str):
    node = broken.node()
    node.docker.volumes.create("kept")
    node.write_file(engine_settings.DAEMON_JSON, content)
    node.container.restart(timeout=1)
    playground = reopen(said)
    assert playground.node().docker.volumes.get("kept")
    assert said[-1].startswith("node1: its engine did not start with /etc/docker/daemon.json: ")
    assert playground.node().read_file(engine_settings.REFUSED).decode() == content
    if "127.0.0.1:5000" in content:
        assert REFUSES in said[-1]


@pytest.mark.full
@pytest.mark.parametrize("how", ["restart_engine", "start"])
@pytest.mark.parametrize("content", [BY_HAND["a value it cannot use"], BY_HAND["no JSON"]])
def test_file_edited_by_hand_is_refused_by_the_node_itself(
    broken: Playground, how: str, content: str
):
    node = broken.node()
    node.write_file(engine_settings.DAEMON_JSON, content)
    if how == "start":
        node.stop()
    with pytest.raises(PlaygroundError, match=r"does not start with /etc/docker/daemon\.json: "):
        getattr(node, how)()
    assert node.docker.info()["Name"] == "node1"
    assert node.status == "running"


def test_reset_of_a_lesson_removes_its_playground_alone(
    opened: Callable[..., Playground], engine: Engine
):
    dead, other = opened("run-a-registry"), opened("other")
    dead.node().write_file(engine_settings.DAEMON_JSON, "{")
    dead.node().container.restart(timeout=1)
    ran = CliRunner().invoke(app, ["reset", "01-run-a-registry.ipynb"], catch_exceptions=False)
    assert ran.exit_code == 0
    assert f"removed container {dead.name}-node1" in ran.output
    assert other.name not in ran.output
    assert other.node().answers()
    again = CliRunner().invoke(app, ["reset", "run-a-registry"], catch_exceptions=False)
    assert again.output == "run-a-registry: nothing to remove\n"
    other.close()


@pytest.fixture
def full_disk(broken: Playground) -> Iterator[None]:
    """A full file system where the node's engine keeps what it is working on."""
    node = broken.node()
    node.docker.images.pull("hello-world", "latest")
    folder = "/var/lib/docker/tmp"
    mounted = node.exec(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder])
    assert mounted.exit_code == 0, mounted.stderr
    node.exec(["sh", "-c", f"head -c 200000 /dev/zero >{folder}/full"])
    yield
    assert node.exec(["umount", folder]).exit_code == 0


def test_full_disk_in_the_node_is_said_in_the_engines_words(broken: Playground, full_disk: None):
    with pytest.raises(APIError, match="no space left on device"):
        b"".join(broken.node().docker.images.get("hello-world").save())
    assert broken.node().answers()
