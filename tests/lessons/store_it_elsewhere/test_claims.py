"""What lesson 12 says of drivers and none of its cells shows: each on a real registry and a real store."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from labs.lesson import PushFailed, transfer
from labs.playground import Playground
from labs.registry import RegistryClient, RegistryError
from labs.waiting import wait_until
from tests.lessons.actions import push, run
from tests.lessons.store_it_elsewhere_cases import (
    S3,
    address,
    push_hello,
    registry,
    s3,
)

pytestmark = [pytest.mark.engine, pytest.mark.full]
CACHE = "using inmemory blob descriptor cache"
FILE = "version: 0.1\nstorage: {filesystem: {rootdirectory: /one}}\nhttp: {addr: ':5000'}\n"


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """One node; the store is made by the first test that asks for it."""
    return opened("store-claims", ports=(5000, 5001))


def last_words(playground: Playground, *settings: str) -> str:
    """The whole log of a registry that ends, or that listens."""
    container = run(playground, None, environment=list(settings))
    try:
        wait_until(
            lambda: re.search(rb"panic: |configuration error|listening on", container.logs()),
            "a line that decides",
        )
        return str(container.logs().decode())
    finally:
        container.remove(force=True, v=True)


def test_second_driver_in_a_variable_is_a_panic_that_names_both(playground: Playground):
    said = last_words(playground, "REGISTRY_STORAGE_INMEMORY={}")
    panic = "panic: multiple storage drivers specified in configuration or environment: "
    assert sorted(said.split(panic)[1].splitlines()[0].split(", ")) == ["filesystem", "inmemory"]


@pytest.mark.parametrize(
    ("setting", "panic"),
    [
        ("s3", "panic: no region parameter provided"),
        *(
            (each, f"panic: StorageDriver not registered: {each}")
            for each in ("azure", "gcs", "oss")
        ),
    ],
)
def test_driver_that_cannot_run_ends_with_a_panic(playground: Playground, setting: str, panic: str):
    assert panic in last_words(playground, f"REGISTRY_STORAGE={setting}")


def test_nested_form_replaces_what_the_file_says_of_a_cache(playground: Playground):
    assert CACHE in last_words(playground, "REGISTRY_LOG_LEVEL=info")
    assert CACHE not in last_words(playground, 'REGISTRY_STORAGE={"inmemory": {}}')


def test_variable_wins_over_the_file(playground: Playground):
    playground.node(1).write_file("/srv/file/config.yml", FILE)
    other = {"REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/two"}
    mount = ["/srv/file/config.yml:/etc/docker/registry/config.yml:ro"]
    for settings, folder in (({}, "/one"), (other, "/two")):
        registry(playground, 5000, settings, volumes=mount)
        push_hello(playground, 5000)
        own = playground.node(1).docker.containers.get("own")
        assert own.exec_run(["ls", f"{folder}/docker/registry/v2"]).exit_code == 0


def test_keys_are_found_in_a_file_that_a_variable_names(playground: Playground):
    settings = s3(playground, "/keys")
    key, secret = (settings.pop(f"{S3}{end}") for end in ("ACCESSKEY", "SECRETKEY"))
    keys = f"[default]\naws_access_key_id={key}\naws_secret_access_key={secret}\n"
    playground.node(1).write_file("/srv/keys/credentials", keys, mode=0o600)
    settings["AWS_SHARED_CREDENTIALS_FILE"] = "/keys/credentials"
    registry(playground, 5000, settings, volumes=["/srv/keys:/keys:ro"])
    push_hello(playground, 5000)
    assert RegistryClient(playground.node(1).url(5000)).catalog() == ["hello-world"]


def test_swift_driver_sends_layers_itself_and_s3_redirects_for_20_minutes(playground: Playground):
    store = playground.store
    swift = {
        "REGISTRY_STORAGE": "swift",
        "REGISTRY_STORAGE_SWIFT_AUTHURL": store.auth_url,
        "REGISTRY_STORAGE_SWIFT_USERNAME": store.access_key,
        "REGISTRY_STORAGE_SWIFT_PASSWORD": store.secret_key,
        "REGISTRY_STORAGE_SWIFT_CONTAINER": "claims",
    }
    assert blob_answer(playground, swift).status_code == 200
    redirect = blob_answer(playground, s3(playground, "/redirect"))
    assert redirect.status_code == 307
    assert "X-Amz-Expires=1200" in redirect.headers["location"]


def blob_answer(playground: Playground, settings: dict[str, str]) -> httpx.Response:
    """The answer to HEAD for a layer."""
    registry(playground, 5000, settings)
    push_hello(playground, 5000)
    url = playground.node(1).url(5000)
    layer = RegistryClient(url).manifest("hello-world", "latest").layers[0].digest
    return httpx.head(f"{url}/v2/hello-world/blobs/{layer}")


def test_push_behind_a_redirect_fails_too(playground: Playground):
    registry(playground, 5000, s3(playground, "/unseen"))
    push_hello(playground, 5000)
    by_name = s3(playground, "/unseen", REGIONENDPOINT="http://unseen.store:8080")
    registry(playground, 5000, by_name, extra_hosts={"unseen.store": address(playground)})
    with pytest.raises(PushFailed, match=r"lookup unseen\.store"):
        transfer.push(playground.node(1).docker, "127.0.0.1:5000/hello-world:latest")


def test_root_directories_keep_registries_of_one_bucket_apart(playground: Playground):
    playground.node(1).docker.containers.get("own").remove(force=True, v=True)
    for port, root in ((5000, "/team"), (5001, "/other")):
        registry(playground, port, s3(playground, root), name=root[1:])
    push(playground, "busybox", "127.0.0.1:5001/busybox:latest")
    clients = [RegistryClient(playground.node(1).url(port)) for port in (5000, 5001)]
    with pytest.raises(RegistryError):
        clients[0].head("busybox", "latest")
    assert clients[1].catalog() == ["busybox"]
    names = [each.name for each in playground.store.objects()]
    assert any(name.startswith("other/docker/registry/v2/") for name in names)
    for name in ("team", "other"):
        playground.node(1).docker.containers.get(name).remove(force=True, v=True)
