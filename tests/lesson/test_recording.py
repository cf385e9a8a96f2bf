"""What `lab.requests()` shows of a real push, on a real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from labs.lesson import Lesson
from labs.lesson.lab import Lab
from labs.lesson.shown import Conversation
from labs.playground import Playground
from labs.registry import RegistryError

pytestmark = pytest.mark.engine


@pytest.fixture
def lab(opened: Callable[..., Playground]) -> Iterator[tuple[Lab, list[object]]]:
    """A lab with a registry on port 5000, and what it shows."""
    lesson = Lesson(99, "record", "Record", 1, "")
    seen: list[object] = []
    lab = Lab(lesson, opened("record", ports=(5000,), nodes=1), show=seen.append)
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
