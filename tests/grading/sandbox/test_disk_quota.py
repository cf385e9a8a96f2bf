"""What a quota makes of an engine that has no figure for a disk, for files, for limits: it counts as too much."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, NotFound
from requests.exceptions import ConnectionError as EngineGone
from requests.exceptions import ReadTimeout

from labs.grading.sandbox import disk_quota
from labs.grading.sandbox.disk_quota import (
    DiskQuota,
    DiskUsage,
    FreeSpace,
    Unmeasured,
    limits_were_lifted,
)

PLAYGROUND = SimpleNamespace(nodes=[], disks=["node1"])
SEEN = FreeSpace(10**12, 10**9)


class Reply:
    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status_code, self.ok, self._body = status, status == 200, body

    def json(self) -> dict[str, Any]:
        return self._body


def engine_of(
    *, layer: Reply | None = None, volumes: Any = None, diff: Any = None
) -> SimpleNamespace:
    def changes(_name: str) -> Any:
        if isinstance(diff, Exception):
            raise diff
        return diff

    def no_volume(_name: str) -> Any:
        raise NotFound("no such volume")

    api = SimpleNamespace(
        _get=lambda *_args, **_options: layer or Reply(200, {"SizeRw": 10}),
        _url=lambda *_args: "",
        df=lambda: {"Volumes": volumes},
        diff=changes,
    )
    return SimpleNamespace(
        client=SimpleNamespace(api=api, volumes=SimpleNamespace(get=no_volume)), address="tcp://x"
    )


def disk_with(monkeypatch: pytest.MonkeyPatch, *looks: FreeSpace) -> None:
    """What is free at one look after the other; the last look's from then on."""
    left = list(looks)
    monkeypatch.setattr(FreeSpace, "of", lambda _engine: left.pop(0) if len(left) > 1 else left[0])


@pytest.mark.parametrize(
    "layer",
    [
        Reply(200, {"SizeRw": -1}),
        Reply(200, {"SizeRw": None}),
        Reply(200, {}),
        Reply(200, {"SizeRw": "10"}),
        Reply(500, {"message": "openat: file name too long"}),
    ],
    ids=["negative", "null", "none", "text", "refused"],
)
def test_layer_without_a_size_is_not_empty(monkeypatch, layer):
    disk_with(monkeypatch, SEEN)
    with pytest.raises(Unmeasured, match="disk of node1"):
        DiskUsage(engine_of(layer=layer), PLAYGROUND).bytes_used(1000)


def test_container_that_does_not_exist_holds_nothing(monkeypatch):
    disk_with(monkeypatch, SEEN)
    assert DiskUsage(engine_of(layer=Reply(404, {})), PLAYGROUND).bytes_used(1000) == 0


@pytest.mark.parametrize("usage", [{"Size": -1}, {"Size": None}, {}, None])
def test_volume_without_a_size_is_not_empty(monkeypatch, usage):
    disk_with(monkeypatch, SEEN, FreeSpace(0, 10**9))
    volumes = [{"Name": "node1", "UsageData": usage}, {"Name": "of another", "UsageData": None}]
    with pytest.raises(Unmeasured, match="volume node1"):
        DiskUsage(engine_of(volumes=volumes), PLAYGROUND).bytes_used(1000)


def test_volumes_are_measured_where_the_disk_cannot_be_seen(monkeypatch):
    disk_with(monkeypatch, FreeSpace())
    monkeypatch.setattr(disk_quota, "_SELDOM_S", 0)
    volumes = [{"Name": "node1", "UsageData": {"Size": 5000}}]
    assert DiskUsage(engine_of(volumes=volumes), PLAYGROUND).bytes_used(1000) == 5010


def test_files_are_counted_where_the_disk_cannot_be_seen(monkeypatch):
    disk_with(monkeypatch, FreeSpace())
    monkeypatch.setattr(disk_quota, "_SELDOM_S", 0)
    assert DiskUsage(engine_of(diff=["a", "b"]), PLAYGROUND).files_used(1) == 2


