"""The image haproxy in a node: pulled from the mirror, configured as Docker Hub's, run by a user who is not root."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import docker
import pytest
from docker.models.containers import Container

from labs.playground import Playground
from labs.playground.archive import archive
from labs.waiting import wait_until

pytestmark = pytest.mark.engine

HELLO = """
defaults
    mode http
    timeout connect 5s
    timeout client 10s
    timeout server 10s
frontend hello
    bind :80
    http-request return status 200 content-type text/plain string "hello from the edge"
"""


@contextmanager
def configured(client: docker.DockerClient, config: str) -> Iterator[Container]:
    """A haproxy with a configuration where Docker Hub's looks for it."""
    container = client.containers.create("haproxy:3", ports={"80/tcp": 8080})
    try:
        container.put_archive(
            "/usr/local/etc/haproxy", archive({"haproxy.cfg": config.encode()}, mode=0o444)
        )
        container.start()
        yield container
    finally:
        container.remove(force=True)


@pytest.fixture(scope="module")
def client(playground: Playground) -> Iterator[docker.DockerClient]:
    """A node's engine, which pulled the image from the playground's mirror."""
    client = playground.node().docker
    client.images.pull("haproxy", "3")
    yield client
    client.images.remove("haproxy:3")


def answer(client: docker.DockerClient, container: Container) -> bytes:
    """What the container's own wget hears on port 80."""
    return container.exec_run(["wget", "-q", "-O", "-", "http://127.0.0.1/"]).output


def test_haproxy_serves_what_its_configuration_says_on_a_port_below_1024(
    client: docker.DockerClient,
):
    with configured(client, HELLO) as proxy:
        wait_until(lambda: answer(client, proxy) == b"hello from the edge", "haproxy")
        users = proxy.exec_run(["ps", "-o", "user"]).output.split()
        assert users[:1] == [b"USER"]
        assert set(users[1:]) == {b"haproxy"}


@pytest.mark.full
def test_haproxy_stops_when_told(client: docker.DockerClient):
    with configured(client, HELLO) as proxy:
        wait_until(lambda: answer(client, proxy) == b"hello from the edge", "haproxy")
        proxy.stop(timeout=30)
        assert proxy.wait()["StatusCode"] == 0, "it was killed"


@pytest.mark.full
@pytest.mark.parametrize("config", [None, "zork\n"])
def test_haproxy_without_a_right_configuration_ends_and_says_why(
    client: docker.DockerClient, config: str | None
):
    with configured(client, config) if config else bare(client) as proxy:
        assert proxy.wait()["StatusCode"] == 1
        assert b"/usr/local/etc/haproxy/haproxy.cfg" in proxy.logs()


@contextmanager
def bare(client: docker.DockerClient) -> Iterator[Container]:
    """A haproxy without a configuration: the image holds none, as Docker Hub's."""
    container = client.containers.create("haproxy:3")
    try:
        container.start()
        yield container
    finally:
        container.remove(force=True)


@pytest.mark.full
def test_haproxy_takes_options_alone_as_its_own(client: docker.DockerClient):
    said = client.containers.run("haproxy:3", ["-v"], remove=True)
    assert said.startswith(b"HAProxy version 3.0")
