"""Attacks on the registry of a hub, with a real one: tokens of others, forged ones, large documents, a full disk, and
many pushes at once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from labs.engine import Engine
from labs.playground import Playground
from labs.waiting import wait_until
from tests.playground.hub_accounts import as_account, populate, push
from tests.playground.hub_images import Registry, tags_shown
from tests.playground.hub_sources import browser

pytestmark = [pytest.mark.engine, pytest.mark.full]
PUSHES, AT_ONCE = 200, 200
LARGE = 900


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """One node, and a hub with accounts."""
    made = opened("hub-registry", nodes=1)
    populate(made.hub)
    return made


def test_token_of_one_repository_is_good_for_no_other(playground: Playground):
    """Nor to mount a blob of the one into the other."""
    own, other = Registry(playground, "eve/own", "eve"), Registry(playground, "ada/other")
    layer = other.blob(b"of ada")["digest"]
    other.push("1", b"of ada")
    for method, path in (
        ("GET", "manifests/1"),
        ("GET", f"blobs/{layer}"),
        ("POST", "blobs/uploads/"),
        ("PUT", "manifests/2"),
        ("DELETE", f"blobs/{layer}"),
    ):
        assert own.http.request(method, f"/v2/ada/other/{path}").status_code == 401
    mounted = own.http.post(f"/v2/eve/own/blobs/uploads/?mount={layer}&from=ada/other")
    assert mounted.status_code in (202, 401)
    assert own.http.head(f"/v2/eve/own/blobs/{layer}").status_code == 404


def forged(token: str, kind: str) -> str:
    """A token that nobody has signed, or not as it is now."""
    head, body, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False})
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    given = json.loads(base64.urlsafe_b64decode(head + "=="))
    if kind == "another key":
        return jwt.encode(claims, pem, algorithm="ES256", headers={"x5c": given["x5c"]})
    if kind == "no algorithm":
        return jwt.encode(claims, None, algorithm="none", headers={"x5c": given["x5c"]})
    if kind == "no signature":
        return f"{head}.{body}."
    claims["access"][0]["name"] = "ada/other"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{head}.{changed}.{signature}"


@pytest.mark.parametrize("kind", ["another key", "no algorithm", "no signature", "another name"])
def test_forged_token_is_refused(playground: Playground, kind: str):
    own = Registry(playground, "eve/own", "eve")
    own.push("1", b"of eve")
    path = "/v2/ada/other/tags/list" if kind == "another name" else "/v2/eve/own/tags/list"
    headers = {"Authorization": f"Bearer {forged(own.token, kind)}"}
    assert own.http.get(path, headers=headers).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/v2/ada/../eve/own/blobs/uploads/",
        "/v2/ada/%2e%2e/eve/own/blobs/uploads/",
        "/v2/ada%2f..%2f..%2fhub.sqlite3/blobs/uploads/",
        "/v2//eve/own/blobs/uploads/",
        "/v2/namespaces/../ada/other/blobs/uploads/",
        "/static/../events",
        "//events",
        "/v2/../git-received/1",
        "/static/..%2fsettings.py",
        "/git/eve/own.git/../../../hub.sqlite3",
    ],
)
def test_path_tricks_lead_nowhere(playground: Playground, path: str):
    """Sent as they are: what a client cleans, an attacker does not."""
    own = Registry(playground, "eve/own", "eve")
    url = own.http.base_url
    connection = HTTPConnection(url.host, url.port or 80, timeout=30)
    connection.putrequest("POST", path)
    connection.putheader("Authorization", f"Bearer {own.token}")
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status in (301, 400, 401, 403, 404, 405)
    if answer.status == 301:
        # To the clean form, where the token is looked at again.
        assert ".." not in str(answer.headers["Location"])
    connection.close()


def test_manifest_that_is_larger_than_the_registry_takes_is_refused(playground: Playground):
    own = Registry(playground, "eve/large", "eve")
    manifest = own.manifest(b"layer")
    full = manifest[:-1] + b', "annotations": {"a": "' + b"x" * (4 << 20)
    full = full[: (4 << 20) - 2] + b'"}}'
    assert len(full) == (4 << 20) + 1
    answer = own.put("1", full)
    assert 400 <= answer.status_code < 500, answer.text
    assert own.put("1", manifest).status_code == 201
    shown = wait_until(lambda: tags_shown(playground, "eve/large"), "the tag")
    assert list(shown) == ["1"]


def test_two_hundred_pushes_at_once_are_all_there(playground: Playground):
    def push_one(number: int) -> tuple[str, str]:
        tag = f"build-{number}"
        return tag, Registry(playground, "ada/many").push(tag, f"layer {number}".encode())

    playground.hub  # noqa: B018 - opened once, before the threads
    with ThreadPoolExecutor(AT_ONCE) as pool, browser(playground, "grace") as client:
        pushes = [pool.submit(push_one, number) for number in range(PUSHES)]
        answers = []
        while not all(each.done() for each in pushes):
            answers.append(client.get("/").status_code)
            time.sleep(0.2)
        pushed = dict(each.result() for each in pushes)
    assert answers
    assert set(answers) == {200}
    assert len(pushed) == PUSHES
    wait_until(lambda: tags_shown(playground, "ada/many") == pushed, "all tags", timeout_s=60)
    registry = Registry(playground, "ada/many")
    with ThreadPoolExecutor(8) as pool:
        assert dict(zip(pushed, pool.map(registry.pull, pushed), strict=True)) == pushed
    with browser(playground) as client:
        assert "page 1 of 4" in client.get("/ada/many").text


@pytest.fixture(scope="module")
def small(opened: Callable[..., Playground], engine: Engine, playground: Playground) -> Playground:
    """A playground whose hub has a disk of 400 MB."""
    made = opened("hub-small", nodes=1)
    labels = made.node(1).container.labels
    kept = {key: value for key, value in labels.items() if key.startswith("org.registry-course")}
    volume = f"{made.name}-hub-data"
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=400m"}
    engine.client.volumes.create(volume, driver_opts=options, labels=kept)
    # What is in it lasts as long as a container has it mounted.
    engine.client.containers.run(
        playground.hub.container.image.id,
        entrypoint=["sleep", "1000"],
        volumes={volume: {"bind": "/data", "mode": "rw"}},
        labels={**kept, "org.registry-course.node": "disk"},
        detach=True,
        init=True,
    )
    populate(made.hub)
    return made


def free(playground: Playground) -> int:
    """Bytes that are left on the hub's disk."""
    said = playground.hub.container.exec_run(["stat", "-f", "-c", "%a %S", "/data"]).output
    blocks, size = said.split()
    return int(blocks) * int(size)


