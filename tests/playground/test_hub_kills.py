"""Kills of the hub on real engines: nothing that was acknowledged is lost, and nothing hangs."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from labs.playground import Playground
from labs.waiting import wait_until
from tests.playground.hub_accounts import Person, git, populate, post
from tests.playground.hub_images import Registry, tags_shown
from tests.playground.hub_sources import Work, browser

pytestmark = [pytest.mark.engine, pytest.mark.full]
BUILDS = "FROM busybox\nRUN echo {0}\n"
SLEEPS = "FROM busybox\nRUN echo asleep; sleep 500\n"
# A receiver of webhooks: it keeps each request in a file of its own, and answers what two other files say.
RECEIVES = """
import http.server, json, pathlib, time
folder = pathlib.Path("/tmp")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        got = json.dumps([{k.lower(): v for k, v in self.headers.items()}, body])
        (folder / "draft").write_text(got)
        (folder / "draft").rename(folder / f"got-{time.time_ns()}")
        status, pause_s = (folder / "answer").read_text().split()
        time.sleep(float(pause_s))
        if status != "none":
            self.send_response(int(status))
            self.end_headers()
(folder / "answer").write_text("200 0")
http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""


class Receiver:
    """A receiver of webhooks on the playground's network: what it got, oldest first, and what it answers.

    The answer `none` closes the connection without a word.
    """

    def __init__(self, playground: Playground) -> None:
        hub = playground.hub.container
        labels = {key: value for key, value in hub.labels.items() if "registry-course" in key}
        self._container = hub.client.containers.run(
            hub.image.id,
            entrypoint=["python3.13", "-c", RECEIVES],
            network=playground.name,
            labels={**labels, "org.registry-course.node": "receiver"},
            detach=True,
            init=True,
        )
        self._container.reload()
        networks = self._container.attrs["NetworkSettings"]["Networks"]
        self.url = f"http://{networks[playground.name]['IPAddress']}:8080/hook"
        wait_until(lambda: self._run("cat /tmp/answer").strip() == "200 0", "the receiver")

    def answers(self, status: str, pause_s: int = 0) -> None:
        self._run(f"echo {status} {pause_s} >/tmp/answer")

    def got(self) -> list[tuple[dict[str, str], str]]:
        names = sorted(self._run("ls /tmp | grep got-").split())
        return [tuple(json.loads(self._run(f"cat /tmp/{name}"))) for name in names]

    def forget(self) -> None:
        self.answers("200")
        self._run("rm -f /tmp/got-*")

    def _run(self, script: str) -> str:
        return str(self._container.exec_run(["sh", "-c", script]).output.decode())


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """One node, and a hub with accounts."""
    made = opened("hub-kills", nodes=1)
    populate(made.hub)
    return made


@pytest.fixture(scope="module")
def receiver(playground: Playground) -> Receiver:
    return Receiver(playground)


def kill(playground: Playground) -> None:
    """End the hub at once, and start it again on its volume."""
    playground.hub.container.kill()
    assert playground.hub.answers()


def test_kill_between_blobs_and_manifest_loses_no_acknowledged_push(playground: Playground):
    registry = Registry(playground, "ada/between")
    first = registry.push("1", b"first")
    manifest = registry.manifest(b"second")
    kill(playground)
    registry = Registry(playground, "ada/between")
    # Nothing refers to the blobs, so they may be gone: then the registry says so, and does not take the manifest.
    assert registry.put("2", manifest).status_code in (201, 400)
    second = registry.push("2", b"second")
    assert registry.pull("2") == second
    wait_until(lambda: tags_shown(playground, "ada/between") == {"1": first, "2": second}, "tags")


def test_kill_after_the_manifest_and_before_its_event_tells_it_later(
    playground: Playground, receiver: Receiver
):
    receiver.forget()
    registry = Registry(playground, "ada/event")
    registry.push("1", b"first")
    wait_until(lambda: "1" in tags_shown(playground, "ada/event"), "the first tag")
    hook(playground, "/ada/event", receiver)
    # Stopped but for the registry, the hub cannot be told.
    manifest = registry.manifest(b"second")
    container: Any = playground.hub.container
    stop = "for pid in $(ps | grep 'bin/hub' | grep -v grep | grep -o '^ *[0-9]*'); do kill -STOP $pid; done"
    container.exec_run(["sh", "-c", stop], user="root")
    digest = registry.put("2", manifest).headers["Docker-Content-Digest"]
    container.kill()
    wait_until(lambda: tags_shown(playground, "ada/event").get("2") == digest, "the second tag")
    (told,) = wait_until(receiver.got, "the webhook")
    assert json.loads(told[1])["push_data"]["digest"] == digest


