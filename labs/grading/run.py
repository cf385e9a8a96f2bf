"""One run of `labs grade`: what is done already, what is left, N at a time, and the files at the end.

It knows no container and no kernel: a `Runner` makes results of submissions. What fails there is the
machine's failure, "not graded", and is tried again on the next run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from labs.errors import LabsError
from labs.grading.cache import Store, checks_digest, digest, key_of
from labs.grading.models import (
    GradingError,
    Limits,
    Result,
    Runner,
    Stopped,
    Submission,
    without_run,
)
from labs.grading.reports import gradebook
from labs.grading.reports.run_info import about_run
from labs.grading.signals import Stopping, stopping
from labs.grading.submissions.assembly import text_of
from labs.grading.submissions.folder import lessons_of, list_folder, read_all
from labs.grading.submissions.handout import Material

if TYPE_CHECKING:
    from labs.lesson import Lesson

_LOOK_S = 0.2


@dataclass(frozen=True)
class Order:
    """What is to be graded, where to, and how.

    Attributes:
        submissions: The folder `<student>/<lesson slug>/<notebook>.ipynb`.
        out: The folder of grades.
        lesson: Only the one with this slug.
        jobs: So many at once; None where the runner decides.
        limits: For each submission.
        waiting: So many wait for jobs that run elsewhere; 0 where a job waits for itself.
    """

    submissions: Path
    out: Path
    lesson: str = ""
    jobs: int | None = 1
    limits: Limits = field(default_factory=Limits)
    waiting: int = 0

    def __post_init__(self) -> None:
        if self.jobs is not None and self.jobs < 1:
            raise GradingError(f"grade with {self.jobs} jobs", hint="one is the least")
        here, there = self.submissions.resolve(), self.out.resolve()
        if there.is_relative_to(here):
            raise GradingError(
                f"write grades to {self.out}: that is inside the submissions, {self.submissions}",
                hint="name a folder beside them with --out; inside, it would be a student's",
            )
        if here.is_relative_to(there / "feedback") or here.is_relative_to(there / ".done"):
            raise GradingError(
                f"read submissions in {self.submissions}: grades of {self.out} are written there",
                hint="name another folder with --out",
            )


class Watch(Protocol):
    """Sees a run go on; called in the main thread only."""

    def begin(self, total: int, done: int) -> None:
        """So many submissions there are, and so many of them need no run."""

    def finished(self, result: Result) -> None:
        """One more has a result."""

    def end(self) -> None:
        """The last call."""


@dataclass(frozen=True)
class Report:
    """What came of a run; `stopped_by` is the signal's number, 0 where it came to its end."""

    order: Order
    lessons: Sequence[Lesson]
    graded: Sequence[gradebook.Graded]
    stopped_by: int = 0

    @property
    def not_graded(self) -> list[Result]:
        """The results that are none: the next run tries them again."""
        return [result for _, result in self.graded if result.status == "not graded"]


def grade(
    order: Order,
    open_runner: Callable[[], Runner],
    watch: Watch,
    *,
    material: Material | None = None,
) -> Report:
    """Grade a folder of submissions and write the folder of grades.

    Args:
        order: What, where to, how.
        open_runner: Makes the runner, once there is something to run.
        watch: Sees it go on.
        material: The course; this package's own unless given.

    Raises:
        GradingError: The submissions cannot be listed, or the grades not be written.
        LabsError: The runner cannot be made.
    """
    course = material or Material()
    started = time.time()
    store = Store(order.out)
    with stopping() as stop:
        listing = list_folder(order.submissions)
        lessons = lessons_of(listing, course, order.lesson)
        with store.locked():
            submissions = list(read_all(listing, course, order.lesson))
            session = _Session(order, course, store, watch, stop)
            graded = session.results(submissions, open_runner)
            with stop.orderly():
                report = Report(order, lessons, graded, stop.number)
                cells = {lesson.slug: course.code_cells(lesson) for lesson in lessons}
                _write(report, about_run(report, session.settings, started), cells)
    return report


def _write(report: Report, about: dict[str, object], cells: dict[str, list[str]]) -> None:
    try:
        gradebook.write(report.order.out, report.graded, report.lessons, about, cells)
    except OSError as error:
        raise GradingError(
            f"write grades to {report.order.out}: {error.strerror}",
            hint="make room and run the same command again; what is done is kept",
        ) from error


