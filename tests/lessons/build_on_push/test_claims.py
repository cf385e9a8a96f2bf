"""What lesson 14 says of builds, triggers and webhooks and none of its cells shows: each on a real hub."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from labs.lessons.build_on_push.receiver import STORE, start_receiver
from labs.playground import Playground
from labs.waiting import wait_until
from tests.lessons.build_on_push_cases import HELLO, TOOL, URL, Work, by_hand, call, file

pytestmark = [pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(300)]
SLOW = {"Dockerfile": "FROM busybox\nRUN sleep 30\n"}
FIVE_S = 5


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """Two nodes and a hub."""
    return opened("push-claims", nodes=2, ports=(8080, 8081))


@pytest.fixture
def app(playground: Playground) -> Work:
    """acme/app, new, with a rule that makes latest of main."""
    work = Work(playground, "app")
    work.rule()
    return work


def state(work: Work, number: int) -> str:
    return str(work.http.get(f"{work.path}/builds/{number}").json()["state"])


def queued(work: Work) -> list[list[str]]:
    """The tags of each build, the newest first."""
    return [each["tags"] for each in work.http.get(f"{work.path}/builds").json()["results"]]


def test_cancel_ends_a_build_that_waits_and_one_that_runs(app: Work):
    app.push(SLOW)
    runs = app.post("builds")["builds"][0]["number"] - 1
    waits = runs + 1
    wait_until(lambda: state(app, runs) == "in progress", "the first build")
    assert app.post(f"builds/{waits}/cancel")["state"] == "canceled"
    assert app.post(f"builds/{runs}/cancel")["state"] == "canceled"
    again = app.http.post(f"{app.path}/builds/{runs}/cancel")
    assert (again.status_code, "nothing to cancel" in again.json()["message"]) == (409, True)
    app.push(HELLO)
    assert app.built()["state"] == "successful"


def test_failed_build_leaves_latest_as_it_was(app: Work):
    app.push(HELLO)
    before = app.built()["digest"]
    app.push({"Dockerfile": "FROM busybox\nRUN false\n"})
    assert app.built()["state"] == "failed"
    assert app.http.get(f"{app.path}/tags/latest").json()["digest"] == before


def test_expression_is_searched_and_no_push_starts_a_rule_without_autobuild(playground: Playground):
    tools = Work(playground, "tools")
    tools.rule("/feature/", "{sourceref}")
    tools.rule("main", "nightly", autobuild=False)
    tools.push(TOOL)
    tools.git.run("tools", "push", "origin", "HEAD:my-feature")
    assert queued(tools) == [["my-feature"]]
    tools.built()


def test_hooks_are_told_the_variables_in_order_and_build_is_not_run(app: Work):
    names = (
        "SOURCE_BRANCH SOURCE_COMMIT COMMIT_MSG DOCKER_REPO DOCKERFILE_PATH DOCKER_TAG IMAGE_NAME"
    )
    told = "\n".join(f'echo "{name}=${name}."' for name in names.split())
    order = ("post_checkout", "pre_build", "post_build", "pre_push", "post_push")
    hooks = {f"hooks/{name}": f"echo {name} runs\n" for name in (*order, "build", "test", "push")}
    app.push({**HELLO, **hooks, "hooks/pre_build": f"echo pre_build runs\n{told}\n"}, "a message")
    build = app.built()
    log = app.http.get(f"{app.path}/builds/{build['number']}").json()["log"].splitlines()
    assert [line for line in log if line.endswith(" runs")] == [f"{name} runs" for name in order]
    values = [
        *("SOURCE_BRANCH=main", f"SOURCE_COMMIT={build['commit']}", "COMMIT_MSG=a message"),
        *("DOCKER_REPO=hub.lab/acme/app", "DOCKERFILE_PATH=Dockerfile", "DOCKER_TAG=latest"),
        "IMAGE_NAME=hub.lab/acme/app:latest",
    ]
    assert [line.rstrip(".") for line in log if line.split("=")[0] in names] == values


def test_hook_that_fails_ends_the_build(app: Work):
    app.push({**HELLO, "hooks/post_build": "exit 3\n"})
    build = app.built()
    log = app.http.get(f"{app.path}/builds/{build['number']}").json()["log"]
    assert (build["state"], log.strip().splitlines()[-1]) == (
        "failed",
        "hooks/post_build ended with status 3",
    )


def test_new_base_builds_each_tag_again_without_the_cache(playground: Playground, app: Work):
    base = Work(playground, "base")
    base.rule()
    base.push({"Dockerfile": "FROM busybox\nCMD one\n"})
    base.built()
    app.rule("v1.2.3", "1.2.3", "tag")
    app.push({"Dockerfile": "FROM hub.lab/acme/base\nRUN date >/built\n"})
    app.push_tag()
    app.built()
    app.post("links", repository="acme/base")
    base.push({"Dockerfile": "FROM busybox\nCMD two\n"})
    wait_until(lambda: len(queued(app)) == 4, "the app's builds", timeout_s=60)
    assert sorted(queued(app)[:2]) == [["1.2.3"], ["latest"]]
    log = app.http.get(f"{app.path}/builds/{app.built()['number']}").json()["log"]
    assert "Using cache" not in log


def test_longer_circle_is_named_whole(playground: Playground):
    for name in ("one", "two", "three"):
        Work(playground, name)
    one, two, three = (Work(playground, name, over=False) for name in ("one", "two", "three"))
    two.post("links", repository="acme/one")
    three.post("links", repository="acme/two")
    refused = one.http.post(f"{one.path}/links", json={"repository": "acme/three"})
    assert refused.status_code == 409
    assert "acme/one → acme/three → acme/two → acme/one" in refused.json()["message"]


def test_trigger_runs_a_tag_again_and_its_url_is_not_listed(playground: Playground, app: Work):
    app.push(HELLO)
    first = app.built()
    call(playground, app, {"docker_tag": "latest"})
    assert app.built()["commit"] == first["commit"]
    assert app.built()["cause"] == "trigger every night"
    listed = app.http.get(f"{app.path}/triggers").json()["results"][0]
    assert sorted(listed) == ["calls", "id", "name"]
    assert sorted(listed["calls"][0]) == ["address", "asked", "called", "result"]


def deliveries(work: Work) -> list[dict[str, object]]:
    hook = work.http.get(f"{work.path}/webhooks").json()["results"][0]
    found: list[dict[str, object]] = work.http.get(
        f"{work.path}/webhooks/{hook['id']}/deliveries"
    ).json()["results"]
    return found


def listening(playground: Playground, app: Work, script: str) -> None:
    """A receiver with a script, and one delivery of a push by hand."""
    hook = app.post("webhooks", name="deploy", url=URL)
    start_receiver(playground.node(2), script, hook["secret"])
    by_hand(playground, "app:hand")


def test_push_by_hand_is_told_and_sent_again_with_a_new_signature(
    playground: Playground, app: Work
):
    listening(playground, app, STORE)
    wait_until(lambda: deliveries(app)[0]["state"] == "delivered", "the delivery")
    body, before = json.loads(file(playground, "body")), file(playground, "headers")
    assert (body["push_data"]["tag"], body["push_data"]["pusher"]) == ("hand", "ada")
    time.sleep(1.1)  # the time of a signature has no fractions
    hook = app.http.get(f"{app.path}/webhooks").json()["results"][0]
    app.post(f"webhooks/{hook['id']}/deliveries/{deliveries(app)[0]['id']}/redeliver")
    wait_until(lambda: [each["state"] for each in deliveries(app)] == ["delivered"] * 2, "both")
    after = file(playground, "headers")
    assert all(old != new for old, new in zip(before.split(), after.split(), strict=True))
    assert json.loads(file(playground, "body")) == body


def test_receiver_that_answers_too_late_is_told_again(playground: Playground, app: Work):
    slow = f"echo told >>times\nsleep {FIVE_S + 2}\nprintf 'Status: 202 Accepted\\n\\n'\n"
    listening(playground, app, slow)
    wait_until(lambda: deliveries(app)[0]["attempts"] == 2, "a second try", timeout_s=60)
    assert deliveries(app)[0]["response_status"] is None
    assert file(playground, "times").split().count("told") >= 2


def test_openssl_of_a_node_prints_digits_a_blank_and_more(playground: Playground):
    command = "printf '%s' text | openssl dgst -sha256 -hmac key -r"
    digits, blank, rest = playground.node(2).exec(["sh", "-c", command]).stdout.partition(" ")
    assert (len(digits), blank, bool(rest.strip())) == (64, " ", True)