def hook(playground: Playground, path: str, receiver: Receiver) -> str:
    """Add a webhook; return its secret, which the page shows once."""
    with browser(playground, "ada") as client:
        page = f"{path}/-/automation"
        shown = post(client, f"{page}/webhook", at=page, name="deploy", url=receiver.url).text
    found = re.search(r"\b[0-9a-f]{40}\b", shown)
    assert found, shown
    return found[0]


def test_kill_during_a_build_runs_it_again_and_the_queue_is_kept(
    playground: Playground, tmp_path: Path
):
    work = Work(playground, "ada/killed", tmp_path / "killed")
    for branch in ("main", "two", "three", "four"):
        work.rule(branch, branch)
    work.commit({"Dockerfile": SLEEPS.replace("500", "6")})
    for branch in ("two", "three", "four"):
        git(work.folder, "branch", branch)
    numbers = work.push("main", "two", "three", "four")
    assert len(numbers) == 4
    work.running(numbers[0], "asleep")
    kill(playground)
    states = {number: work.ended(number)["state"] for number in numbers}
    assert set(states.values()) == {"successful"}
    wait_until(lambda: len(tags_shown(playground, "ada/killed")) == 4, "four tags")
    assert not playground.node(1).docker.containers.list(
        filters={"ancestor": "busybox", "name": "^/?[a-z]+_"}
    )


def test_build_that_outlives_two_kills_fails(playground: Playground, tmp_path: Path):
    work = Work(playground, "ada/twice", tmp_path / "twice")
    work.rule()
    work.commit({"Dockerfile": SLEEPS})
    (number,) = work.push()
    for _ in range(2):
        work.running(number, "\nasleep")
        kill(playground)
    build = work.ended(number)
    assert (build["state"], "the hub ended twice" in build["text"]) == ("failed", True)


def test_kill_during_a_delivery_sends_the_same_delivery_again(
    playground: Playground, receiver: Receiver
):
    receiver.forget()
    Registry(playground, "ada/told").push("1", b"one")
    wait_until(lambda: tags_shown(playground, "ada/told"), "the first tag")
    secret = hook(playground, "/ada/told", receiver)
    receiver.answers("200", pause_s=4)
    Registry(playground, "ada/told").push("2", b"two")
    wait_until(receiver.got, "the first try")
    kill(playground)
    wait_until(lambda: len(receiver.got()) == 2, "the second try", timeout_s=30)
    receiver.answers("200")
    first, second = receiver.got()
    # A receiver knows by this that it has been told before.
    assert first[0]["x-hub-delivery"] == second[0]["x-hub-delivery"]
    assert first[1] == second[1]
    for headers, body in (first, second):
        text = f"{headers['x-hub-timestamp']}.{body}".encode()
        wanted = "sha256=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
        assert headers["x-hub-signature-256"] == wanted
        assert abs(time.time() - int(headers["x-hub-timestamp"])) < 300


@pytest.mark.parametrize("status", ["500", "none"])
def test_delivery_that_fails_is_tried_later_and_later(
    playground: Playground, receiver: Receiver, status: str
):
    path = f"ada/late{status}"
    Registry(playground, path).push("1", b"one")
    wait_until(lambda: tags_shown(playground, path), "the first tag, which is told to no webhook")
    hook(playground, f"/{path}", receiver)
    receiver.forget()
    receiver.answers(status)
    Registry(playground, path).push("2", b"two")

    def times() -> list[int]:
        # Another test's delivery may be on its way still.
        mine = (headers for headers, body in receiver.got() if f'"{path}"' in body)
        return [int(headers["x-hub-timestamp"]) for headers in mine]

    wait_until(lambda: len(times()) >= 4, "four tries", timeout_s=60)
    receiver.answers("200")
    first, second, third, fourth, *_ = tried = times()
    assert fourth - third > second - first
    wait_until(lambda: len(times()) > len(tried), "the try that is taken", timeout_s=40)
    with browser(playground, "ada") as client:
        page = client.get(f"/{path}/-/automation").text
    assert "delivered" in page.lower()


