"""Runs commands side by side and measures what they cost the whole machine, containers and daemons too."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

Lanes = Sequence[Sequence[Sequence[str]]]
"""Commands: those of one lane one after the other, the lanes at the same time."""

_EVERY_S = 0.1


@dataclass
class Cost:
    """What a run took of a machine that did nothing else.

    Attributes:
        seconds: From start to end.
        cpu_s: Busy processor seconds of the machine.
        peak_bytes: The most by which memory in use rose above that of before.
    """

    seconds: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    _end: threading.Event = field(default_factory=threading.Event, repr=False)

    def watch(self, before: int) -> None:
        """Look at memory until the end."""
        while not self._end.wait(_EVERY_S):
            self.peak_bytes = max(self.peak_bytes, psutil.virtual_memory().used - before)


@contextmanager
def metered() -> Iterator[Cost]:
    """What the block costs; read it afterwards."""
    cost = Cost()
    before, busy, start = psutil.virtual_memory().used, _busy_s(), time.perf_counter()
    watcher = threading.Thread(target=cost.watch, args=(before,), daemon=True)
    watcher.start()
    try:
        yield cost
    finally:
        cost.seconds, cost.cpu_s = time.perf_counter() - start, _busy_s() - busy
        cost._end.set()
        watcher.join()


def _busy_s() -> float:
    times = psutil.cpu_times()
    # Waiting for a disk and time taken by other virtual machines are not work. Linux alone has
    # these fields.
    idle = times.idle + getattr(times, "iowait", 0.0) + getattr(times, "steal", 0.0)
    # The first eight: `guest` and `guest_nice` are contained in `user` and `nice` already
    # (proc(5)).
    return float(sum(times[: 8 if len(times) > 8 else None]) - idle)


def run_lanes(
    lanes: Lanes, folder: Path, environment: dict[str, str], *, kill_after_s: float | None = None
) -> None:
    """Run them until they end, or kill all with SIGKILL after a time.

    Exit statuses are ignored, since a grader's may only mean that a student failed; grades are compared instead.
    """
    log = (folder / "log").open("ab")
    started = [
        subprocess.Popen(
            ["sh", "-c", "\n".join(shlex.join(command) for command in lane)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A process group of its own, which `_kill` ends as a whole.
            start_new_session=True,
        )
        for lane in lanes
    ]
    deadline = None if kill_after_s is None else time.monotonic() + kill_after_s
    try:
        for process in started:
            process.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        pass
    finally:
        log.close()
        for process in started:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a lane and all that it started, kernels in sessions of their own too."""
    if process.poll() is not None:
        return
    # Before the kill: afterwards the children have another parent and are not found.
    below = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGKILL)
    for each in below:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()
