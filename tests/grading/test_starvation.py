"""Who was starved of CPU time, and who used it: told by what was observed."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from labs.grading import cpu_meter
from labs.grading.cpu_meter import idle_of, pressed_s, tasks_of, used_s
from labs.grading.starvation import CpuWatch, Sample, starved_between

START = Sample(at_s=100, cpus=2, idle_s=50, kernel_s=3, whole_s=9, waited_s=1)
# By what a submission does while its cell runs for 60 s on two CPUs: idle, of the kernel, of all, waited; starved?
CASES: dict[str, tuple[float, float, float, float | None, bool]] = {
    "endless loop on an idle machine": (60, 60, 60, 0, False),
    "endless loop beside one that takes all it can": (0, 50, 50, 20, False),
    "endless loop on half a CPU": (0, 31, 31, 29, False),
    "sleeps on an idle machine": (118, 0.2, 0.5, 0, False),
    "sleeps beside one that takes all it can": (0, 0.2, 0.5, 0.5, False),
    "fork bomb": (60, 60, 60, 59, False),
    "eight busy containers of its own": (0, 0.5, 118, 58, False),
    "eight busy containers beside eight of another": (0, 0.5, 58, 58, False),
    "right work that gets a tenth of a CPU": (0, 2, 6, 55, True),
    "right work of nodes that get next to nothing": (0, 0.1, 1, 40, True),
    "right work where no one knows who waited": (0, 2, 6, None, True),
    "waits for a slow disk": (100, 1, 4, 3, False),
    "waits a little on a busy machine": (2, 4, 20, 6, False),
}


def after(idle: float, kernel: float, whole: float, waited: float | None, *, span: float) -> Sample:
    return Sample(
        START.at_s + span,
        2,
        START.idle_s + idle,
        START.kernel_s + kernel,
        START.whole_s + whole,
        None if waited is None else 1 + waited,
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_starved_is_told_from_busy_and_idle(case):
    *figures, wanted = case
    assert bool(starved_between(START, after(*figures, span=60))) == wanted


def test_figures_are_told():
    told = starved_between(START, after(0, 2, 6, 54, span=60))
    assert told == (
        "in 60 s it used 6.0 s of CPU time, waited for a CPU 90% of the time, "
        "and the machine's 2 CPUs were idle 0%"
    )


def test_two_ticks_of_a_clock_tell_nothing():
    assert starved_between(START, after(0, 0, 0, 1, span=1)) == ""


class Measured:
    """Samples one after the other; `all` is set when each was taken."""

    def __init__(self, samples: list[Any]) -> None:
        self.left, self.all = list(samples), threading.Event()

    def __call__(self) -> Sample | None:
        if not self.left:
            self.all.set()
            return None
        found = self.left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def watched(samples: list[Any]) -> CpuWatch:
    measure = Measured(samples)
    watch = CpuWatch(measure, interval_s=0.001)
    with watch:
        assert measure.all.wait(10)
    return watch


def minute(*shares: float) -> list[Sample]:
    """A sample a second; in each second the submission waits for this share, on a machine without idle time."""
    waited = [sum(shares[:end]) for end in range(len(shares) + 1)]
    return [replace(START, at_s=float(at), waited_s=each) for at, each in enumerate(waited)]


def test_window_is_the_end_of_the_time():
    starved_first = watched(minute(*[1.0] * 30, *[0.0] * 30))
    assert starved_first.starved_for(60)
    assert not starved_first.starved_for(20)
    assert watched(minute(*[0.0] * 30, *[1.0] * 30)).starved_for(20)


def test_any_time_of_that_length_counts():
    watch = watched(minute(*[0.0] * 20, *[1.0] * 12, *[0.0] * 28))
    assert watch.starved_ever(10)
    assert not watched(minute(*[0.0] * 60)).starved_ever(10)
    # Longer than what was observed: nothing is known.
    assert not watched(minute(*[1.0] * 5)).starved_ever(10)


def test_check_that_is_kept_busy_is_not_starved():
    # Seen with a registry that answers without end: 41% of 10 s waited, 3.6 s used, 4% idle.
    first = replace(START, at_s=0)
    last = Sample(15, 2, START.idle_s + 1, START.kernel_s, START.whole_s + 5.4, 1 + 6.2)
    assert not watched([first, last]).starved_ever(15)


def test_sample_that_fails_is_a_gap_and_no_end():
    samples = minute(*[1.0] * 10)
    watch = watched([samples[0], OSError("no process left"), None, samples[10]])
    assert watch.starved_for(10)


def test_nothing_is_claimed_without_samples():
    watch = watched([OSError("gone"), None])
    assert (watch.starved_for(10), watch.starved_ever(10)) == ("", "")


STAT = """cpu  100 0 50 1200 34 0 5 7 0 0
cpu0 50 0 25 600 17 0 2 3 0 0
cpu1 50 0 25 600 17 0 3 4 0 0
intr 5
"""


def test_idle_time_is_read(monkeypatch):
    monkeypatch.setattr(cpu_meter.os, "sysconf", lambda _name: 100)
    assert idle_of(STAT) == (2, 12.34)


def test_pressure_is_read():
    some = "some avg10=1.53 avg60=0.87 avg300=0.30 total=2500000"
    assert pressed_s(f"{some}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n") == 2.5


def test_used_time_is_read_from_both_versions(tmp_path):
    (tmp_path / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1000000\n")
    assert used_s(tmp_path) == 1.5
    (tmp_path / "cpuacct.usage").write_text("2500000000\n")
    assert used_s(tmp_path) == 2.5


def test_tasks_are_those_of_all_folders_up_to_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(cpu_meter, "_MOST_FOLDERS", 20)
    for number in range(100):
        (tmp_path / f"c{number}").mkdir()
        (tmp_path / f"c{number}" / "tasks").write_text(f"{number}\n")
    (tmp_path / "tasks").write_text("1000\n1001\n")
    found = tasks_of(tmp_path)
    assert found[:2] == ["1000", "1001"]
    assert len(found) == 2 + 19
