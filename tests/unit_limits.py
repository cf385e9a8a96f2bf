"""A pytest plugin that keeps unit tests from engines and processes: `make test-unit` has 60 seconds for all of them.

A test may start processes where it, or its module, has the marker `process` or one of those that need an engine or a
browser. What its fixtures start counts as its own.
"""

from __future__ import annotations

import multiprocessing.util
import os
import subprocess
from collections.abc import Generator
from typing import Any, NoReturn

import pytest

NEEDS_ENGINE = ("engine", "site", "notebooks")
STARTS_PROCESSES = (*NEEDS_ENGINE, "process")
NOWHERE = "unix:///nonexistent/docker.sock"
TRIED = pytest.StashKey[list[str]]()
# Each way that Python has. os.spawn* and pty go through os.fork and os.forkpty.
_STARTERS: tuple[tuple[Any, str], ...] = (
    (subprocess.Popen, "__init__"),
    (multiprocessing.util, "spawnv_passfds"),
    *((os, name) for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "system")),
)


def refuse_processes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let each start of a process fail from here on.

    Returns:
        What was tried so far, for code that swallows the failure or tries in a thread.
    """
    tried: list[str] = []

    def refuse(*arguments: object, **_options: object) -> NoReturn:
        tried.append(" ".join(str(each) for each in arguments[-1:]))
        # Not an Exception, because code under test may handle those.
        pytest.fail(f"a test without the marker `process` starts a process: {tried[-1]}")

    for owner, name in _STARTERS:
        if hasattr(owner, name):  # Windows has no os.fork
            monkeypatch.setattr(owner, name, refuse)
    return tried


@pytest.fixture(autouse=True)
def no_engine_for_unit_tests(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test without a marker cannot reach an engine, so one that lacks its marker fails at once."""
    if not any(request.node.get_closest_marker(name) for name in NEEDS_ENGINE):
        monkeypatch.setenv("DOCKER_HOST", NOWHERE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Covers the fixtures of a test, too, those of its module and of the session among them."""
    if any(item.get_closest_marker(name) for name in STARTS_PROCESSES):
        return (yield)
    with pytest.MonkeyPatch.context() as monkeypatch:
        item.stash[TRIED] = refuse_processes(monkeypatch)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Fail where the refusal was swallowed."""
    result = yield
    tried = item.stash.get(TRIED, [])
    assert tried == [], "a test without the marker `process` started these"
    return result
