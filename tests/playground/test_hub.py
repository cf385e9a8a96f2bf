"""The hub of a playground, with real engines: logins, rights, events, builds and webhooks."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from labs.playground import Playground
from labs.playground.hub_container import HubServer
from labs.playground.hub_session import HubSession
from labs.waiting import wait_until
from tests.playground.hub_accounts import (
    MANIFESTS,
    PASSWORDS,
    Person,
    as_account,
    docker,
    git,
    populate,
    push,
)

pytestmark = [pytest.mark.engine, pytest.mark.full]
SHOP = "/v2/namespaces/acme/repositories/shop"


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """Two nodes."""
    return opened("hub", nodes=2, ports=(5000,))


@pytest.fixture(scope="module")
def hub(playground: Playground) -> HubServer:
    """Its hub with four accounts and the organization acme, which ada owns."""
    populate(playground.hub)
    return playground.hub


@pytest.fixture(scope="module")
def people(hub: HubServer) -> dict[str, Person]:
    """Each account, and a stranger."""
    return {name: Person(hub, name) for name in ("", *PASSWORDS)}


def test_engine_logs_in_and_pushes_and_the_hub_shows_it(
    playground: Playground, people: dict[str, Person]
):
    as_account(playground.node(1), "ada")
    code, said = push(playground.node(1), "ada/tool:1")
    assert code == 0, said
    path = "/v2/namespaces/ada/repositories/tool/tags"
    found = wait_until(lambda: people["ada"].http.get(path).json().get("results"), "the event")
    digest = re.search(r"sha256:\w+", said)
    assert digest
    assert (found[0]["name"], found[0]["digest"]) == ("1", digest[0])
    assert found[0]["last_updater_username"] == "ada"
    assert found[0]["images"][0]["os"] == "linux"


def test_client_of_the_api_logs_in_again_when_its_token_has_expired(hub: HubServer):
    client = hub.log_in("ada", PASSWORDS["ada"])
    session = client.auth
    assert isinstance(session, HubSession)
    session.token = "one of ten minutes ago"
    made = client.post("/v2/access-tokens", json={"token_label": "later"})
    assert made.status_code == 201
    text, uuid = made.json()["token"], made.json()["uuid"]
    program = hub.log_in("ada", text)
    client.delete(f"/v2/access-tokens/{uuid}")
    refused = program.get(SHOP)
    assert (refused.status_code, refused.request.url.path) == (401, SHOP)


def test_pages_of_a_list_are_followed_at_the_address_that_was_used(
    playground: Playground, hub: HubServer, people: dict[str, Person]
):
    path = "/v2/namespaces/grace/repositories"
    for name in ("one", "two", "three"):
        people["grace"].http.post(path, json={"name": name})
    found, url = [], f"{path}?page_size=1"
    while url:
        page = people[""].http.get(url).raise_for_status().json()
        found += [each["name"] for each in page["results"]]
        url = page["next"]
        assert url is None or url.startswith(f"{hub.url}{path}?page=")
    assert found == ["one", "three", "two"]
    # By the hub's name, over TLS, as a program in a node asks.
    ask = f"wget -qO- --no-check-certificate 'https://{hub.host}{path}?page_size=1'"
    code, said = docker(
        playground.node(1), "run", "--rm", "--network=host", "busybox", "sh", "-c", ask
    )
    assert code == 0, said
    assert f'"next": "https://{hub.host}{path}?page=2&page_size=1"' in said


def test_wrong_password_says_what_docker_hub_says(playground: Playground, hub: HubServer):
    login = ("login", "hub.lab", "-u", "grace", "--password-stdin")
    code, said = docker(playground.node(1), *login, stdin="wrong")
    assert code != 0
    assert "unauthorized: incorrect username or password" in said


LEVELS = {"read": {"pull"}, "write": {"pull", "push"}, "admin": {"pull", "push", "delete"}}


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("level", ["", *LEVELS])
def test_every_role_and_action_over_the_real_registry(
    playground: Playground, people: dict[str, Person], level: str, *, private: bool
):
    name = f"{level or 'none'}{'private' if private else 'public'}"
    ada = people["ada"].http
    made = ada.post("/v2/namespaces/acme/repositories", json={"name": name, "is_private": private})
    assert made.status_code == 201, made.text
    if level:
        group = ada.post("/v2/orgs/acme/groups", json={"name": f"team{name}"}).json()
        ada.post(f"/v2/orgs/acme/groups/team{name}/members", json={"member": "linus"})
        given = {"group_id": group["id"], "permission": level}
        assert ada.post(f"/v2/repositories/acme/{name}/groups", json=given).status_code == 200
    as_account(playground.node(1), "ada")
    code, said = push(playground.node(1), f"acme/{name}:1")
    assert code == 0, said
    rights = {
        "": set() if private else {"pull"},
        "eve": set() if private else {"pull"},
        "linus": LEVELS.get(level, set()) | (set() if private else {"pull"}),
        "ada": LEVELS["admin"],
    }
    for who, may in rights.items():
        person, path = people[who], f"acme/{name}"
        pulled = person.ask("GET", path, "manifests/1", "pull")
        pushed = person.ask("POST", path, "blobs/uploads/", "pull,push")
        # A digest that is not there: who may delete is told so, and nothing is lost.
        gone = person.ask("DELETE", path, f"manifests/sha256:{'0' * 64}", "delete")
        assert (pulled == 200) == ("pull" in may), (who, pulled)
        assert (pushed == 202) == ("push" in may), (who, pushed)
        assert (gone == 404) == ("delete" in may), (who, gone)
        assert {pulled, pushed, gone} <= {200, 202, 401, 404}


def test_mount_from_a_repository_that_one_may_not_read_uploads_instead(
    playground: Playground, people: dict[str, Person]
):
    """A confused deputy would link another's blob into one's own repository."""
    as_account(playground.node(1), "ada")
    ada = people["ada"].http
    ada.post("/v2/namespaces/ada/repositories", json={"name": "secret", "is_private": True})
    push(playground.node(1), "ada/secret:1")
    token = people["ada"].token("repository:ada/secret:pull")
    with httpx.Client(base_url=str(ada.base_url), trust_env=False) as client:
        headers = {"Authorization": f"Bearer {token}", "Accept": MANIFESTS}
        manifest = client.get("/v2/ada/secret/manifests/1", headers=headers).json()
        layer = manifest["layers"][0]["digest"]
        scopes = ("repository:eve/copy:pull,push", "repository:ada/secret:pull")
        token = people["eve"].token(*scopes)
        mount = client.post(
            f"/v2/eve/copy/blobs/uploads/?mount={layer}&from=ada/secret",
            headers={"Authorization": f"Bearer {token}"},
        )
    assert mount.status_code in (202, 401)
    assert people["eve"].ask("HEAD", "eve/copy", f"blobs/{layer}", "pull") in (401, 404)


@pytest.fixture
def source(hub: HubServer, people: dict[str, Person], tmp_path: Path) -> tuple[Path, str]:
    """A clone of acme/shop's source, whose rule makes latest of main, and tags of versions."""
    if not shutil.which("git"):
        pytest.skip("no git is here")
    ada = people["ada"].http
    ada.post("/v2/namespaces/acme/repositories", json={"name": "shop"})
    assert ada.put(f"{SHOP}/source", json={"git_repository": "shop"}).status_code == 200
    if not ada.get(f"{SHOP}/build-rules").json()["count"]:
        rule = {"source_type": "branch", "source": "main", "tag": "latest"}
        assert ada.post(f"{SHOP}/build-rules", json=rule).status_code == 201
    address = hub.url.replace("http://", f"http://ada:{PASSWORDS['ada']}@") + "/git/acme/shop.git"
    work = tmp_path / "shop"
    work.mkdir()
    git(work, "init", "-q", "-b", "main")
    git(work, "remote", "add", "origin", address)
    return work, address


