"""A node from outside: what it is given, who can reach its engine, how its ports are reached."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bcrypt
import httpx
import pytest

from labs import playground as playgrounds
from labs.engine import Engine
from labs.lesson import PushFailed, push
from labs.playground import NodeUnavailable, Playground, PlaygroundError
from labs.playground.certs import Authority

pytestmark = pytest.mark.engine


def serve(playground: Playground, published: str) -> str:
    """Run a registry in node 1, published as `-p` says; the id of its container."""
    node = playground.node()
    run = node.exec(["docker", "run", "--rm", "-d", "-p", published, "registry:2"])
    assert run.exit_code == 0, run.stderr
    return run.stdout.strip()


def host_config(playground: Playground) -> dict[str, object]:
    container = playground.node().container
    container.reload()
    return dict(container.attrs["HostConfig"])


def test_node_is_not_privileged_and_has_no_host_path(playground: Playground):
    config = host_config(playground)
    mounts = playground.node().container.attrs["Mounts"]
    assert config["Privileged"] is False
    assert not config["Binds"]
    assert not config["Devices"]
    assert config["PidMode"] == config["IpcMode"].removeprefix("private") == ""
    assert [mount["Type"] for mount in mounts] == ["volume"]
    assert list(playground.node().container.attrs["NetworkSettings"]["Networks"]) == [
        playground.name
    ]
    assert config["NetworkMode"] == playground.name


def test_mirror_publishes_nothing_and_has_no_capabilities(engine: Engine, playground: Playground):
    mirror = engine.client.containers.get(f"{playground.name}-mirror")
    assert not any(mirror.ports.values())
    assert mirror.attrs["HostConfig"]["CapDrop"] == ["ALL"]
    assert mirror.attrs["HostConfig"]["ReadonlyRootfs"]


def test_node_publishes_on_loopback_only(playground: Playground):
    node = playground.node()
    node.container.reload()
    bindings = [b for each in node.container.ports.values() for b in each or []]
    assert bindings
    assert {binding["HostIp"] for binding in bindings} == {"127.0.0.1"}


def test_everything_carries_the_course_and_lesson(
    engine: Engine, playground: Playground, course: Path
):
    client, name = engine.client, f"{playground.name}-node1"
    network = client.networks.list(names=[playground.name])[0]
    containers = [client.containers.get(n) for n in (name, f"{playground.name}-mirror")]
    found = [c.labels for c in containers]
    found += [client.volumes.get(name).attrs["Labels"], network.attrs["Labels"]]
    for labels in found:
        assert labels["org.registry-course"] == playground.name.split("-")[1]
        assert labels["org.registry-course.lesson"] == "shared"
        assert labels["org.registry-course.folder"] == str(course)


def attempt(address: str, context: ssl.SSLContext) -> bytes:
    """Ask an engine for `/_ping` over TLS and return what it says."""
    host, port = address.removeprefix("tcp://").split(":")
    with (
        socket.create_connection((host, int(port)), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        secured.sendall(b"GET /_ping HTTP/1.1\r\nHost: node1\r\nConnection: close\r\n\r\n")
        if answer := secured.recv(1024):
            return answer
    raise ConnectionError("closed without a word")


def client_context(playground: Playground) -> ssl.SSLContext:
    return ssl.create_default_context(
        cafile=playground.node().environment()["DOCKER_CERT_PATH"] + "/ca.pem"
    )


def test_engine_refuses_a_client_without_certificate(playground: Playground):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        attempt(playground.node().address, client_context(playground))


def test_engine_refuses_the_certificate_of_another_authority(
    playground: Playground, tmp_path: Path
):
    Authority.of(tmp_path, "stranger")
    context = client_context(playground)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        attempt(playground.node().address, context)


def test_engine_takes_the_playgrounds_certificate(playground: Playground):
    folder = Path(playground.node().environment()["DOCKER_CERT_PATH"])
    context = client_context(playground)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    assert attempt(playground.node().address, context).startswith(b"HTTP/1.1 200")


def test_engine_does_not_answer_without_tls(playground: Playground):
    answer = httpx.get(f"{playground.node().address.replace('tcp', 'http')}/_ping", trust_env=False)
    assert answer.status_code == 400


def test_two_lessons_see_different_engines(
    opened: Callable[..., Playground], playground: Playground
):
    other = opened("second")
    address = other.node().container.attrs["NetworkSettings"]["Networks"][other.name]["IPAddress"]
    connect = ["timeout", "2", "socat", "-", f"TCP:{address}:2376"]
    assert other.node().docker.info()["ID"] != playground.node().docker.info()["ID"]
    assert other.node().exec(connect).exit_code == 0
    assert playground.node().exec(connect).exit_code != 0
    other.close()


def test_keys_are_readable_by_their_owner_only(playground: Playground):
    folder = Path(playground.node().environment()["DOCKER_CERT_PATH"])
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("published", ["127.0.0.1:5000:5000", "5000:5000"])
def test_registry_in_the_node_is_reached_however_it_is_published(
    playground: Playground, published: str
):
    container = serve(playground, published)
    try:
        transport = httpx.HTTPTransport(retries=0)
        with httpx.Client(transport=transport, trust_env=False) as client:
            answer = wait_for(client, f"{playground.node().url(5000)}/v2/")
        assert (answer.status_code, answer.json()) == (200, {})
    finally:
        assert playground.node().exec(["docker", "rm", "-f", container]).exit_code == 0


def wait_for(client: httpx.Client, url: str) -> httpx.Response:
    from labs.waiting import wait_until

    def ask() -> httpx.Response | None:
        try:
            return client.get(url)
        except httpx.TransportError:
            return None

    found = wait_until(ask, url)
    assert found is not None
    return found


def test_url_of_a_port_that_is_not_published_names_those_that_are(playground: Playground):
    with pytest.raises(PlaygroundError, match="does not publish port 8080; it publishes 5000"):
        playground.node().url(8080)


@pytest.mark.parametrize("index", [0, 2, -1])
def test_node_that_is_not_there_is_an_error(playground: Playground, index: int):
    with pytest.raises(PlaygroundError, match=f"there is no node {index}: this playground has 1"):
        playground.node(index)


def test_swarm_of_a_playground_without_one_is_an_error(playground: Playground):
    with pytest.raises(PlaygroundError, match="the playground of shared has no swarm"):
        _ = playground.swarm


def test_exec_gives_status_and_both_streams(playground: Playground):
    result = playground.node().exec(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (result.exit_code, result.stdout, result.stderr) == (3, "out\n", "err\n")


def test_read_file_gives_bytes_or_file_not_found(playground: Playground):
    assert playground.node().read_file("/etc/hostname") == b"node1\n"
    with pytest.raises(FileNotFoundError, match="zork"):
        playground.node().read_file("/zork")


def test_write_file_makes_the_folders_above_and_keeps_their_modes(playground: Playground):
    node = playground.node(1)
    for content in ("one", b"two"):
        node.write_file("/srv/zork/deep/file", content, mode=0o600)
    assert node.read_file("/srv/zork/deep/file") == b"two"
    node.exec(["chmod", "700", "/srv/zork/deep"])
    node.write_file("/srv/zork/deep/other", "three")
    modes = node.exec(["stat", "-c", "%a", "/srv/zork/deep", "/srv/zork/deep/file"]).stdout
    assert modes.split() == ["700", "600"]


def test_settings_that_stand_already_restart_nothing_and_others_do(playground: Playground):
    node = playground.node(1)

    def started() -> str:
        return node.exec(["sh", "-c", "cut -d' ' -f22 /proc/$(cat /run/docker.pid)/stat"]).stdout

    before = started()
    node.configure_engine({"insecure-registries": None})
    assert started() == before != ""
    node.configure_engine({"insecure-registries": ["zork.lab:5000"]})
    assert started() != before
    node.configure_engine({"insecure-registries": None})


def test_docker_command_of_a_terminal_reaches_the_node(playground: Playground):
    told = playground.node().environment()
    program = "import docker, os, json; c = docker.from_env(); print(json.dumps(c.info()['Name']))"
    clean = {"PATH": "/usr/bin:/bin", **told}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=clean, capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == "node1"


def test_second_process_finds_the_playground_and_changes_nothing(playground: Playground):
    program = (
        "import labs.playground as p; n = p.find('shared').node(); "
        "print(n.container.id, n.docker.info()['Name'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [playground.node().container.id, "node1"]


def test_find_of_a_playground_that_is_not_there_says_what_makes_it(course: Path, engine: Engine):
    with pytest.raises(NodeUnavailable, match=r"not there: no node1") as missing:
        playgrounds.find("never-opened")
    assert 'labs.open("never-opened")' in missing.value.hint


def test_nonsense_in_the_environment_does_not_reach_a_node(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    assert playgrounds.find("shared").node().docker.info()["Name"] == "node1"


STUDENTS_CONFIG = {
    "credsStore": "desktop",
    "proxies": {"default": {"httpProxy": "http://127.0.0.1:9", "httpsProxy": "http://127.0.0.1:9"}},
}


def test_students_docker_configuration_does_not_reach_a_node(
    opened: Callable[..., Playground], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(json.dumps(STUDENTS_CONFIG))
    node = opened("private").node()  # made with this configuration in place
    assert not [each for each in node.container.attrs["Config"]["Env"] if "proxy" in each.lower()]
    docker = node.docker
    docker.images.pull("busybox", "latest")  # would ask the credential helper
    said = docker.containers.run("busybox", ["env"], remove=True).decode()
    assert "proxy" not in said.lower()
    assert Path(node.environment()["DOCKER_CONFIG"], "config.json").is_file()


def test_logins_of_two_nodes_are_in_two_files(opened: Callable[..., Playground]):
    """As on two machines: a login on one counts there alone."""
    folders = {
        node.environment()["DOCKER_CONFIG"] for node in opened("private-pair", nodes=2).nodes
    }
    assert len(folders) == 2


AUTH = ["-e", "REGISTRY_AUTH=htpasswd", "-e", "REGISTRY_AUTH_HTPASSWD_REALM=r"]


@pytest.mark.skipif(not shutil.which("docker"), reason="there is no `docker` command here")
def test_login_of_the_docker_command_is_seen_by_an_open_client(opened: Callable[..., Playground]):
    node = opened("private").node()
    docker = node.docker
    docker.images.pull("hello-world", "latest").tag("127.0.0.1:5000/hello-world")
    line = f"moby:{bcrypt.hashpw(b'gordon', bcrypt.gensalt(4)).decode()}\n"
    node.write_file("/srv/auth/htpasswd", line)
    path = ["-v", "/srv/auth:/auth", "-e", "REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd"]
    run = node.exec(["docker", "run", "-d", "-p", "5000:5000", *AUTH, *path, "registry:2"])
    assert run.exit_code == 0, run.stderr
    with httpx.Client(trust_env=False) as client:
        wait_for(client, f"{node.url(5000)}/v2/")
    with pytest.raises(PushFailed, match="no basic auth credentials"):
        push(docker, "127.0.0.1:5000/hello-world")
    environment = {"PATH": os.environ["PATH"], **node.environment()}
    for user, password, wanted in (("moby", "gordon", 0), ("moby", "wrong", 1)):
        words = ["docker", "login", "-u", user, "-p", password, "127.0.0.1:5000"]
        assert subprocess.run(words, env=environment, check=False).returncode == wanted
    assert push(docker, "127.0.0.1:5000/hello-world").startswith("sha256:")
    subprocess.run(["docker", "logout", "127.0.0.1:5000"], env=environment, check=True)
    with pytest.raises(PushFailed, match="no basic auth credentials"):
        push(docker, "127.0.0.1:5000/hello-world")


def test_client_of_a_node_finds_it_again_after_the_node_was_off(
    opened: Callable[..., Playground],
):
    node = opened("moves").node()
    kept, before = node.docker, node.address
    for _ in range(5):  # the host's engine may give the same port again
        node.stop()
        node.start()
        if node.address != before:
            break
    assert node.docker is kept
    assert kept.info()["Name"] == "node1"
