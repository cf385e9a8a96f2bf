"""What `lab.requests()` shows of a real push, on a real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from labs.lesson import Lesson, LessonError
from labs.lesson.lab import Lab
from labs.lesson.shown import Conversation, RequestTable
from labs.playground import Playground
from labs.registry import ACCEPT, RegistryError

pytestmark = pytest.mark.engine


@pytest.fixture
def lab(opened: Callable[..., Playground]) -> Iterator[tuple[Lab, list[object]]]:
    """A lab with a registry on port 5000, and what it shows."""
    lesson = Lesson(99, "record", "Record", 1, "")
    seen: list[object] = []
    lab = Lab(lesson, opened("record", ports=(5000, 5001), nodes=1), show=seen.append)
    lab.docker.images.pull("registry:2")
    lab.docker.containers.run("registry:2", name="registry", detach=True, ports={"5000/tcp": 5000})
    lab.wait(5000)
    lab.docker.images.pull("hello-world", tag="latest").tag("127.0.0.1:5000/hello")
    yield lab, seen
    lab.remove("registry")


def test_requests_of_the_block_are_shown_and_no_others(lab: tuple[Lab, list[object]]) -> None:
    lesson, seen = lab
    lesson.http(5000).get("/v2/before/tags/list")
    with lesson.requests():
        lesson.push("127.0.0.1:5000/hello:latest")
    lesson.http(5000).get("/v2/after/tags/list")
    (said,) = seen
    assert isinstance(said, Conversation)
    assert "before" not in said.text
    assert "after" not in said.text
    assert said.steps[0].meaning == "a registry is here"
    assert said.steps[-1].path == "/v2/hello/manifests/latest"
    assert "received the bytes of the config" in said.text


def test_requests_of_a_block_that_raises_are_shown(lab: tuple[Lab, list[object]]) -> None:
    lesson, seen = lab
    with pytest.raises(RegistryError), lesson.requests():
        lesson.registry.manifest("nothing", "latest")
    (said,) = seen
    assert isinstance(said, Conversation)
    assert said.text == "GET   /v2/nothing/manifests/latest  404  not there"


def test_requests_to_two_registries_are_a_table_and_are_counted(
    lab: tuple[Lab, list[object]],
) -> None:
    lesson, seen = lab
    # The second one's port is found: it is not published, but listens on the node's own network.
    told = {"REGISTRY_HTTP_ADDR": ":5001"}
    options = {"detach": True, "network_mode": "host", "environment": told}
    lesson.docker.containers.run("registry:2", name="other", **options)
    lesson.wait(5001)
    try:
        lesson.push("127.0.0.1:5000/hello:latest")
        with lesson.requests("registry", "other") as recorded:
            assert recorded == {}
            lesson.http(5000).get("/v2/hello/manifests/latest", headers={"Accept": ACCEPT})
            lesson.http(5001).get("/v2/hello/tags/list")
    finally:
        lesson.remove("other")
    (table,) = seen
    assert isinstance(table, RequestTable)
    assert table.servers == ("registry", "other")
    assert {row.path: (row.status, row.times) for row in table.rows} == {
        "/v2/hello/tags/list": (404, (0, 1)),
        "/v2/hello/manifests/latest": (200, (1, 0)),
    }
    assert {name: traffic.count for name, traffic in recorded.items()} == {
        "registry": 1,
        "other": 1,
    }


def test_requests_to_a_name_that_no_node_has_say_what_there_is(
    lab: tuple[Lab, list[object]],
) -> None:
    lesson, _ = lab
    wanted = pytest.raises(LessonError, match="no node has a container 'zork'")
    with wanted as error, lesson.requests("registry", "zork"):
        pass
    assert "registry on node1" in error.value.hint
