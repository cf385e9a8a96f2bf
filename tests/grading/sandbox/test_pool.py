"""What a submission waits for: not for the sandbox before it to be removed, nor for the engine to measure limits."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from labs.grading import GradingError
from labs.grading.sandbox import disk_quota
from labs.grading.sandbox.pool import SandboxPool


def pool_with(*removals: Future[None]) -> SandboxPool:
    pool = SandboxPool.__new__(SandboxPool)
    pool._disposing, pool._next, pool._prewarm = list(removals), None, False
    pool._creator = lambda lesson: lambda: f"sandbox of {lesson}"
    return pool


def test_sandbox_is_given_while_the_one_before_is_removed():
    under_way: Future[None] = Future()
    assert pool_with(under_way).acquire("x") == "sandbox of x"


def test_sandbox_waits_for_an_older_removal():
    older: Future[None] = Future()
    pool, got = pool_with(older, Future()), threading.Event()
    thread = threading.Thread(target=lambda: (pool.acquire("x"), got.set()))
    thread.start()
    assert not got.wait(0.1)
    older.set_result(None)
    thread.join()
    assert got.is_set()


def test_removal_that_failed_is_told_with_the_next_but_one():
    failed: Future[None] = Future()
    failed.set_exception(GradingError("a playground was not removed"))
    with pytest.raises(GradingError, match="not removed"):
        pool_with(failed, Future()).acquire("x")


def test_quota_ends_while_the_engine_still_measures_limits(monkeypatch):
    asked, answer, ended = threading.Event(), threading.Event(), []

    def measure(_container) -> bool:
        asked.set()
        answer.wait()
        return False

    monkeypatch.setattr(disk_quota, "limits_were_lifted", measure)
    monkeypatch.setattr(disk_quota, "_INTERVAL_S", 0.01)
    monkeypatch.setattr(disk_quota.FreeSpace, "of", lambda _engine: disk_quota.FreeSpace())
    monkeypatch.setattr(disk_quota.DiskUsage, "bytes_used", lambda _self, _limit: 0)
    playground = SimpleNamespace(nodes=[SimpleNamespace(container=None)])
    try:
        with disk_quota.DiskQuota(SimpleNamespace(), playground, ended.append):
            assert asked.wait(10)
        assert not answer.is_set()
    finally:
        answer.set()
    assert ended == []
