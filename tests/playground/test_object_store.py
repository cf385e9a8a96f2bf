"""The store: registries in a node keep their bytes in it, by S3 and by Swift; it goes with its playground."""

from __future__ import annotations

import io
import random
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate

import docker
import httpx
import pytest

from labs import images
from labs.engine import Engine
from labs.images import Catalog
from labs.lesson.transfer import pull, push
from labs.lessons.common import missing_part
from labs.lessons.common.by_hand import image, noise
from labs.lessons.common.by_hand import push as push_by_hand
from labs.playground import Node, ObjectStore, Playground, PlaygroundError
from labs.playground.labels import Names
from labs.playground.object_store import open_store
from labs.registry import RegistryClient
from labs.waiting import wait_until
from tests.sizes import quick

pytestmark = pytest.mark.engine

HALF = "sha256:a11ae06469c63740d7b0ecf802f282a0d46e94f31a654dfcd3c0dc6dc277f904"
LAYER_MB = 41  # more than a part, and more than what S3's driver copies in one request


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """A playground with the image of registries in its node."""
    playground = opened("stored", ports=(5000, 5001))
    playground.node().docker.images.pull("registry", "2")
    return playground


def by_s3(store: ObjectStore) -> dict[str, str]:
    return {
        "REGISTRY_STORAGE": "s3",
        "REGISTRY_STORAGE_S3_REGION": "us-east-1",
        "REGISTRY_STORAGE_S3_REGIONENDPOINT": store.endpoint,
        "REGISTRY_STORAGE_S3_BUCKET": store.bucket,
        "REGISTRY_STORAGE_S3_ACCESSKEY": store.access_key,
        "REGISTRY_STORAGE_S3_SECRETKEY": store.secret_key,
        "REGISTRY_STORAGE_S3_SECURE": "false",
    }


def by_swift(store: ObjectStore) -> dict[str, str]:
    return {
        "REGISTRY_STORAGE": "swift",
        "REGISTRY_STORAGE_SWIFT_AUTHURL": store.auth_url,
        "REGISTRY_STORAGE_SWIFT_USERNAME": store.access_key,
        "REGISTRY_STORAGE_SWIFT_PASSWORD": store.secret_key,
        "REGISTRY_STORAGE_SWIFT_CONTAINER": "by-swift",
    }


@contextmanager
def registry(node: Node, driver: dict[str, str], *, port: int = 5000) -> Iterator[RegistryClient]:
    """A registry in the node that keeps all its bytes in the store."""
    more = {"REGISTRY_STORAGE_REDIRECT_DISABLE": "true", "REGISTRY_HTTP_SECRET": "one for all"}
    container = node.docker.containers.run(
        "registry:2", detach=True, environment={**driver, **more}, ports={"5000/tcp": port}
    )
    try:
        client = RegistryClient(node.url(port))
        wait_until(client.speaks, "the registry", last_words=lambda: container.logs().decode())
        yield client
    finally:
        container.remove(force=True, v=True)


@pytest.fixture(scope="module")
def large(playground: Playground) -> Iterator[str]:
    """An image with a layer that is sent in several parts."""
    node = playground.node()
    content, tar = random.Random(6).randbytes(LAYER_MB * 10**6), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as out:
        entry = tarfile.TarInfo("noise")
        entry.size = len(content)
        out.addfile(entry, io.BytesIO(content))
    node.docker.api.import_image_from_data(tar.getvalue(), repository="large", tag="1")
    yield "large:1"
    node.docker.images.remove("large:1", force=True)


def push_as(client: docker.DockerClient, image: str, ref: str) -> str:
    client.images.get(image).tag(ref)
    try:
        return push(client, ref)
    finally:
        client.images.remove(ref)


def pull_again(client: docker.DockerClient, ref: str) -> str:
    try:
        return pull(client, ref)
    finally:
        client.images.remove(ref)


@pytest.mark.parametrize("driver", quick([by_s3, by_swift], by_s3))
def test_registry_pushes_and_pulls_large_layers_and_keeps_them_over_restarts_of_both(
    playground: Playground, large: str, driver: Callable[[ObjectStore], dict[str, str]]
):
    client, settings = playground.node().docker, driver(playground.store)
    with registry(playground.node(), settings):
        digest = push_as(client, large, "127.0.0.1:5000/kept:1")
        assert pull_again(client, "127.0.0.1:5000/kept:1") == digest
    playground.store.container.restart(timeout=5)
    client.images.remove(large)
    with registry(playground.node(), driver(playground.store)):
        assert pull_again(client, f"127.0.0.1:5000/kept@{digest}") == digest
        assert pull(client, "127.0.0.1:5000/kept:1") == digest
        client.images.get("127.0.0.1:5000/kept:1").tag(large)
        client.images.remove("127.0.0.1:5000/kept:1")
    bucket = settings.get("REGISTRY_STORAGE_SWIFT_CONTAINER", playground.store.bucket)
    assert sum(each.size_bytes for each in playground.store.objects(bucket)) >= LAYER_MB * 10**6


