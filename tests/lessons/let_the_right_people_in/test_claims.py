"""What lesson 6 says of logins and none of its cells shows: each on a real engine."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import bcrypt
import pytest

from labs.playground import Node, Playground
from tests.lessons.actions import pull, run, wait
from tests.lessons.let_the_right_people_in_cases import ASKS

pytestmark = [pytest.mark.engine, pytest.mark.full]
LOGIN = "docker login --username moby --password-stdin"
DOOR = "registry.lab:8080"
RULES = """
map $request_method $login {{ GET "Basic {kept}"; HEAD "Basic {kept}"; default $http_authorization; }}
server {{ listen 8080; client_max_body_size 0; location /v2/ {{
    proxy_set_header Host $http_host;
    proxy_set_header Authorization $login;
    proxy_pass http://127.0.0.1:5000;
}} }}"""


@pytest.fixture(scope="module")
def playground(opened: Callable[..., Playground]) -> Playground:
    """Two nodes; the first has a registry with one member, and before it a proxy that logs in to read."""
    playground = opened("login-claims", ports=(5000, 8080), nodes=2)
    node = playground.node(1)
    line = f"moby:{bcrypt.hashpw(b'gordon', bcrypt.gensalt(10)).decode()}\n"
    node.write_file("/srv/auth/htpasswd", line)
    volumes, ports = ["/srv/auth:/auth:ro"], {"5000/tcp": 5000}
    run(playground, "registry", environment=ASKS, volumes=volumes, ports=ports)
    rules = RULES.format(kept=base64.b64encode(b"moby:gordon").decode())
    node.write_file("/srv/proxy/default.conf", rules)
    volumes = ["/srv/proxy:/etc/nginx/conf.d:ro"]
    run(playground, "proxy", "nginx", network_mode="host", volumes=volumes)
    wait(playground, 5000)
    wait(playground, 8080)
    return playground


def sh(node: Node, command: str) -> str:
    done = node.exec(["sh", "-c", command])
    return (done.stdout + done.stderr).strip()


def test_logout_takes_the_entry_out_of_the_file_alone(playground: Playground):
    node = playground.node(1)
    assert sh(node, f"echo gordon | {LOGIN} 127.0.0.1:5000").startswith("Login Succeeded")
    assert "Removing login credentials" in sh(node, "docker logout 127.0.0.1:5000")
    assert json.loads(node.read_file("/root/.docker/config.json")) == {"auths": {}}
    assert sh(node, f"echo gordon | {LOGIN} 127.0.0.1:5000").startswith("Login Succeeded")


def test_containerd_store_answers_a_401_of_any_request_and_login_accepts_any_password(
    playground: Playground,
):
    pull(playground, "hello-world")
    first, node = playground.nodes
    sh(first, f"echo gordon | {LOGIN} 127.0.0.1:5000")
    sh(
        first,
        "docker tag hello-world 127.0.0.1:5000/hello-world && docker push 127.0.0.1:5000/hello-world",
    )
    store = {"containerd-snapshotter": True}
    node.configure_engine({"features": store, "insecure-registries": [DOOR]})
    try:
        sh(node, f"docker pull {DOOR}/hello-world && docker tag {DOOR}/hello-world {DOOR}/mine")
        said = sh(node, f"docker push {DOOR}/mine")
        assert "401" in said or "authorization failed" in said
        assert sh(node, f"echo gordno | {LOGIN} {DOOR}").startswith("Login Succeeded")
        sh(node, f"echo gordon | {LOGIN} {DOOR}")
        assert "digest: sha256" in sh(node, f"docker push {DOOR}/mine")
    finally:
        node.configure_engine({"features": None, "insecure-registries": None})