def zeros(megabytes: int) -> Iterator[bytes]:
    for _ in range(megabytes):
        yield bytes(1 << 20)


def test_disk_that_fills_up_ends_uploads_and_is_free_again(small: Playground):
    """One upload with a token from before, larger than the disk: nobody could log in afterwards."""
    registry = Registry(small, "eve/large", "eve")
    registry.push("1", b"before")
    started = registry.http.post("/v2/eve/large/blobs/uploads/")
    where = httpx.URL(started.headers["Location"]).raw_path.decode()
    with suppress(httpx.HTTPError):
        sent = registry.http.patch(where, content=zeros(LARGE))
        where = httpx.URL(sent.headers.get("Location", where)).raw_path.decode()
    # The registry has counted the digest of what came: it must not take what is left of it for the blob.
    counted = hashlib.sha256()
    for piece in zeros(LARGE):
        counted.update(piece)
    digest = f"sha256:{counted.hexdigest()}"
    assert registry.http.put(f"{where}&digest={digest}").status_code >= 400
    assert registry.http.head(f"/v2/eve/large/blobs/{digest}").status_code == 404
    wait_until(lambda: free(small) > 300 << 20, "the disk to be free again", timeout_s=20)
    with browser(small, "grace") as client:
        assert client.get("/eve/large").status_code == 200
    assert Registry(small, "eve/large", "eve").push("2", b"after")
    wait_until(lambda: set(tags_shown(small, "eve/large")) == {"1", "2"}, "the tags")


def test_push_to_a_disk_that_is_nearly_full_says_so(small: Playground):
    registry = Registry(small, "eve/large", "eve")
    hub = small.hub.container
    hub.exec_run(["sh", "-c", "head -c 250000000 /dev/zero >/data/other"])
    node = small.node(1)
    as_account(node, "eve")
    code, said = push(node, "eve/large:3")
    assert code != 0
    assert "the hub's disk is full" in said
    # Everything else goes on, and a push too, once there is room.
    assert registry.pull("1")
    with browser(small, "grace") as client:
        assert client.get("/eve/large").status_code == 200
    hub.exec_run(["rm", "/data/other"])
    code, said = push(node, "eve/large:3")
    assert code == 0, said
