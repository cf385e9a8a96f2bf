"""A class of one lesson with its playground: what a submission costs beside the lesson's own Docker work."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labs.bench.lesson_commands import run_commands
from labs.bench.metered import Cost, metered
from labs.bench.open_times import quiet_open
from labs.bench.rows import MEGABYTE, Row, seconds
from labs.bench.setting import BenchError, Setting, run
from labs.bench.two_questions import Labs
from labs.builder import LessonFiles, lessons
from labs.lessons import find

# Two sizes, to see that time grows linearly and memory does not grow with the class.
SMALL, LARGE = 20, 100
TARGET = 1.3  # of the Docker work
TARGET_LINEAR = 1.1  # of what a submission of the small class costs
TARGET_MB = 600
_JOBS = 2


@dataclass(frozen=True)
class _GradedClass:
    """One class, graded; `wrong` have not all points."""

    size: int
    jobs: int
    cost: Cost
    wrong: int

    @property
    def each_s(self) -> float:
        """Seconds from one grade to the next."""
        return self.cost.seconds / self.size

    @property
    def job_mb(self) -> float:
        """Memory at most, a job."""
        return self.cost.peak_bytes / MEGABYTE / self.jobs


def of_lesson_1(setting: Setting) -> Iterator[Row]:
    """Rows for 20 and 100 right submissions, with one job beside the baseline's commands, and with two."""
    files = lessons(setting.root, ["1"])[0]
    with tempfile.TemporaryDirectory(prefix="labs-class-") as temporary:
        folder = Path(temporary)
        baseline = tuple(_docker_work(setting, files) for _ in range(setting.rounds))
        setting.say(f"  {SMALL} submissions, 1 job")
        alone = tuple(_grade(folder, files, SMALL, 1) for _ in range(setting.rounds))
        setting.say(f"  {SMALL} submissions, {_JOBS} jobs")
        small = tuple(_grade(folder, files, SMALL, _JOBS) for _ in range(setting.rounds))
        setting.say(f"  {LARGE} submissions, {_JOBS} jobs")
        large = _grade(folder, files, LARGE, _JOBS)
    each = tuple(run.each_s for run in alone)
    note = "the baseline is the `docker` commands of the lesson alone, on a node that is there"
    yield Row(f"{SMALL} of lesson 1, 1 job: a submission", "s", each, baseline, TARGET, note=note)
    each = tuple(run.each_s for run in small)
    yield Row(f"{SMALL} of lesson 1, {_JOBS} jobs: a submission", "s", each)
    name = f"{LARGE} of lesson 1, {_JOBS} jobs"
    yield Row(f"{name}: a submission", "s", (large.each_s,), each[:1], TARGET_LINEAR)
    yield Row(f"{name}: memory a job", "MB", (large.job_mb,), target=TARGET_MB)
    every = (*alone, *small, large)
    yield Row("lesson 1: wrong grades", "", tuple(float(run.wrong) for run in every), target=0)


def _docker_work(setting: Setting, files: LessonFiles) -> float:
    """Seconds of the lesson's `docker` commands, on a new node."""
    # A new one each time: the commands leave images in it, which would make a second run faster.
    lab = quiet_open(files.slug)
    try:
        return seconds(lambda: run_commands(setting, files, lab))
    finally:
        lab.close()


def _grade(folder: Path, files: LessonFiles, size: int, jobs: int) -> _GradedClass:
    """Grade so many students who all handed in the solution, as an instructor does."""
    handed_in, out = folder / "handed-in", folder / "grades"
    for each in (handed_in, out):
        shutil.rmtree(each, ignore_errors=True)
    for number in range(size):
        submission = handed_in / f"s{number:03}" / files.slug
        submission.mkdir(parents=True)
        shutil.copyfile(files.executed, submission / f"{files.stem}.ipynb")
    program = str(Path(sys.executable).parent / "labs")
    command = [program, "grade", str(handed_in), "--out", str(out), "--jobs", str(jobs)]
    with metered() as cost:
        run(command, dict(os.environ), folder)
    found = Labs().grades(folder)
    if len(found) != size:
        raise BenchError(f"grades.csv has {len(found)} students, wanted {size}")
    whole = find(files.slug).points
    return _GradedClass(size, jobs, cost, sum(points != whole for points in found.values()))
