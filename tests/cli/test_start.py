"""What `labs start` waits for before JupyterLab serves, and what it leaves for later: no engine is asked."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from labs import images, lessons
from labs.cli import notebook
from labs.cli.program import app
from labs.images import ImageError


class Machine:
    """Records what is done, in order; the engine has as many current images as it is told."""

    def __init__(self, *, current: bool, serving: bool = False, error: str = "") -> None:
        self.done: list[Any] = []
        self.current = current
        self.serving = serving
        self.error = error

    def stock(self, _client: object) -> list[Any]:
        return [SimpleNamespace(current=True), SimpleNamespace(current=self.current)]

    def ensure(self, _client: object, _say: object, *, served: Any = None) -> list[str]:
        self.done.append(served or "all")
        if self.error and served is None:
            raise ImageError(self.error)
        return [] if self.current else ["nginx"]

    def serve(self, _port: int, *, browser: bool, say: object) -> None:
        self.done.append("serve")
        for thread in threading.enumerate():
            if thread.name == "images":
                thread.join(30)

    def find(self) -> dict[str, Any] | None:
        return {} if not self.serving else {"url": "http://127.0.0.1:8888/"}


FIRST = lessons.all_lessons()[0].images


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch):
    """Run `labs start` on a machine; what it told."""

    def start(machine: Machine, *words: str) -> str:
        engine = SimpleNamespace(client=None, version="26.1", source="test")
        monkeypatch.setattr("labs.engine.find_or_start", lambda *_: engine)
        monkeypatch.setattr(images, "stock", machine.stock, raising=False)
        monkeypatch.setattr(images, "ensure", machine.ensure, raising=False)
        monkeypatch.setattr(notebook, "serve", machine.serve)
        monkeypatch.setattr(notebook, "find", machine.find)
        ran = CliRunner().invoke(app, ["start", *words], catch_exceptions=False)
        assert ran.exit_code == 0
        return ran.output

    return start


def test_start_with_all_images_serves_and_leaves_nothing_for_later(started: Any):
    machine = Machine(current=True)
    assert "images: all here" in started(machine)
    assert machine.done == ["all", "serve"]


def test_start_from_nothing_serves_once_the_first_lesson_can_run(started: Any):
    machine = Machine(current=False)
    told = started(machine)
    assert machine.done[0] == FIRST
    assert sorted(machine.done[1:]) == ["all", "serve"]
    assert "the others follow" in told


def test_start_whose_later_images_fail_serves_and_says_what_happens_next(started: Any):
    told = started(Machine(current=False, error="no space left"))
    assert "images: no space left" in told
    assert "The next `labs start` goes on" in told


def test_start_without_jupyterlab_gets_all_images(started: Any):
    machine = Machine(current=False)
    started(machine, "--no-lab")
    assert machine.done == ["all"]


def test_start_beside_a_running_jupyterlab_tells_its_address_and_gets_all_images(started: Any):
    machine = Machine(current=False, serving=True)
    started(machine)
    assert machine.done == ["serve", "all"]
