"""What a submission waits for: not for the sandbox before it to be removed, nor for the engine to measure limits."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from functools import partial
from types import SimpleNamespace

import pytest

from labs.grading import GradingError
from labs.grading.sandbox import disk_quota
from labs.grading.sandbox.pool import SandboxPool


def pool_with(*removals: Future[None]) -> SandboxPool:
    pool = SandboxPool.__new__(SandboxPool)
    pool._disposing, pool._next, pool._prewarm = list(removals), None, False
    pool._creator = lambda lesson: lambda: f"sandbox of {lesson}"
    pool._left, pool.closed = [], []
    for name, end in (("threads", "shutdown"), ("loop", "close"), ("lease", "release")):
        note = partial(pool.closed.append, name)
        setattr(pool, f"_{name}", SimpleNamespace(**{end: note}))
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


@pytest.mark.parametrize("error", [GradingError("not removed"), OSError("too many open files")])
def test_removal_that_failed_costs_no_other_submission(error):
    failed: Future[None] = Future()
    failed.set_exception(error)
    assert pool_with(failed, Future()).acquire("x") == "sandbox of x"


def test_removals_that_failed_are_told_at_the_end():
    done, first, second = Future(), Future(), Future()
    done.set_result(None)
    first.set_exception(GradingError("node1 is still there"))
    second.set_exception(OSError("too many open files"))
    pool = pool_with(done, first, second)
    pool.acquire("x")
    with pytest.raises(GradingError) as told:
        pool.close()
    assert told.value.message == "node1 is still there; too many open files"
    assert pool.closed == ["threads", "loop", "lease"]


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
