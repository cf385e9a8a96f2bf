"""The log of a container's last run: what a run before it wrote does not count."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from docker.models.containers import Container

from labs.engine import log_of_last_run, seconds_of
from labs.playground import Playground
from labs.playground.creation import wait_for_mirror
from labs.waiting import wait_until

# Slow, as a server is on a busy machine.
SLOW = "sleep 0.7; echo listening on :5000; exec sleep 60"


@pytest.fixture
def slow(opened: Callable[..., Playground]) -> Iterator[Container]:
    """A container that tells late that it listens, and has told it once."""
    docker = opened("container-log").node().docker
    container = docker.containers.run(
        "busybox", ["sh", "-c", SLOW], detach=True, stop_signal="SIGKILL"
    )
    wait_for_mirror(container)
    yield container
    container.remove(force=True)


@pytest.mark.engine
@pytest.mark.parametrize("again", ["kill", "stop", "restart"])
def test_wait_for_a_mirror_that_was_started_again(slow: Container, again: str):
    """What it logged before does not count: a node that asks too early falls back to Docker Hub."""
    getattr(slow, again)()
    slow.start()
    assert log_of_last_run(slow) == b""
    wait_for_mirror(slow)
    assert log_of_last_run(slow) == b"listening on :5000\n"
    assert slow.logs() == 2 * b"listening on :5000\n"


@pytest.mark.engine
def test_log_of_a_container_that_was_paused_is_whole(slow: Container):
    slow.pause()
    slow.unpause()
    assert log_of_last_run(slow) == b"listening on :5000\n"


@pytest.mark.engine
def test_log_of_a_container_that_has_ended_is_whole(slow: Container):
    slow.kill()
    wait_until(lambda: slow.reload() or slow.status == "exited", "its end")
    assert log_of_last_run(slow) == b"listening on :5000\n"


def test_seconds_of_a_time_with_and_without_a_fraction():
    assert seconds_of("1970-01-01T00:01:00Z") == 60
    assert seconds_of("1970-01-01T00:00:00.25Z") == 0.25
    assert seconds_of("1970-01-01T00:00:00.123456789Z") == 0.123456
