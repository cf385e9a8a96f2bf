"""What a build takes of the node's disk: what is counted, and what is removed when it is too much."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from labs.hub.automation import build_disk
from labs.hub.automation.build_disk import BuildDisk
from labs.hub.automation.builds import BuildLog
from labs.hub.automation.engine_client import LARGEST_FILE, EngineRefused
from labs.hub.models import Build

MEGA = 1_000_000


class Engine:
    """The answers of an engine, by path."""

    def __init__(self) -> None:
        self.images = [_image("base", "", 50)]
        self.containers: dict[str, dict[str, Any]] = {}
        self.volumes: list[dict[str, Any]] = []
        self.asked: list[str] = []

    def ask(self, method: str, path: str, content: object = None) -> Any:
        self.asked.append(f"{method} {path}")
        path = path.partition("?")[0]
        if method == "DELETE":
            self.images = [each for each in self.images if each["Id"] != path.split("/")[2]]
            return None
        if path == "/images/json":
            return self.images
        if path == "/system/df":
            return {"Volumes": self.volumes}
        if path == "/containers/json":
            return [{"Id": name} for name in self.containers]
        found = self.containers[path.split("/")[2]]
        if found.get("is gone"):
            raise EngineRefused("No such container")
        return found


def _image(name: str, parent: str, size: int) -> dict[str, Any]:
    return {"Id": name, "ParentId": parent, "Size": size * MEGA, "Created": size}


def _container(size: int, *limits: object, volume: str = "") -> dict[str, Any]:
    mounts = [{"Type": "volume", "Name": volume}] if volume else []
    return {"HostConfig": {"Ulimits": list(limits)}, "SizeRw": size * MEGA, "Mounts": mounts}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """One with a base image."""
    made = Engine()
    monkeypatch.setattr(build_disk, "ask", made.ask)
    monkeypatch.setattr(build_disk, "_LOOK_S", 60)
    monkeypatch.setattr(settings, "BUILD_BYTES", 100 * MEGA)
    return made


@pytest.mark.parametrize(("size", "is_above"), [(100, False), (101, True)])
def test_containers_volumes_and_steps_are_counted_together(
    engine: Engine, size: int, is_above: bool
):
    log = BuildLog(Build())
    with BuildDisk(log) as disk:
        engine.images += [_image("pulled", "", 900), _image("step", "base", 70)]
        engine.images.append(_image("next", "step", 80))
        engine.containers = {
            "own": _container(30, LARGEST_FILE, {"Name": "nproc"}, volume="v"),
            "students": _container(800),
            "gone": {"is gone": True},
        }
        engine.volumes = [
            {"Name": "v", "UsageData": {"Size": (size - 60) * MEGA}},
            {"Name": "other", "UsageData": {"Size": 800 * MEGA}},
        ]
        disk.look()
        engine.containers = {}
    text = "the build has taken 101 MB of disk, more than the 100 MB of a build"
    assert log.stop == (text if is_above else "")


def test_container_of_a_student_is_not_measured(engine: Engine):
    with BuildDisk(BuildLog(Build())) as disk:
        engine.containers = {"students": _container(800)}
        disk.look()
        disk.look()
    assert engine.asked.count("GET /containers/students/json") == 1
    assert "GET /containers/students/json?size=1" not in engine.asked


def test_steps_are_removed_after_a_build_that_was_above_alone(engine: Engine):
    for size in (60, 400):
        with BuildDisk(BuildLog(Build())) as disk:
            engine.images += [_image(f"step{size}", "base", 51), _image(f"top{size}", "base", size)]
            disk.look()
    assert [each["Id"] for each in engine.images] == ["base", "step60", "top60"]


def test_engine_that_refuses_ends_no_build(engine: Engine, monkeypatch: pytest.MonkeyPatch):
    log = BuildLog(Build())
    with BuildDisk(log):

        def refuse(*_: object) -> None:
            raise EngineRefused("busy")

        monkeypatch.setattr(build_disk, "ask", refuse)
    assert log.stop == ""
