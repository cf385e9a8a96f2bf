"""What is said of an error of Docker's SDK or an HTTP client, from what a real node says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import httpx
import pytest
import requests
from docker.errors import APIError

from labs.lesson import Lesson
from labs.lesson.explanation import explain
from labs.lesson.lab import Lab
from labs.playground import Playground
from labs.registry import RegistryError
from labs.waiting import WaitTimeout

PORTS = (5000, 5001)


@pytest.fixture(scope="module")
def node(opened: Callable[..., Playground]) -> Lab:
    """A lab whose node has the images."""
    lab = Lab(Lesson(99, "explain", "Explain", 1, "", PORTS), opened("explain", ports=PORTS))
    for name, tag in (("registry", "2"), ("busybox", "latest")):
        lab.docker.images.pull(name, tag)
    return lab


@pytest.fixture
def lab(node: Lab) -> Iterator[Lab]:
    """The lab without containers."""
    yield node
    for container in node.docker.containers.list(all=True):
        container.remove(force=True)


def run(lab: Lab, name: str, **options: object) -> None:
    """Run a registry on port 5000."""
    settings = {"image": "registry:2", "ports": {"5000/tcp": 5000}, **options}
    lab.docker.containers.run(name=name, detach=True, **settings)


def told(lab: Lab, call: Callable[[], object]) -> str:
    """The hint for the error that a call raises."""
    with pytest.raises((requests.RequestException, httpx.HTTPError, RegistryError)) as raised:
        call()
    return lab.explain(raised.value)


MISSPELLED = (
    "registree:2 is not on this node, nor in this lesson's mirror, which has busybox:latest, "
)


@pytest.mark.engine
def test_image_that_the_mirror_does_not_have_is_told_with_what_it_has(lab: Lab):
    for call in (
        lambda: run(lab, "registry", image="registree:2"),
        lambda: lab.docker.images.pull("registree:2"),
        lambda: lab.docker.images.pull("registree", "2"),
    ):
        hint = told(lab, call)
        assert hint.startswith(MISSPELLED)
        assert ", registry:2" in hint
        assert hint.endswith("is it spelled right?")
    with pytest.raises(Exception, match="registree") as raised:
        lab.pull("registree:2")
    assert raised.value.hint == hint
    with pytest.raises(Exception, match="registree") as raised:
        lab.pull("127.0.0.1:5000/registree:2")
    assert "nothing listens there" in raised.value.hint
    assert "nothing listens there" in told(
        lab, lambda: lab.docker.images.pull("127.0.0.1:5000/registree:2")
    )


@pytest.mark.engine
def test_image_that_is_elsewhere_is_told_where(lab: Lab):
    run(lab, "registry")
    lab.wait(5000)
    busybox = lab.docker.images.get("busybox")
    busybox.tag("127.0.0.1:5000/demo", "1")
    busybox.tag("mine", "1")
    lab.push("127.0.0.1:5000/demo:1")
    pull = lab.docker.images.pull
    assert told(lab, lambda: pull("demo:1")).endswith(
        "127.0.0.1:5000 has that repository: 127.0.0.1:5000/demo:1"
    )
    assert "mine:1 is on this node already" in told(lab, lambda: pull("mine:1"))


@pytest.mark.engine
def test_port_that_is_taken_is_told_with_the_container_that_has_it(lab: Lab):
    run(lab, "registry")
    for ports in ({"5000/tcp": 5000}, {"5000/tcp": ("127.0.0.1", 5000)}):
        assert told(lab, lambda ports=ports: run(lab, "shelf", ports=ports)) == (
            "port 5000 of node1 is published by container registry: "
            'lab.remove("registry") removes that, or publish another port; '
            'container shelf was made and did not start: lab.remove("shelf")'
        )
        lab.remove("shelf")


@pytest.mark.engine
def test_name_that_is_taken_is_told_with_its_state(lab: Lab):
    run(lab, "registry")
    assert told(lab, lambda: run(lab, "registry", ports={})) == (
        "node1 has a container registry, which is running: "
        'lab.remove("registry") removes it; or choose another name'
    )
    lab.docker.containers.get("registry").kill()
    assert "which is exited" in told(lab, lambda: run(lab, "registry"))


@pytest.mark.engine
def test_request_about_a_container_in_another_state_is_told_which(lab: Lab):
    get = lab.docker.containers.get
    assert told(lab, lambda: get("shelf")) == "node1 has no container"
    run(lab, "registry")
    assert told(lab, lambda: get("shelf")) == "node1 has registry (running)"
    assert "is running; lab.remove" in told(lab, lambda: get("registry").remove())
    get("registry").kill()
    assert "container registry is exited" in told(lab, lambda: get("registry").exec_run("ls"))


@pytest.mark.engine
def test_port_without_an_answer_is_told_with_what_is_behind_it(lab: Lab):
    asks = (
        lambda: lab.http(5000).get("/v2/"),
        lambda: lab.registry.catalog(),
        lambda: requests.get(lab.url(5000), timeout=5),
    )
    for ask in asks:
        assert told(lab, ask).startswith(
            "no container publishes port 5000, so nothing listens there: none that runs publishes any"
        )
    run(lab, "other", ports={"5000/tcp": 5001})
    assert "other publishes 5001; docker.containers.list" in told(lab, asks[0])
    run(lab, "box", image="busybox", command="sleep 1000", ports={"80/tcp": 5000})
    for ask in asks:
        assert told(lab, ask).startswith("container box runs, and port 5000 leads to 80 in it")
    lab.docker.containers.get("box").kill()
    assert "container box, which has port 5000, is exited" in told(lab, asks[0])
    assert "is inside the node; from this machine it is lab.url(5000)" in told(
        lab, lambda: httpx.get("http://127.0.0.1:5000/v2/", trust_env=False)
    )


@pytest.mark.engine
def test_call_that_waited_too_long_is_told_that_the_engine_answers(lab: Lab):
    run(lab, "box", image="busybox", command="sleep 1000", ports={})
    box = lab.docker.containers.get("box")
    assert "node1's engine answers now" in told(lab, lambda: box.wait(timeout=1))


@pytest.mark.engine
def test_wait_in_vain_is_told_what_is_behind_the_port(lab: Lab):
    run(lab, "other", ports={"5000/tcp": 5001})
    with pytest.raises(WaitTimeout) as raised:
        lab.wait(5000, timeout_s=0.5)
    assert "no container publishes port 5000" in raised.value.hint
    assert "other publishes 5001" in raised.value.hint
    run(lab, "box", image="busybox", command="sleep 1000", ports={"80/tcp": 5000})
    with pytest.raises(WaitTimeout) as raised:
        lab.wait(5000, timeout_s=0.5)
    assert "port 5000 leads to 80 in it" in raised.value.hint


@pytest.mark.engine
def test_node_that_was_stopped_is_told_in_short_with_the_call_that_starts_it(lab: Lab):
    url = lab.url(5000)
    lab.node(1).stop()
    try:
        for call in (lambda: lab.node(1).exec(["ls"]), lambda: lab.node(1).read_file("/etc/hosts")):
            with pytest.raises(Exception, match="node1") as raised:
                call()
            assert raised.value.message == "node1 does not answer: exited"
            assert "lab.node(1).start()" in raised.value.hint
        assert told(lab, lambda: httpx.get(url, trust_env=False)) == (
            "node1 was stopped: lab.node(1).start()"
        )
    finally:
        lab.node(1).start()


def test_error_of_another_kind_or_of_a_playground_that_is_gone_is_not_explained():
    assert explain(ValueError("x"), None, PORTS) == ""
    lost = httpx.ConnectError("x", request=httpx.Request("GET", "http://127.0.0.1:5000"))
    assert explain(lost, None, PORTS) == ""


@pytest.mark.parametrize(("asked", "now", "known"), [(7, 9, True), (7, 7, False)])
def test_service_that_its_swarm_changed_meanwhile_is_told(asked: int, now: int, known: bool):
    service = {"Version": {"Index": now}}
    api = SimpleNamespace(inspect_service=lambda id: service, base_url="https://127.0.0.1:4")
    node = SimpleNamespace(fault="", docker=SimpleNamespace(api=api))
    url = f"https://127.0.0.1:4/v1.45/services/web/update?version={asked}"
    response = requests.Response()
    response.status_code, response.request = 500, requests.Request("POST", url).prepare()
    error = APIError("500", response=response, explanation="update out of sequence")
    said = explain(error, SimpleNamespace(nodes=[node]), PORTS)
    assert ("run the cell again" in said) is known