def test_two_registries_share_a_bucket_and_finish_each_others_uploads(playground: Playground):
    settings = by_s3(playground.store)
    with registry(playground.node(), settings), registry(playground.node(), settings, port=5001):
        one, two = playground.node().url(5000), playground.node().url(5001)
        with httpx.Client(trust_env=False) as http:
            begun = http.post(f"{one}/v2/shared/blobs/uploads/")
            there = httpx.URL(begun.headers["Location"])
            sent = http.patch(f"{two}{there.raw_path.decode()}", content=b"half")
            assert sent.status_code == 202, sent.text
            there = httpx.URL(sent.headers["Location"]).copy_merge_params({"digest": HALF})
            ended = http.put(f"{one}{there.raw_path.decode()}")
            assert ended.status_code == 201, ended.text
            assert http.get(f"{two}/v2/shared/blobs/{HALF}").content == b"half"


@pytest.mark.full
def test_image_pushed_to_one_registry_is_pulled_from_the_other(playground: Playground):
    client, settings = playground.node().docker, by_s3(playground.store)
    with registry(playground.node(), settings), registry(playground.node(), settings, port=5001):
        digest = push_as(client, "registry:2", "127.0.0.1:5000/both:1")
        assert pull_again(client, "127.0.0.1:5001/both:1") == digest


def test_store_lets_nobody_in_without_the_secret(playground: Playground):
    store = playground.store
    ports = store.container.attrs["HostConfig"]["PortBindings"]["8080/tcp"]
    assert [each["HostIp"] for each in ports] == ["127.0.0.1"]
    port = store.container.attrs["NetworkSettings"]["Ports"]["8080/tcp"][0]["HostPort"]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        forged = {"Authorization": f"AWS {store.access_key}:zork", "Date": formatdate(usegmt=True)}
        assert http.get("/registry", headers=forged).status_code == 403
        assert http.get("/v1/AUTH_course/registry").status_code == 401
        wrong = {"X-Auth-User": store.access_key, "X-Auth-Key": "zork"}
        assert http.get("/auth/v1.0", headers=wrong).status_code == 401
    assert store.container.exec_run(["id", "-u"]).output.strip() != b"0"


@pytest.mark.full
def test_store_that_ended_is_started_again_with_its_objects(playground: Playground):
    playground.store.make_bucket("left")
    secret = playground.store.secret_key
    playground.store.container.kill()
    assert playground.store.objects("left") == []
    playground.store.container.remove(force=True, v=True)
    assert playground.store.objects("left") == []
    assert playground.store.secret_key == secret


@pytest.mark.full
def test_store_of_a_swarm_keeps_its_address(opened: Callable[..., Playground]):
    playground = opened("stored-swarm", managers=2)
    endpoint = playground.store.endpoint
    playground.store.container.remove(force=True)
    assert playground.store.endpoint == endpoint
    playground.store.container.stop(timeout=0)
    assert playground.store.endpoint == endpoint
    playground.close()


@pytest.mark.full
def test_store_whose_image_is_missing_has_it_made_and_says_so(
    playground: Playground, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    image = Catalog.read().images["store"]
    monkeypatch.setattr(images, "look", lambda *_: images.Stock(image))
    monkeypatch.setattr(images, "ensure", lambda _, say, late: say("made"))
    playground.store.container.remove(force=True)
    said: list[str] = []
    assert open_store(engine, playground._names, said.append).answers()
    assert said == ["the store's image is not here yet: making it", "made"]


def test_store_ends_when_one_of_its_servers_does(playground: Playground):
    store = playground.store
    store.container.exec_run(["sh", "-c", "kill -9 $(ps | grep memcached | head -n 1)"])
    assert store.container.wait(timeout=30)["StatusCode"] == 1
    assert b"memcached ended" in store.container.logs()


def test_bucket_that_is_not_there_is_told(playground: Playground):
    with pytest.raises(PlaygroundError, match="no bucket 'zork'"):
        playground.store.objects("zork")


@pytest.mark.full
def test_store_goes_with_its_playground(opened: Callable[..., Playground], engine: Engine):
    playground = opened("passing")
    secret, name = playground.store.secret_key, playground.store.container.name
    playground.close()
    left = engine.client.containers.list(all=True, filters={"name": name})
    assert left == []
    assert engine.client.volumes.list(filters={"name": name}) == []
    assert playground.open().store.secret_key != secret


def test_store_without_a_playground_is_told_and_leaves_nothing(engine: Engine, course: object):
    names = Names("00000000", "nowhere")
    with pytest.raises(PlaygroundError, match="nowhere is not there") as error:
        open_store(engine, names)
    assert "labs.open" in error.value.hint
    assert engine.client.volumes.list(filters=names.filters) == []


def test_full_store_takes_nothing_and_gives_everything(playground: Playground):
    store, node = playground.store, playground.node()
    before, other = image(noise("before", 0.01)), image(noise("other", 0.01))
    with registry(node, by_s3(store), port=5001) as found:
        with httpx.Client(base_url=node.url(5001), trust_env=False, timeout=30) as http:
            push_by_hand(http, "full/app", "1", before)
            with store.full():
                with pytest.raises(httpx.HTTPStatusError, match="500"):
                    push_by_hand(http, "full/app", "2", other)
                assert missing_part(found, "full/app", "1") == ""
            push_by_hand(http, "full/app", "2", other)
        assert missing_part(found, "full/app", "2") == ""
