"""What lesson 10 says of a cache and none of its cells shows: each on a real hub and a real cache."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from docker.models.containers import Container

from labs.lessons.cache_what_you_pull.expiry import let_a_week_pass
from labs.playground import Playground
from labs.registry import RegistryClient
from labs.waiting import WaitTimeout, wait_until
from tests.lessons.cache_what_you_pull_cases import HUB, cache, hub

pytestmark = [pytest.mark.engine, pytest.mark.full]
FROM_HUB = "127.0.0.1:5000/library/hello-world"
DELETE = {"REGISTRY_STORAGE_DELETE_ENABLED": "true"}


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """Two nodes with a hub on the second, which all tests leave running."""
    playground = opened("cache-claims", nodes=2, ports=(5000, 5001))
    hub(playground)
    return playground


@pytest.fixture
def caches(playground: Playground) -> Iterator[Callable[..., Container]]:
    """Run a cache on port 5000 of node 1; it and its data go after the test."""

    def run(**options: object) -> Container:
        return cache(playground, HUB, 5000, name="cache", **options)

    yield run
    playground.node(1).docker.containers.get("cache").remove(force=True, v=True)


def fetch(playground: Playground) -> str:
    """Pull an image through the cache by HTTP; return the digest of its layer."""
    with RegistryClient(playground.node(1).url(5000)) as registry:
        layer = registry.manifest("library/hello-world", "latest").layers[0].digest
        registry.blob("library/hello-world", layer)
    return str(layer)


def test_push_to_a_cache_is_tried_five_times_and_takes_50_seconds(
    playground: Playground, caches: Callable[..., Container]
):
    caches()
    docker = playground.node(1).docker
    docker.images.pull("hello-world", "latest").tag("127.0.0.1:5000/library/mine")
    began = time.monotonic()
    steps = list(docker.images.push("127.0.0.1:5000/library/mine", stream=True, decode=True))
    took_s = time.monotonic() - began
    waits = {step["status"] for step in steps if "Retrying" in step.get("status", "")}
    assert {f"Retrying in {s} second{'s' * (s > 1)}" for s in (5, 10, 15, 20)} <= waits
    # The pauses alone; not a measure of this machine.
    assert took_s >= 50
    assert steps[-1]["error"] == "unsupported"


def test_cache_keeps_what_it_fetched_for_seven_days(
    playground: Playground, caches: Callable[..., Container]
):
    container = caches()
    layer = fetch(playground)
    wanted = re.compile(rf"Adding new scheduler entry for \S+@{layer} with ttl=(\d+)h(\d+)m")
    hours, minutes = wait_until(lambda: wanted.search(container.logs().decode()), "it").groups()
    assert (hours, minutes) == ("167", "59")


def test_cache_that_may_delete_removes_what_has_expired(
    playground: Playground, caches: Callable[..., Container]
):
    container = caches(environment=DELETE)
    layer = fetch(playground)
    data = f"/var/lib/registry/docker/registry/v2/blobs/sha256/{layer[7:9]}/{layer[7:]}/data"
    assert container.exec_run(["ls", data]).exit_code == 0
    let_a_week_pass(playground.node(1), container, layer)
    assert container.exec_run(["ls", data]).exit_code != 0


def test_cache_that_may_not_delete_logs_an_error_and_keeps_everything(
    playground: Playground, caches: Callable[..., Container]
):
    container = caches()
    layer = fetch(playground)
    with pytest.raises(WaitTimeout):
        let_a_week_pass(playground.node(1), container, layer)
    said = re.findall(r"Scheduler error returned from OnExpire\S+ (.*)", container.logs().decode())
    assert said
    assert all("unsupported" in line for line in said)
    data = f"/var/lib/registry/docker/registry/v2/blobs/sha256/{layer[7:9]}/{layer[7:]}/data"
    assert container.exec_run(["ls", data]).exit_code == 0


def test_containers_on_the_bridge_ask_other_name_servers_than_their_node(
    playground: Playground, caches: Callable[..., Container]
):
    """Docker leaves out a name server on a loopback address, and the playground's names are known to no other."""
    on_host = caches()
    node = playground.node(1)
    on_bridge = node.docker.containers.run("registry:2", detach=True)
    try:
        asked = [each.exec_run(["cat", "/etc/resolv.conf"]).output for each in (on_host, on_bridge)]
    finally:
        on_bridge.remove(force=True, v=True)
    assert node.exec(["getent", "hosts", "node2"]).exit_code == 0
    assert b"nameserver 127.0.0.11" in asked[0]
    assert b"nameserver 127.0.0.11" not in asked[1]


def test_cache_with_a_restart_policy_comes_back_with_its_hub(
    playground: Playground, caches: Callable[..., Container]
):
    container = caches(restart_policy={"Name": "unless-stopped"})
    upstream = playground.node(2).docker.containers.get("hub")
    upstream.stop(timeout=1)
    try:
        container.restart(timeout=1)
        wait_until(
            lambda: container.reload() or container.attrs["RestartCount"] > 1, "its restarts"
        )
    finally:
        upstream.start()
    wait_until(RegistryClient(playground.node(1).url(5000)).speaks, "the cache", timeout_s=60)