class _Session:
    """The submissions of one run on their way to results."""

    def __init__(
        self, order: Order, material: Material, store: Store, watch: Watch, stop: Stopping
    ) -> None:
        self.order = order
        self.material = material
        self.store = store
        self.watch = watch
        self.stop = stop
        self.settings: dict[str, dict[str, str]] = {}
        self._checks: dict[str, str] = {}
        self._handed_out: dict[str, str] = {}

    def results(
        self, submissions: Sequence[Submission], open_runner: Callable[[], Runner]
    ) -> list[gradebook.Graded]:
        """The result of each submission, in their order."""
        found: dict[int, Result] = {
            place: without_run(sent, self.material.lessons.get(sent.slug))
            for place, sent in enumerate(submissions)
            if sent.problem
        }
        if len(found) == len(submissions):
            self.watch.begin(len(submissions), len(found))
            self.watch.end()
        else:
            runner = open_runner()
            try:
                found |= self._run(submissions, found, runner)
            finally:
                with self.stop.orderly():
                    runner.close()
        return [(sent, found[place]) for place, sent in enumerate(submissions)]

    def _run(
        self, submissions: Sequence[Submission], found: dict[int, Result], runner: Runner
    ) -> dict[int, Result]:
        keys = {
            place: self._key(sent, runner)
            for place, sent in enumerate(submissions)
            if place not in found
        }
        kept = {place: self.store.get(key, submissions[place]) for place, key in keys.items()}
        done = {place: result for place, result in kept.items() if result}
        left = sorted(keys.keys() - done.keys(), key=lambda place: self._turn(submissions[place]))
        self.watch.begin(len(submissions), len(submissions) - len(left))
        try:
            jobs = self._jobs(left, submissions, keys, runner)
            with self.stop.orderly(), closing(jobs):
                for place, result in jobs:
                    done[place] = result
                    self.watch.finished(result)
        finally:
            self.watch.end()
        words = "the run was stopped before this one had its turn"
        return {place: self._failed(submissions[place], words) for place in left} | done

    def _key(self, sent: Submission, runner: Runner) -> str:
        lesson = self.material.lessons[sent.slug]
        if sent.slug not in self.settings:
            self.settings[sent.slug] = dict(runner.setting(lesson))
            self._checks[sent.slug] = checks_digest(lesson)
            self._handed_out[sent.slug] = digest(text_of(self.material.pristine(lesson)).encode())
        return key_of(
            sent,
            checks=self._checks[sent.slug],
            notebook=self._handed_out[sent.slug],
            limits=self.order.limits,
            setting=self.settings[sent.slug],
        )

    def _turn(self, sent: Submission) -> tuple[object, ...]:
        """Lessons with equal playgrounds stand together, so that clean nodes are reused; large ones first."""
        lesson = self.material.lessons[sent.slug]
        return (-lesson.nodes, lesson.ports, lesson.number, sent.student)

    def _jobs(
        self,
        places: Sequence[int],
        submissions: Sequence[Submission],
        keys: dict[int, str],
        runner: Runner,
    ) -> Generator[tuple[int, Result]]:
        """Results as they come. When asked to stop, no more begin and those under way are ended."""
        with ThreadPoolExecutor(self.order.waiting or self.order.jobs, "labs-grade") as pool:
            waiting = {pool.submit(self._one, submissions[p], keys[p], runner): p for p in places}
            ended = False
            try:
                while waiting:
                    if self.stop.number and not ended:
                        ended = _end(pool, runner)
                    done, _ = wait(waiting, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
                    # One that was cancelled before its turn is never reported as done.
                    for future in [each for each in waiting if each in done or each.cancelled()]:
                        place = waiting.pop(future)
                        if result := None if future.cancelled() else future.result():
                            yield place, result
            finally:
                if waiting:
                    _end(pool, runner)

    def _one(self, sent: Submission, key: str, runner: Runner) -> Result | None:
        """Run one submission in a job's thread; nothing that happens there ends the run."""
        lesson = self.material.lessons[sent.slug]
        started = time.monotonic()
        try:
            result = runner.run(sent, lesson, self.order.limits)
            _demand_all_marks(result, sent, lesson)
            return self.store.put(result, key)
        except Stopped:
            return None
        except LabsError as error:
            failed = self._failed(sent, "; ".join(filter(None, (error.message, error.hint))))
        except OSError as error:
            failed = self._failed(sent, f"this machine: {error}")
        except Exception as error:
            failed = self._failed(sent, f"{type(error).__name__}: {error}")
        return replace(failed, seconds=time.monotonic() - started)

    def _failed(self, sent: Submission, problem: str) -> Result:
        lesson = self.material.lessons[sent.slug]
        return without_run(sent, lesson, problem=problem, status="not graded")


def _end(pool: ThreadPoolExecutor, runner: Runner) -> bool:
    """Let nothing more begin, and end what is under way."""
    pool.shutdown(wait=False, cancel_futures=True)
    runner.stop()
    return True


def _demand_all_marks(result: Result, sent: Submission, lesson: Lesson) -> None:
    """A result is of this submission and has a mark for every task, or it is none.

    Raises:
        GradingError: It is not.
    """
    marks = [mark.exercise for mark in result.marks]
    if (result.student, result.slug) != (sent.student, sent.slug) or (
        result.status == "graded" and marks != [task.id for task in lesson.tasks]
    ):
        raise GradingError(f"grade {sent.path}: the runner gave marks for {', '.join(marks)}")