def built(people: dict[str, Person], number: str | int) -> dict[str, Any]:
    """What became of a build."""

    def build() -> dict[str, Any]:
        return dict(people["ada"].http.get(f"{SHOP}/builds/{number}").json())

    states = ("pending", "in progress")
    wait_until(lambda: build()["state"] not in states, "the build", timeout_s=120)
    return build()


def test_git_push_makes_an_image(
    playground: Playground, people: dict[str, Person], source: tuple[Path, str]
):
    work, _ = source
    (work / "Dockerfile").write_text("FROM busybox\nRUN echo built >/made\n")
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "first")
    said = git(work, "push", "-f", "origin", "main")
    queued = re.search(r"remote: hub: build (\d+) queued: acme/shop:latest", said)
    assert queued, said
    build = built(people, queued[1])
    assert build["state"] == "successful", build["log"]
    as_account(playground.node(2), "ada")
    code, out = docker(playground.node(2), "run", "--rm", "hub.lab/acme/shop", "cat", "/made")
    assert code == 0
    assert "built" in out.split()
    labels = playground.node(2).docker.images.get("hub.lab/acme/shop:latest").labels
    assert labels["org.opencontainers.image.revision"] == git(work, "rev-parse", "HEAD").strip()


def test_failing_build_says_why(people: dict[str, Person], source: tuple[Path, str]):
    work, _ = source
    (work / "Dockerfile").write_text("FROM busybox\nRUN false\n")
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "broken")
    said = git(work, "push", "-f", "origin", "main")
    number = re.search(r"build (\d+) queued", said)
    assert number
    build = built(people, number[1])
    assert build["state"] == "failed"
    assert "returned a non-zero code: 1" in build["log"]
    assert build["duration"] > 0


