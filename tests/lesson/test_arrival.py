"""Waiting for a registry that comes, and for one that has given up, on a real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from labs.lesson import Lesson
from labs.lesson.lab import Lab
from labs.lesson.lesson import LessonError
from labs.playground import Playground
from labs.waiting import WaitTimeout

pytestmark = pytest.mark.engine
WRONG = {
    "REGISTRY_HTTP_TLS_CERTIFICATE": "/certs/none.crt",
    "REGISTRY_HTTP_TLS_KEY": "/certs/none.key",
}


@pytest.fixture
def lab(opened: Callable[..., Playground]) -> Iterator[Lab]:
    """A lab whose engine has the registry's image, and no container."""
    lab = Lab(Lesson(99, "arrival", "Arrive", 1, ""), opened("arrival", ports=(5000,), nodes=1))
    lab.docker.images.pull("registry:2")
    yield lab
    lab.remove("first", "second")


def run(lab: Lab, name: str, **options: object) -> None:
    lab.docker.containers.run(
        "registry:2", name=name, detach=True, ports={"5000/tcp": 5000}, **options
    )


def test_wait_for_a_container_that_ended_raises_its_reason_and_its_name(lab: Lab) -> None:
    run(lab, "first", environment=WRONG)
    with pytest.raises(LessonError, match=r"/certs/none\.crt: no such file") as raised:
        lab.wait(5000, timeout_s=60)
    assert not isinstance(raised.value, WaitTimeout)
    assert "container first has ended" in raised.value.message
    assert raised.value.hint == 'docker.containers.get("first").logs() tells more'


@pytest.mark.full
def test_wait_beside_an_older_container_that_ended_returns_when_the_new_one_answers(
    lab: Lab,
) -> None:
    run(lab, "first", environment=WRONG)
    lab.docker.containers.get("first").wait()
    run(lab, "second")
    lab.wait(5000)


def test_wait_for_a_port_that_nobody_has_times_out(lab: Lab) -> None:
    with pytest.raises(WaitTimeout, match="HTTP on port 5000"):
        lab.wait(5000, timeout_s=0.5)


def test_wait_names_a_container_that_ended_on_the_nodes_own_network(lab: Lab) -> None:
    options = {"detach": True, "network_mode": "host", "environment": WRONG}
    lab.docker.containers.run("registry:2", name="first", **options).wait()
    with pytest.raises(WaitTimeout) as raised:
        lab.wait(5000, timeout_s=0.5)
    assert "first, which has the node's own network, has ended" in raised.value.hint
    assert "none.crt" in raised.value.hint
