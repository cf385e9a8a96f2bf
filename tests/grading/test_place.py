"""A submission's playground: closed, limited, watched, and gone afterwards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from labs import lessons
from labs.errors import LabsError
from labs.grading.bounded import TooMuchError, run_bounded
from labs.grading.pipe import Loop
from labs.grading.place import Place, names_of
from labs.grading.watch import Watch
from labs.playground import PlaygroundError, removal

pytestmark = pytest.mark.engine
LESSON = lessons.find("run-a-registry")


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    one = Loop()
    yield one
    one.close()


@pytest.fixture(scope="module")
def place(course: Path, engine, loop) -> Iterator[Place]:
    one = Place(engine, loop, LESSON, "gtest-1")
    try:
        yield one
    finally:
        one.close()
        assert removal.remove_objects(engine, names_of(LESSON.slug, "gtest-1").filters) == []


def test_place_is_reached_through_its_gate(place):
    node = place.nodes[0]
    assert node.docker.ping()
    node.docker.images.pull("busybox", tag="latest")
    assert node.docker.containers.run("busybox", ["echo", "hi"], remove=True) == b"hi\n"
    assert node.container.attrs["NetworkSettings"]["Ports"] in ({}, None)
    with pytest.raises(PlaygroundError, match="does not publish port 7777"):
        node.url(7777)


def test_node_is_limited_in_memory_and_processes(place):
    node = place.nodes[0]
    node.container.reload()
    settings = node.container.attrs["HostConfig"]
    assert settings["Memory"] == settings["MemorySwap"] == 2 << 30
    assert 0 < settings["PidsLimit"] <= 4096


def test_name_outside_leads_nowhere_from_a_node(place):
    found = place.nodes[0].exec(["getent", "hosts", "registry-1.docker.io"])
    assert found.stdout.split()[:1] == ["255.255.255.255"]


def test_command_that_never_stops_talking_is_cut(place):
    with pytest.raises(TooMuchError, match="yes said more than"):
        run_bounded(place.nodes[0].container, ["yes"], most_bytes=2_000_000)
    code, out, err = run_bounded(place.nodes[0].container, ["sh", "-c", "echo out; ls /nowhere"])
    assert (code > 0, out, b"/nowhere" in err) == (True, b"out\n", True)


def test_node_that_fills_the_disk_is_told(place, engine):
    told: list[str] = []
    came = threading.Event()

    def end(why: str) -> None:
        told.append(why)
        came.set()

    node = place.nodes[0]
    try:
        with Watch(engine, place, end, most_bytes=100_000_000):
            node.exec(["sh", "-c", "head -c 50000000 /dev/zero >/root/half"])
            assert not came.wait(3)
            node.exec(["sh", "-c", "head -c 150000000 /dev/zero >/root/fill"])
            assert came.wait(20)
    finally:
        node.exec(["rm", "-f", "/root/half", "/root/fill"])
    assert told == ["its nodes held more than 0.1 GB of disk"]


def test_runtime_that_the_engine_does_not_know_is_told(course, engine, loop, monkeypatch):
    monkeypatch.setenv("LABS_NODE_RUNTIME", "no-such-runtime")
    with pytest.raises(LabsError, match="no-such-runtime") as told:
        Place(engine, loop, LESSON, "gtest-2")
    assert "LABS_NODE_RUNTIME" in told.value.hint
    assert removal.remove_objects(engine, names_of(LESSON.slug, "gtest-2").filters) == []
