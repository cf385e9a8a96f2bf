"""What lesson 13 says of a hub and none of its cells shows: each on a real hub, with real engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labs.lesson import transfer
from labs.lessons.share_it.hub_requests import HubProbe
from labs.lessons.share_it.short_forms import tried
from labs.playground import Node, Playground
from labs.waiting import wait_until
from tests.lessons.hub_state import empty_hub
from tests.lessons.share_it_cases import (
    ADA,
    HOST,
    LINUS,
    SITE,
    TOOLS,
    acme,
    api,
    delete_image,
    digest_of,
    one,
    post,
    repository,
    token_of,
    tools,
)

pytestmark = [pytest.mark.engine, pytest.mark.full]


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """Two nodes and a hub with the lesson's accounts."""
    opened_now = opened("share-it-claims", nodes=2, ports=())
    for name in ("ada", "linus", "grace", "robot"):
        api(opened_now, name)
    return opened_now


def push_from(node: Node, to: str, login: tuple[str, str]) -> str:
    """What the engine says of a push, in the lesson's one line."""
    node.docker.images.pull("hello-world", "latest").tag(f"{HOST}/{to}")
    node.docker.login(*login, registry=HOST, reauth=True)
    return tried(lambda reference, **_: transfer.push(node.docker, reference), f"{HOST}/{to}")


def test_push_of_a_reader_is_denied(playground: Playground):
    acme(playground, "read")
    said = push_from(playground.node(2), f"{SITE}:2", LINUS)
    assert said.endswith("denied: requested access to the resource is denied")


def test_pull_of_a_collaborator_and_push_work(playground: Playground):
    empty_hub(playground)
    repository(playground, "ada/plans")
    post(playground, "ada", "/v2/repositories/ada/plans/collaborators", user="linus")
    assert push_from(playground.node(2), "ada/plans:1", LINUS) == "done"
    assert transfer.pull(playground.node(2).docker, f"{HOST}/ada/plans:1")


def test_engine_says_too_many_requests_after_five_wrong_passwords(playground: Playground):
    empty_hub(playground)
    node = playground.node(2)
    said = ""
    for _ in range(7):
        command = f"echo wrong | docker login --username grace --password-stdin {HOST}"
        said = node.exec(["sh", "-c", command]).stderr
    assert "toomanyrequests: too many wrong passwords: try again in" in said
    empty_hub(playground)


def test_text_of_an_access_token_is_in_no_file_of_the_hub(playground: Playground):
    secret = token_of(playground, "linus")
    found = playground.hub.container.exec_run(["grep", "-rl", secret, "/data"])
    assert found.output == b""
    label = playground.hub.container.exec_run(["grep", "-rl", "night", "/data"])
    assert b"/data/" in label.output


def test_access_token_pushes_wherever_its_account_may(playground: Playground):
    acme(playground, "write")
    login = ("linus", token_of(playground, "linus"))
    assert push_from(playground.node(2), f"{SITE}:2", login) == "done"
    assert push_from(playground.node(2), "linus/other:1", login) == "done"


def test_access_token_that_may_do_more_than_its_account_does_no_more(playground: Playground):
    acme(playground, "read")
    login = ("linus", token_of(playground, "linus", "repo:admin"))
    assert HubProbe(playground).grants(login, SITE) == {"pull"}


def test_deleted_image_leaves_the_disk_when_the_hub_starts(playground: Playground):
    tools(playground)
    digest = digest_of(playground, "1")
    delete_image(playground, "1")
    data = f"/data/registry/docker/registry/v2/blobs/sha256/{digest[7:9]}/{digest[7:]}/data"
    there = ["sh", "-c", f"[ -e {data} ]"]
    assert playground.hub.container.exec_run(there).exit_code == 0
    playground.hub.container.restart(timeout=5)
    wait_until(playground.hub.answers, "the hub")
    assert playground.hub.container.exec_run(there).exit_code == 1
    assert HubProbe(playground).grants(ADA, TOOLS) >= {"pull"}


def test_owner_and_administrator_delete_and_a_writer_does_not(playground: Playground):
    acme(playground, "write")
    path = (
        f"{one(SITE)}/images/{api(playground, 'ada').get(f'{one(SITE)}/tags/1').json()['digest']}"
    )
    assert api(playground, "linus").delete(path).status_code == 403
    acme(playground, "admin")
    assert api(playground, "linus").delete(path).status_code == 204
    assert api(playground, "linus").delete(one(SITE)).status_code == 403


_SIGN = """
import django
django.setup()
from labs.hub.rights.token_server import sign
print(sign("ada", [{{"type": "repository", "name": "ada/tools", "actions": ["pull"]}}], valid_s={valid_s}))
"""


def test_registry_allows_a_minute_after_exp_and_no_more(playground: Playground):
    tools(playground)
    found = {}
    for valid_s in (-20, -90):
        program = _SIGN.format(valid_s=valid_s)
        done = playground.hub.container.exec_run(["python3.13", "-c", program])
        assert done.exit_code == 0, done.output.decode()
        found[valid_s] = HubProbe(playground).pulls(done.output.decode().strip(), TOOLS, "1")
    assert found == {-20: True, -90: False}
