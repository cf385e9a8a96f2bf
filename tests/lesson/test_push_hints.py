"""Pushes that fail in a real node, each with the hint that names the cause."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from labs.lesson import Lesson, PushFailed
from labs.lesson.lab import Lab
from labs.playground import Playground
from labs.registry import InvalidReference
from tests.sizes import quick

pytestmark = pytest.mark.engine
# Proxies on the node's own network, port 8080, before the registry at 5000.
PROXY = """
server {{
  listen 8080;
  client_max_body_size {limit};
  location / {{ proxy_pass http://127.0.0.1:{behind}; proxy_set_header Host {host}; }}
}}
"""


@pytest.fixture
def lab(opened: Callable[..., Playground]) -> Iterator[Lab]:
    """A lab whose node has the images, and no container at the end."""
    playground = opened("hints", ports=(5000, 8080))
    lab = Lab(Lesson(99, "hints", "Hints", 1, "", ports=(5000, 8080)), playground)
    for image in ("registry:2", "nginx", "busybox"):
        lab.docker.images.pull(
            *image.partition(":")[::2]
        ) if ":" in image else lab.docker.images.pull(image, "latest")
    for port in (5000, 8080):
        lab.docker.images.get("busybox").tag(f"127.0.0.1:{port}/app")
    yield lab
    lab.remove("registry", "proxy")


def registry(lab: Lab, *volumes: str, **settings: str) -> None:
    lab.docker.containers.run(
        "registry:2",
        name="registry",
        detach=True,
        ports={"5000/tcp": 5000},
        volumes=list(volumes),
        environment=settings,
    )
    lab.wait(5000)


def proxy(lab: Lab, *, host: str = "$http_host", limit: str = "0", behind: int = 5000) -> None:
    text = PROXY.format(host=host, limit=limit, behind=behind)
    lab.node().write_file("/srv/proxy/default.conf", text)
    lab.docker.containers.run(
        "nginx",
        name="proxy",
        detach=True,
        network_mode="host",
        volumes=["/srv/proxy:/etc/nginx/conf.d:ro"],
    )
    lab.wait(8080)


def drop_port(lab: Lab) -> str:
    registry(lab)
    proxy(lab, host="$host")
    return "127.0.0.1:8080/app"


def limit_size(lab: Lab) -> str:
    registry(lab)
    proxy(lab, limit="1k")
    return "127.0.0.1:8080/app"


def serve_pages(lab: Lab) -> str:
    lab.docker.containers.run("nginx", name="proxy", detach=True, ports={"80/tcp": 8080})
    lab.wait(8080)
    return "127.0.0.1:8080/app"


def lose_registry(lab: Lab) -> str:
    proxy(lab, behind=5999)
    return "127.0.0.1:8080/app"


def mount_read_only(lab: Lab) -> str:
    lab.node().exec(["mkdir", "-p", "/srv/ro"])
    registry(lab, "/srv/ro:/var/lib/registry:ro")
    return "127.0.0.1:5000/app"


def make_read_only(lab: Lab) -> str:
    registry(lab, REGISTRY_STORAGE_MAINTENANCE='{"readonly": {"enabled": true}}')
    return "127.0.0.1:5000/app"


def end_registry(lab: Lab) -> str:
    registry(lab)
    lab.docker.containers.get("registry").kill()
    return "127.0.0.1:5000/app"


def name_no_registry(lab: Lab) -> str:
    return "busybox"


def name_port_of_this_machine(lab: Lab) -> str:
    registry(lab)
    ref = lab.url(5000).removeprefix("http://") + "/app"
    lab.docker.images.get("busybox").tag(ref)
    return ref


CAUSES = {
    "port dropped": (drop_port, "proxy_set_header Host $http_host"),
    "413": (limit_size, "client_max_body_size"),
    "no registry": (serve_pages, "is not a registry: GET /v2/ gives 404"),
    "registry behind a proxy gone": (lose_registry, "does not reach the registry behind it"),
    "mount": (mount_read_only, "/var/lib/registry is mounted read-only"),
    "read-only": (make_read_only, "takes no pushes"),
    "ended": (end_registry, "container registry, which has that port, is exited"),
    "Docker Hub": (name_no_registry, "without a registry, a push goes to Docker Hub"),
    "this machine": (name_port_of_this_machine, "there it is 127.0.0.1:5000"),
}


@pytest.mark.parametrize("case", quick(CAUSES, "port dropped", "mount"))
def test_hint_of_a_push_names_what_was_wrong(lab: Lab, case: tuple[Callable[[Lab], str], str]):
    cause, hint = case
    ref = cause(lab)
    started = time.monotonic()
    with pytest.raises(PushFailed) as failed:
        lab.push(ref)
    assert hint in failed.value.hint, str(failed.value)
    # Five tries of the engine take 50 s; what a proxy says to an upload, nobody but the engine sees.
    assert time.monotonic() - started < 45 or cause in (limit_size, lose_registry)


def test_push_to_a_url_of_the_node_says_what_to_write(lab: Lab):
    with pytest.raises(InvalidReference) as told:
        lab.push(f"{lab.url(5000)}/app")
    assert told.value.hint.endswith("127.0.0.1:5000/app")
