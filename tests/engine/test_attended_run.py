"""`containers.run` that goes on waiting says what for; one that ends says nothing."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import NotFound
from docker.models.containers import ContainerCollection

from labs.engine import EngineClient, attended_run
from labs.engine.attended_run import AttendedContainers

RUNNING = {"State": {"Running": True}}
ENDED = {"State": {"Running": False}}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attended_run, "EVERY_S", 0.01)


@pytest.fixture
def containers(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Containers whose `run` waits until the third look at the container, and then for one more."""
    seen = threading.Semaphore(0)

    def run(self: Any, image: str, command: object = None, **settings: object) -> str:
        self.create(image, command, **settings)
        for _ in range(4):
            seen.acquire(timeout=2)
        return "ended"

    made = SimpleNamespace(id="1", name="registry")
    monkeypatch.setattr(ContainerCollection, "run", run)
    monkeypatch.setattr(ContainerCollection, "create", lambda *_, **__: made)
    state = [RUNNING]

    def inspect(_: str) -> dict[str, dict[str, bool]]:
        seen.release()
        return state[0]

    api = SimpleNamespace(inspect_container=inspect)
    found: Any = AttendedContainers(client=SimpleNamespace(api=api))
    found.state = state
    return found


def test_run_that_goes_on_waiting_says_once_for_what(containers, capsys):
    assert containers.run("registry:2") == "ended"
    said = capsys.readouterr().err
    assert said.count("detach=True") == 1
    assert 'docker.containers.get("registry").remove(force=True)' in said


def test_run_of_a_container_that_has_ended_says_nothing(containers, capsys):
    containers.state[0] = ENDED
    assert containers.run("hello-world") == "ended"
    assert capsys.readouterr().err == ""


def test_run_that_is_detached_is_not_watched(containers, capsys, monkeypatch):
    monkeypatch.setattr(ContainerCollection, "run", lambda *_, **__: "container")
    monkeypatch.setattr(attended_run, "told_if_slow", None)  # a call would be a TypeError
    assert containers.run("registry:2", detach=True) == "container"
    assert capsys.readouterr().err == ""


def test_client_of_an_engine_has_such_containers():
    assert type(EngineClient("tcp://127.0.0.1:1", version="1.43").containers) is AttendedContainers


def test_container_that_is_removed_while_others_are_listed_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine names two, and one is gone when the SDK asks for it by itself."""

    def inspect(id: str) -> dict[str, Any]:
        if id == "gone":
            raise NotFound("No such container: gone")
        return {"Id": id}

    api = SimpleNamespace(
        containers=lambda **_: [{"Id": "gone"}, {"Id": "here"}], inspect_container=inspect
    )
    listed = AttendedContainers(client=SimpleNamespace(api=api)).list(all=True)
    assert [each.id for each in listed] == ["here"]
    with pytest.raises(NotFound):
        AttendedContainers(client=SimpleNamespace(api=api)).list(ignore_removed=False)
