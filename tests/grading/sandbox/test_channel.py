"""The event loop of a grader ends what it still runs, so that nothing is reported when the process exits."""

from __future__ import annotations

import asyncio
import gc
import logging

import pytest

from labs.grading.sandbox.channel import LoopThread


def test_tasks_that_wait_are_ended_with_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    thread = LoopThread()
    ended: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cleaned up")

    async def begin() -> None:
        begin.task = asyncio.ensure_future(wait_for_ever())  # type: ignore[attr-defined]
        await asyncio.sleep(0)

    thread.run(begin())
    with caplog.at_level(logging.ERROR, logger="asyncio"):
        thread.close()
        del begin.task  # type: ignore[attr-defined]
        gc.collect()
    assert ended == ["cleaned up"]
    assert caplog.records == []
    assert not thread._thread.is_alive()
