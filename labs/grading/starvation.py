"""Tells whether a submission that took too long was starved of CPU time, from what was observed while it ran.

A submission is starved where all of this holds over a time:

- its own tasks were ready to run and had to wait for a CPU, for a good part of the time;
- the machine had next to no idle CPU time;
- its kernel did not use a CPU by itself: an endless loop does, on a busy machine too;
- all its containers together used less than their share of the machine: busy nodes of its own are its own doing.

Where one of the figures cannot be read, the others decide; without any, nothing is known and nothing is claimed.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from labs.grading.debug_log import cut, log

INTERVAL_S = 1.0
# Enough for the longest notebook; older samples are dropped.
_KEPT = 4000
_IDLE = 0.10
_WAITED = 0.25
# Half a CPU for the whole time: a cell that is still not done then would not be done on an idle machine in half of it.
_OWN_KERNEL = 0.5
# A little less than half of the machine, which a submission gets beside one other that takes all it can.
_OWN_SHARE = 0.4
# Where no time limit was reached, but something did not come in time: nearly all of the time, and next to no CPU time.
# A student can have a check read without end, which makes the machine busy too.
_HARD_WAITED, _HARD_SHARE = 0.6, 0.1
# Shorter than this, nothing is known: a few ticks of the clock.
_SHORTEST_S = 2.0


@dataclass(frozen=True)
class Sample:
    """Seconds that were counted up to a moment; only differences mean something.

    Attributes:
        at_s: The moment, by this process's clock.
        cpus: Number of CPUs of the machine.
        idle_s: Idle time of all CPUs together.
        kernel_s: CPU time that the kernel's container used.
        whole_s: CPU time that all containers of the submission used, and this process for it.
        waited_s: Time in which a task of the submission was ready and had no CPU; None where that is not known.
    """

    at_s: float
    cpus: int
    idle_s: float
    kernel_s: float
    whole_s: float
    waited_s: float | None = None


def starved_between(
    first: Sample, last: Sample, *, least_waited: float = _WAITED, most_share: float = _OWN_SHARE
) -> str:
    """What shows that a submission was starved between two samples; empty where nothing does.

    Args:
        first: Before.
        last: After.
        least_waited: A smaller part of the time is not a sign.
        most_share: With more than this of the machine's CPU time it was not starved.
    """
    span = last.at_s - first.at_s
    if span < _SHORTEST_S:
        return ""
    idle = (last.idle_s - first.idle_s) / (span * last.cpus)
    kernel = (last.kernel_s - first.kernel_s) / span
    whole = (last.whole_s - first.whole_s) / span
    waited = 1.0
    if first.waited_s is not None and last.waited_s is not None:
        waited = (last.waited_s - first.waited_s) / span
    figures = (
        f"in {span:.0f} s it used {whole * span:.1f} s of CPU time, waited for a CPU {waited:.0%} of the time, "
        f"and the machine's {last.cpus} CPUs were idle {idle:.0%}"
    )
    log.debug("cpu: %s; its kernel used %.1f s", figures, kernel * span)
    own = kernel >= _OWN_KERNEL or whole >= most_share * last.cpus
    return "" if own or idle > _IDLE or waited < least_waited else figures


class CpuWatch:
    """Samples a submission's CPU time while the block runs.

    Args:
        measure: Takes a sample; None where it cannot be taken now.
        interval_s: Seconds between two samples.
    """

    def __init__(
        self, measure: Callable[[], Sample | None], *, interval_s: float = INTERVAL_S
    ) -> None:
        self._measure, self._interval_s = measure, interval_s
        self._samples: deque[Sample] = deque(maxlen=_KEPT)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cpu-watch", daemon=True)

    def __enter__(self) -> CpuWatch:
        self._take()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Not waited for: a sample from an engine may take seconds, and decides nothing any more.
        self._over.set()

    def starved_for(self, window_s: float) -> str:
        """What shows that it was starved in the time before the last sample; empty where nothing does.

        Args:
            window_s: How much of the time counts.
        """
        samples = list(self._samples)
        if len(samples) < 2:
            return ""
        last = samples[-1]
        before = [each for each in samples[:-1] if last.at_s - each.at_s >= window_s]
        return starved_between(before[-1] if before else samples[0], last)

    def starved_ever(self, window_s: float) -> str:
        """What shows that it was starved hard in any time of this length; empty where nothing does."""
        samples = list(self._samples)
        start = 0
        for last in samples:
            while start + 1 < len(samples) and last.at_s - samples[start + 1].at_s >= window_s:
                start += 1
            if last.at_s - samples[start].at_s >= window_s and (
                found := starved_between(
                    samples[start], last, least_waited=_HARD_WAITED, most_share=_HARD_SHARE
                )
            ):
                return found
        return ""

    def _run(self) -> None:
        while not self._over.wait(self._interval_s):
            self._take()

    def _take(self) -> None:
        # Any: a machine that is starved fails in many ways, and the next sample covers the gap.
        try:
            if sample := self._measure():
                self._samples.append(sample)
        except Exception as error:
            log.debug("cpu: not measured: %s", cut(str(error)))


def now_s() -> float:
    """The clock of all samples."""
    return time.monotonic()