def test_files_are_not_counted_where_the_disk_has_no_limit_of_them(monkeypatch):
    disk_with(monkeypatch, FreeSpace(10**12, None))
    monkeypatch.setattr(disk_quota, "_SELDOM_S", 0)
    assert DiskUsage(engine_of(diff=APIError("no")), PLAYGROUND).files_used(1) == 0


def test_files_that_cannot_be_listed_are_not_none(monkeypatch):
    disk_with(monkeypatch, SEEN, FreeSpace(10**12, 0))
    with pytest.raises(Unmeasured, match="files of node1"):
        DiskUsage(engine_of(diff=APIError("file name too long")), PLAYGROUND).files_used(1)


class Quota:
    """A quota with looks every 10 ms, and what it said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, looks: Any) -> None:
        disk_with(monkeypatch, SEEN)
        monkeypatch.setattr(disk_quota, "_INTERVAL_S", 0.01)
        self.said: list[str] = []
        self.looks, self.number, self.enough = looks, 0, threading.Event()
        monkeypatch.setattr(DiskUsage, "bytes_used", lambda _usage, _limit: self._look())
        self._quota = DiskQuota(engine_of(), PLAYGROUND, self._end)

    def _look(self) -> int:
        self.number += 1
        if self.number > 20:
            self.enough.set()
        found = self.looks(self.number)
        if isinstance(found, Exception):
            raise found
        return found

    def _end(self, reason: str) -> None:
        self.said.append(reason)
        self.enough.set()

    def run(self) -> list[str]:
        with self._quota:
            assert self.enough.wait(10)
        return self.said


def test_disk_that_cannot_be_measured_counts_as_too_much(monkeypatch):
    said = Quota(monkeypatch, lambda _number: Unmeasured("the disk of node1")).run()
    assert said == ["the disk of node1 could not be measured, which counts as too much"]


@pytest.mark.parametrize("error", [APIError("500"), ReadTimeout("60 s"), KeyError("Size")])
def test_engine_that_refuses_a_figure_counts_as_too_much(monkeypatch, error):
    said = Quota(monkeypatch, lambda _number: error).run()
    assert said == ["what its nodes use could not be measured, which counts as too much"]


def test_one_look_that_is_missed_is_no_reason(monkeypatch):
    assert Quota(monkeypatch, lambda number: Unmeasured("x") if number % 3 else 0).run() == []


def test_engine_that_is_gone_is_no_reason(monkeypatch):
    assert Quota(monkeypatch, lambda _number: EngineGone("refused")).run() == []


def container_with(now: dict[str, Any], *, status: str = "running", runtime: str = "runc") -> Any:
    return SimpleNamespace(
        id="x",
        status=status,
        reload=lambda: None,
        attrs={"HostConfig": {"Memory": 2000, "PidsLimit": 100, "Runtime": runtime}},
        client=SimpleNamespace(api=SimpleNamespace(stats=lambda *_args, **_options: now)),
    )


WHOLE = {"memory_stats": {"limit": 2000}, "pids_stats": {"limit": 100}}


def test_limits_as_they_were_are_not_lifted():
    assert not limits_were_lifted(container_with(WHOLE))


@pytest.mark.parametrize(
    "change", [{"memory_stats": {"limit": 2001}}, {"pids_stats": {"limit": 101}}]
)
def test_higher_limit_is_lifted(change):
    assert limits_were_lifted(container_with({**WHOLE, **change}))


MISSING = [{"memory_stats": {}}, {"pids_stats": {"limit": 0}}, {"pids_stats": None}]


@pytest.mark.parametrize("change", MISSING)
def test_limit_that_a_running_node_does_not_have_is_not_fine(change):
    with pytest.raises(Unmeasured, match="limits of a node"):
        limits_were_lifted(container_with({**WHOLE, **change}))


@pytest.mark.parametrize("change", MISSING)
def test_node_that_a_lesson_stopped_has_no_limits(change):
    assert not limits_were_lifted(container_with({**WHOLE, **change}, status="exited"))
    assert not limits_were_lifted(container_with({**WHOLE, **change}, runtime="runsc"))
