"""What lesson 8 says of secrets and logins and none of its cells shows: each on a real swarm."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from docker.errors import APIError
from docker.types import ServiceMode

from labs.lessons.common import SiteVersions, nodes_of
from labs.playground import Playground
from labs.waiting import wait_until
from tests.lessons import guard_a_swarm_cases as cases

pytestmark = [pytest.mark.engine, pytest.mark.full, pytest.mark.timeout(300)]
KEY = "registry.key"
HASHED = "$2b$05$" + "once" * 13 + "."


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """Three managers with the lesson's registry."""
    made = opened("guard-a-swarm-claims", ports=(5000,), managers=3)
    cases.the_lessons_registry(made)
    return made


def test_secret_that_a_service_uses_is_not_removed(playground: Playground):
    used = playground.node(1).docker.secrets.get(KEY)
    with pytest.raises(APIError) as refused:
        used.remove()
    said = str(refused.value.explanation)
    assert f"secret '{KEY}' is in use by the following service: registry" in said


def test_secret_and_config_cannot_be_changed(playground: Playground):
    api = playground.node(1).docker.api
    for kind, name in (("secrets", KEY), ("configs", "registry.crt")):
        now = api._result(api._get(api._url("/{0}/{1}", kind, name)), True)
        url = api._url("/{0}/{1}/update", kind, now["ID"])
        spec = {**now["Spec"], "Data": "bmV3"}
        answer = api._post_json(url, data=spec, params={"version": now["Version"]["Index"]})
        assert answer.status_code == 400
        assert "only updates to Labels are allowed" in answer.text


def test_managers_keep_secrets_encrypted_on_their_disks(playground: Playground):
    playground.node(1).docker.secrets.create(name="found", data=f"moby:{HASHED}\n".encode())
    for node in playground.nodes:
        done = node.exec(["grep", "-rlF", HASHED, "/var/lib/docker/swarm"])
        assert (done.exit_code, done.stdout) == (1, "")


def test_service_keeps_the_login_that_it_was_given_for_later_tasks(playground: Playground):
    """Also after a logout; with a new password its tasks find no image, until the login is given again."""
    site, first = SiteVersions(playground, cases.ADDRESS), playground.node(1)
    site.forget("site")
    cases.run(
        playground,
        f"{cases.LOGIN} && docker service create --detach --name site --with-registry-auth "
        f"--constraint node.hostname!=node3 {cases.SITE}; docker logout {cases.ADDRESS}",
    )
    playground.swarm.wait("site", running=1)
    cases.run(playground, "docker service update --detach --constraint-rm node.hostname!=node3 "
              "--constraint-add node.hostname==node3 site")  # fmt: skip
    wait_until(lambda: nodes_of(playground, "site") == ["node3"], "site on node 3", timeout_s=60)

    site.forget("site")
    first.docker.services.create(
        cases.SITE,
        name="site",
        mode=ServiceMode("replicated", 1),
        constraints=["node.hostname==node2"],
    )
    playground.swarm.wait("site", running=1)
    renewed = cases.secret(playground, "renewed", cases.hashed("moby", "another"), "members")
    cases.update(playground, secrets=[cases.key(playground), renewed])
    wait_until(lambda: not cases.digest_of(playground), "the old password to be refused")
    cases.run(playground, "docker service update --detach --constraint-rm node.hostname==node2 "
              "--constraint-add node.hostname==node3 site")  # fmt: skip
    wait_until(
        lambda: any("No such image" in t.error for t in playground.swarm.tasks("site")),
        "a task without its image",
        timeout_s=60,
    )
    login = cases.LOGIN.replace("gordon", "another")
    wait_until(lambda: first.exec(["sh", "-c", login]).exit_code == 0, "the new password")
    cases.run(
        playground, f"docker service update --detach --with-registry-auth --image {cases.SITE} site"
    )
    playground.swarm.wait("site", running=1)
    assert nodes_of(playground, "site") == ["node3"]