def test_trigger_builds_and_webhook_tells(people: dict[str, Person], source: tuple[Path, str]):
    """By the API alone: a URL that another service calls starts a build, whose push is told to a receiver."""
    work, _ = source
    (work / "Dockerfile").write_text("FROM busybox\nRUN echo again >/made\n")
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "whole again")
    number = re.search(r"build (\d+) queued", git(work, "push", "-f", "origin", "main"))
    assert number
    assert built(people, number[1])["state"] == "successful"
    ada = people["ada"].http
    # No program listens on port 9 of a node; the list of deliveries says so.
    hook = ada.post(f"{SHOP}/webhooks", json={"name": "x", "url": "http://node1:9/"}).json()
    url = ada.post(f"{SHOP}/triggers", json={"name": "nightly"}).json()["url"]
    with httpx.Client(base_url=str(ada.base_url), trust_env=False) as service:
        called = service.post(url.removeprefix("https://hub.lab"), json={})
    assert called.status_code == 202, called.text
    queued = ada.get(f"{SHOP}/builds").json()["results"][0]
    assert queued["cause"] == "trigger nightly"
    assert built(people, queued["number"])["state"] == "successful"
    deliveries = f"{SHOP}/webhooks/{hook['id']}/deliveries"
    wait_until(lambda: _tried(ada, deliveries), "the delivery")
    told = ada.get(deliveries).json()["results"][0]
    assert told["response_status"] is None
    assert "refused" in told["response_body"]
    again = ada.post(f"{deliveries}/{told['id']}/redeliver")
    assert (again.status_code, again.json()["payload"]) == (201, told["payload"])
    assert ada.delete(f"{SHOP}/webhooks/{hook['id']}").status_code == 204


def _tried(client: httpx.Client, path: str) -> bool:
    return any(each["attempts"] for each in client.get(path).json()["results"])


def test_index_has_the_sizes_of_its_images(playground: Playground, people: dict[str, Person]):
    as_account(playground.node(1), "ada")
    code, said = push(playground.node(1), "ada/many:1")
    assert code == 0, said
    ada, one = people["ada"].http, "/v2/namespaces/ada/repositories/many"
    wait_until(lambda: ada.head(f"{one}/tags/1").status_code == 200, "the event")
    image = ada.get(f"{one}/tags/1").json()
    platform = {"os": "linux", "architecture": "arm", "variant": "v7"}
    assert _put_index(people["ada"], image["digest"], platform) == 201
    wait_until(lambda: ada.head(f"{one}/tags/all").status_code == 200, "the event")
    whole = ada.get(f"{one}/tags/all").json()
    assert whole["full_size"] == image["full_size"] > 0
    assert whole["images"] == [{**platform, "digest": image["digest"], "size": image["full_size"]}]
    assert ada.delete(f"{one}/tags/all").status_code == 405
    assert ada.delete(f"{one}/images/{whole['digest']}").status_code == 204
    assert ada.head(f"{one}/tags/all").status_code == 404


def _put_index(person: Person, digest: str, platform: dict[str, str]) -> int:
    """Push ada/many:all, an index of one image; return the registry's status."""
    kind = "application/vnd.docker.distribution.manifest.list.v2+json"
    listed = {"mediaType": MANIFESTS, "digest": digest, "size": 1, "platform": platform}
    index = {"schemaVersion": 2, "mediaType": kind, "manifests": [listed]}
    path, action = "manifests/all", "pull,push"
    headers = {"Authorization": f"Bearer {person.token(f'repository:ada/many:{action}')}"}
    with httpx.Client(base_url=str(person.http.base_url), trust_env=False) as client:
        content, headers = json.dumps(index), {**headers, "Content-Type": kind}
        return client.put(f"/v2/ada/many/{path}", content=content, headers=headers).status_code


def test_killed_hub_has_lost_nothing(playground: Playground, people: dict[str, Person]):
    as_account(playground.node(1), "ada")
    code, said = push(playground.node(1), "ada/kept:1")
    assert code == 0, said
    hub = playground.hub
    hub.container.kill()
    again = playground.hub
    path = "/v2/namespaces/ada/repositories/kept/tags"
    with httpx.Client(base_url=again.url, trust_env=False) as client:
        found = wait_until(lambda: client.get(path).json().get("results"), "its tables")
    assert [each["name"] for each in found] == ["1"]
    people.update({name: Person(again, name) for name in people})


def test_pages_are_one_origin_with_the_registry(hub: HubServer, playground: Playground):
    url = playground.hub.url
    with httpx.Client(base_url=url, trust_env=False) as client:
        challenge = client.get("/v2/").headers["www-authenticate"]
        assert f'realm="{url}/auth/token' in challenge
        assert client.get("/api/openapi.json").json()["openapi"] == "3.1.0"
        # Of the API, not of the registry, whose errors have another form.
        for path in ("/v2/users", "/v2/orgs", "/v2/access-tokens", "/v2/namespaces/x"):
            assert client.get(path).json()["message"], path
        for path in ("/events", "/git-received/1"):
            assert client.post(path).status_code == 404
        assert client.get("/static/hub.css").headers["content-type"].startswith("text/css")
        for script in ("copy.js", "live-log.js"):
            kind = client.get(f"/static/{script}").headers["content-type"]
            assert kind.startswith(("text/javascript", "application/javascript"))
        assert json.loads(client.get("/v2/namespaces/ada/repositories").text)["count"] >= 0
