"""Graders side by side with the same class of forty: speed, cost, wrong grades, and what a kill at half-time loses."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from labs.bench.classroom import Student, students, wrong
from labs.bench.competitors import Grader, competitors
from labs.bench.metered import metered, run_lanes
from labs.bench.rows import MEGABYTE, Row
from labs.bench.setting import Setting
from labs.bench.two_questions import Labs

AS_FAST_AS = "nbgrader, serial"
TARGET = 1.0  # of nbgrader's time
TARGET_UNISOLATED = 0.5


@dataclass
class Score:
    """What one grader did, a number a round."""

    seconds: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    wrong: list[float] = field(default_factory=list)
    kept: int = 0
    again: float = 0.0


def class_of_forty(setting: Setting) -> Iterator[Row]:
    """Rows for each grader. What each one installs and prepares is counted for none."""
    expected = students()
    graders: list[Grader] = [
        Labs(),
        Labs(isolated=False),
        *(make() for make in competitors(setting.root)),
    ]
    scores = {grader.name: Score() for grader in graders}
    # All graders in each round, so that a machine that becomes slower does so for all of them.
    for number in range(1, setting.rounds + 1):
        for grader in graders:
            setting.say(f"  round {number} of {setting.rounds}: {grader.name}")
            _round(grader, expected, scores[grader.name])
    for grader in graders:
        setting.say(f"  killed at half-time: {grader.name}")
        _killed(grader, expected, scores[grader.name])
    baseline = tuple(seconds / len(expected) for seconds in scores[AS_FAST_AS].seconds)
    for grader in graders:
        yield from _rows(grader, scores[grader.name], len(expected), baseline)


def _rows(
    grader: Grader, score: Score, students: int, baseline: tuple[float, ...]
) -> Iterator[Row]:
    own = isinstance(grader, Labs)
    target = None
    if isinstance(grader, Labs):
        target = TARGET if grader.isolated else TARGET_UNISOLATED
    each = tuple(seconds / students for seconds in score.seconds)
    note = (
        f"{60 / median(each):.0f} a minute; killed at half-time, {score.kept} of {students} grades were kept "
        f"and the rest took {score.again:.0%} of a whole run"
    )
    name = f"class of {students}, {grader.name}"
    yield Row(f"{name}: a submission", "s", each, baseline, target, note=note)
    yield Row(f"{name}: processors", "s", tuple(score.cpu_s))
    yield Row(f"{name}: memory at most", "MB", tuple(score.peak_mb))
    yield Row(f"{name}: wrong grades", "", tuple(score.wrong), target=0 if own else None)


def _round(grader: Grader, expected: list[Student], score: Score) -> None:
    with _prepared(grader, expected) as folder:
        with metered() as cost:
            run_lanes(grader.lanes(folder, expected), folder, grader.environment())
        score.wrong.append(float(len(wrong(grader.grades(folder), expected))))
    score.seconds.append(cost.seconds)
    score.cpu_s.append(cost.cpu_s)
    score.peak_mb.append(cost.peak_bytes / MEGABYTE)


def _killed(grader: Grader, expected: list[Student], score: Score) -> None:
    """Kill it in the middle, see which grades there are, and have the same command finish."""
    whole = median(score.seconds)
    with _prepared(grader, expected) as folder:
        lanes, environment = grader.lanes(folder, expected), grader.environment()
        # SIGKILL, as a power failure or the kernel's out-of-memory killer would: no grader can save
        # anything then.
        run_lanes(lanes, folder, environment, kill_after_s=whole / 2)
        score.kept = _kept(grader, folder)
        with metered() as cost:
            run_lanes(lanes, folder, environment)
    score.again = cost.seconds / whole


def _kept(grader: Grader, folder: Path) -> int:
    kept = getattr(grader, "kept", None)
    return int(kept(folder)) if kept else len(grader.grades(folder))


@contextmanager
def _prepared(grader: Grader, expected: list[Student]) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="labs-comparison-"))
    try:
        grader.prepare(folder, expected)
        yield folder
    finally:
        # A killed grader's last processes may still write here; a file that stays is in the
        # temporary folder.
        shutil.rmtree(folder, ignore_errors=True)