def test_linked_images_are_built_in_order_and_once_each(playground: Playground, tmp_path: Path):
    works = []
    for name, base in (
        ("base", "busybox"),
        ("app", "hub.lab/ada/base"),
        ("web", "hub.lab/ada/app"),
    ):
        work = Work(playground, f"ada/{name}", tmp_path / name)
        work.rule()
        if works:
            work.change("link", path=works[-1].path)
        works.append(work)
        assert (
            work.build({"Dockerfile": f"FROM {base}\nRUN echo {name}\n"})["state"] == "successful"
        )
    before = {work.path: tags_shown(playground, work.path)["latest"] for work in works}
    assert works[0].build({"Dockerfile": BUILDS.format("new base")})["state"] == "successful"

    def all_new() -> bool:
        return all(tags_shown(playground, path)["latest"] != was for path, was in before.items())

    wait_until(all_new, "all three to be new", timeout_s=90)
    time.sleep(3)  # a loop would have gone on
    with browser(playground, "ada") as client:
        for work, count in zip(works, (2, 2, 2), strict=True):
            page = client.get(f"/{work.path}/-/builds").text
            assert page.lower().count(">successful<") == count, page


def test_hooks_run_around_the_steps_with_the_documented_variables(
    playground: Playground, tmp_path: Path
):
    work = Work(playground, "ada/hooks", tmp_path / "hooks")
    work.rule(r"/^release-(\d+)\.(\d+)$/", r"{\1}.{\2}, {\1}")
    shown = "$SOURCE_BRANCH $SOURCE_COMMIT $COMMIT_MSG $DOCKER_REPO $DOCKERFILE_PATH $DOCKER_TAG"
    script = f'echo "{{0}}: {shown} $IMAGE_NAME"\n'
    names = ("post_checkout", "pre_build", "post_build", "pre_push", "post_push")
    files = {f"hooks/{name}": script.format(name) for name in names}
    files["hooks/pre_build"] += "echo made >made\n"
    files["hooks/build"] = "echo replaced\n"
    work.commit({**files, "Dockerfile": "FROM busybox\nCOPY made /made\n"}, "with hooks")
    git(work.folder, "branch", "release-1.2")
    (number,) = work.push("release-1.2")
    build = work.ended(number)
    assert build["state"] == "successful", build["text"]
    head = git(work.folder, "rev-parse", "HEAD").strip()
    says = f"release-1.2 {head} with hooks hub.lab/ada/hooks Dockerfile 1.2,1 hub.lab/ada/hooks:1.2"
    places = [build["text"].index(f"{name}: {says}\n") for name in names]
    assert places == sorted(places)
    assert places[1] < build["text"].index("Step 1/") < places[2]
    assert places[3] < build["text"].index("digest: sha256") < places[4]
    assert "replaced" not in build["text"]
    wait_until(lambda: set(tags_shown(playground, "ada/hooks")) == {"1.2", "1"}, "both tags")


def test_trigger_builds_what_it_is_asked_for_and_not_too_often(
    playground: Playground, tmp_path: Path
):
    work = Work(playground, "ada/triggered", tmp_path / "triggered")
    work.rule()
    work.build({"Dockerfile": BUILDS.format(1)})
    found = re.search(r"/trigger/([\w-]{20,})", work.change("trigger", name="nightly"))
    assert found
    with httpx.Client(base_url=playground.hub.url, trust_env=False) as client:
        for asked in ({"source_type": "Branch", "source_name": "main"}, {"docker_tag": "latest"}):
            answer = client.post(f"/trigger/{found[1]}", json=asked)
            assert answer.status_code == 202, answer.text
            number = re.search(r"build (\d+) queued", answer.text)
            assert number
            assert work.ended(number[1])["state"] == "successful"
            late = client.post(f"/trigger/{found[1]}", json=asked)
            assert late.status_code == 429
            time.sleep(int(late.headers["Retry-After"]))
        assert client.post("/trigger/wrong", json={}).status_code == 404
    assert found[1] not in playground.hub.container.logs().decode()
    assert Person(playground.hub, "").http.get("/ada/triggered").status_code == 200
