"""What lesson 11 says of cleaning up and none of its cells shows: each on a real registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from docker.models.containers import Container

from labs.lessons.common.by_hand import image, noise, push, put, upload
from labs.playground import Playground
from labs.registry import RegistryClient
from tests.lessons.actions import run, wait

pytestmark = [pytest.mark.engine, pytest.mark.full]
FOLDER = "/var/lib/registry/docker/registry/v2/repositories/team/app"
COLLECT = ["registry", "garbage-collect", "/etc/docker/registry/config.yml"]


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """One node."""
    return opened("clean-up-claims", ports=(5000,))


@pytest.fixture
def registry(playground: Playground) -> Container:
    """A registry that may delete, without an image."""
    for old in playground.node(1).docker.containers.list(all=True):
        old.remove(force=True, v=True)
    may = {"REGISTRY_STORAGE_DELETE_ENABLED": "true"}
    container = run(playground, "registry", environment=may, ports={"5000/tcp": 5000})
    wait(playground, 5000)
    return container


@pytest.fixture
def http(playground: Playground, registry: Container) -> Iterator[httpx.Client]:
    """An HTTP client of the registry."""
    with httpx.Client(base_url=playground.node(1).url(5000)) as http:
        yield http


@pytest.fixture
def client(playground: Playground, registry: Container) -> Iterator[RegistryClient]:
    """The course's client of the registry."""
    with RegistryClient(playground.node(1).url(5000)) as client:
        yield client


def test_garbage_collect_leaves_links_that_lead_to_no_blob(
    registry: Container, http: httpx.Client, client: RegistryClient
):
    digest = push(http, "team/app", "1", image(noise("one", 0.1)))
    client.delete("team/app", digest)
    registry.exec_run(COLLECT)
    layers = registry.exec_run(["ls", f"{FOLDER}/_layers/sha256"]).output.decode().split()
    blobs = registry.exec_run(["find", "/var/lib/registry", "-name", "data"]).output.decode()
    assert len(layers) == 2
    assert not any(layer in blobs for layer in layers)


def test_registry_looks_for_old_uploads_by_itself(registry: Container):
    said = re.search(r"Starting upload purge in (\d+m)?\d+s", registry.logs().decode())
    assert said, registry.logs().decode()


def test_push_whose_blobs_were_collected_is_refused_by_a_registry_started_afterwards(
    playground: Playground, registry: Container
):
    """A push that fails is safe: lesson 11's job may break one, and never one that was acknowledged."""
    late = image(noise("late", 0.1))
    with httpx.Client(base_url=playground.node(1).url(5000)) as before:
        push(before, "team/app", "1", image(noise("one", 0.1)))
        for blob in late.blobs:
            upload(before, "team/app", blob)
    registry.exec_run(COLLECT)
    registry.restart(timeout=1)
    wait(playground, 5000)
    url = playground.node(1).url(5000)
    with httpx.Client(base_url=url) as after, pytest.raises(httpx.HTTPStatusError) as refused:
        put(after, "team/app", "late", late)
    assert refused.value.response.json()["errors"][0]["code"] == "MANIFEST_BLOB_UNKNOWN"
    assert RegistryClient(url).tags("team/app") == ["1"]


def test_emptied_repository_is_still_listed(http: httpx.Client, client: RegistryClient):
    digest = push(http, "team/app", "1", image(noise("one", 0.1)))
    client.delete("team/app", digest)
    assert client.catalog() == ["team/app"]
    assert client.tags("team/app") == []
