"""One run of `labs grade`: cached results, submissions that are left to run, and the files at the end.

It knows nothing of containers and kernels: a `Runner` turns submissions into results. A failure there is
one of the machine, "not graded", and is tried again on the next run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from labs.errors import LabsError
from labs.grading.adjustments import Adjustments
from labs.grading.cache import ResultCache, checks_digest, digest, key_of
from labs.grading.debug_log import cut, log, start_debug_log
from labs.grading.models import (
    Graded,
    GradingError,
    Outcome,
    Result,
    Runner,
    Submission,
    result_without_run,
)
from labs.grading.reports import describe_run, gradebook
from labs.grading.request import GradingRequest, RunObserver, RunReport
from labs.grading.signals import StopSignal, catch_stop_signals
from labs.grading.submissions import Handout, lessons_of, list_folder, read_all, text_of

if TYPE_CHECKING:
    from labs.lesson import Lesson


def grade(
    request: GradingRequest,
    open_runner: Callable[[], Runner],
    observer: RunObserver,
    *,
    handout: Handout | None = None,
) -> RunReport:
    """Grade a folder of submissions and write the folder of grades.

    Args:
        request: What, where to, how.
        open_runner: Makes the runner, once there is something to run.
        observer: Is told the progress.
        handout: The course; this package's own unless given.

    Raises:
        GradingError: The submissions cannot be listed, or the grades not be written.
        LabsError: The runner cannot be made.
    """
    course = handout or Handout()
    started = time.time()
    cache = ResultCache(request.out)
    start_debug_log()
    with catch_stop_signals() as stop:
        listing = list_folder(request.submissions)
        lessons = lessons_of(listing, course, request.lesson)
        with cache.locked():
            # Under the lock, so that two runs into one folder of grades do not mix.
            unknown = not request.lesson
            submissions = list(read_all(listing, lessons, course, with_unknown=unknown))
            adjust = _adjustments(request, submissions, lessons, course)
            run = _Run(request, course, cache, observer, stop)
            graded = adjust.applied(run.results(submissions, open_runner))
            with stop.orderly():
                # A first Ctrl-C does not end this: half of the tables would be of an earlier run.
                report = RunReport(request, lessons, graded, stop.number, run.left)
                cells = {lesson.slug: course.code_cells(lesson) for lesson in lessons}
                _write(report, describe_run(report, run.settings, started), cells)
    return report


def _adjustments(
    request: GradingRequest,
    submissions: Sequence[Submission],
    lessons: Sequence[Lesson],
    course: Handout,
) -> Adjustments:
    """What the instructor changes, read before anything runs: a misspelled name must not cost an hour.

    Raises:
        GradingError: A file or a name is wrong.
    """
    students = list(dict.fromkeys(sent.student for sent in submissions))
    _demand_known(request.regrade or (), students)
    return Adjustments(request, students, lessons, list(course.lessons.values()))


def _demand_known(wanted: Sequence[str], students: Sequence[str]) -> None:
    """Check that students to grade again are there.

    Raises:
        GradingError: One is not.
    """
    for name in wanted:
        if name not in students:
            near = get_close_matches(name, students, n=1)
            hint = f'did you mean "{near[0]}"?' if near else "students are named as in grades.csv"
            raise GradingError(f'grade "{name}" again: no such student', hint=hint)


def _write(report: RunReport, info: dict[str, object], cells: dict[str, list[str]]) -> None:
    try:
        gradebook.write(report.request.out, report.graded, report.lessons, info, cells)
    except OSError as error:
        raise GradingError(
            f"write grades to {report.request.out}: {error.strerror}",
            hint="make room and run the same command again; what is done is kept",
        ) from error


class _Run:
    """The submissions of one run and their results."""

    def __init__(
        self,
        request: GradingRequest,
        handout: Handout,
        cache: ResultCache,
        observer: RunObserver,
        stop: StopSignal,
    ) -> None:
        self.request = request
        self.handout = handout
        self.cache = cache
        self.observer = observer
        self.stop = stop
        self.left = ""
        self.settings: dict[str, dict[str, str]] = {}
        self._checks: dict[str, str] = {}
        self._handed_out: dict[str, str] = {}

    def results(
        self, submissions: Sequence[Submission], open_runner: Callable[[], Runner]
    ) -> list[Graded]:
        """The result of each submission, in their order."""
        found: dict[int, Result] = {
            place: result_without_run(sent, self.handout.lessons.get(sent.slug))
            for place, sent in enumerate(submissions)
            if sent.problem
        }
        # Without a runner: unreadable notebooks need no engine to be reported.
        if len(found) == len(submissions):
            self.observer.begin(len(submissions), len(found))
            self.observer.end()
        else:
            runner = open_runner()
            try:
                found |= self._run(submissions, found, runner)
            finally:
                # Removal is not cut off by a signal: it would leave containers.
                with self.stop.orderly():
                    self._close(runner)
        return [(sent, _with_state(found[place], sent)) for place, sent in enumerate(submissions)]

    def _close(self, runner: Runner) -> None:
        """Close the runner; whatever that raises, there are results to write."""
        try:
            runner.close()
        except LabsError as error:
            self.left = error.message
        except Exception as error:
            self.left = f"{type(error).__name__}: {error}"
        if self.left:
            log.debug("not everything is removed: %s", cut(self.left))

    def _run(
        self, submissions: Sequence[Submission], found: dict[int, Result], runner: Runner
    ) -> dict[int, Result]:
        """The results of all that are not in `found`, by their place in `submissions`."""
        keys = {
            place: self._key(sent, runner)
            for place, sent in enumerate(submissions)
            if place not in found
        }
        for place, key in keys.items():
            if self._is_regraded(submissions[place]):
                self.cache.forget(key)
        cached = {place: self.cache.get(key, submissions[place]) for place, key in keys.items()}
        done = {place: result for place, result in cached.items() if result}
        left = sorted(keys.keys() - done.keys(), key=lambda place: self._turn(submissions[place]))
        self.observer.begin(len(submissions), len(submissions) - len(left))
        log.debug("%d submissions, %d to run", len(submissions), len(left))
        words = "the run was stopped before this one had its turn"
        try:
            outcomes = runner.run_all([submissions[place] for place in left], self.request.limits)
            # closing: an exception here ends the threads of `run_all` before the runner is closed.
            with self.stop.orderly(runner.stop), closing(outcomes):
                for number, outcome in outcomes:
                    place = left[number]
                    done[place] = self._accepted(outcome, submissions[place], keys[place])
                    self.observer.finished(done[place])
        # Of the runner as a whole, such as no process left to start: what is done is reported all the same.
        except RuntimeError as error:
            words = f"the run ended early: {error}"
            log.debug("%s", words)
        finally:
            self.observer.end()
        # Not graded, and not cached: the next run begins with these.
        return {place: self._failed(submissions[place], words) for place in left} | done

    def _is_regraded(self, sent: Submission) -> bool:
        wanted = self.request.regrade
        return wanted is not None and (not wanted or sent.student in wanted)

    def _key(self, sent: Submission, runner: Runner) -> str:
        lesson = self.handout.lessons[sent.slug]
        if sent.slug not in self.settings:
            self.settings[sent.slug] = dict(runner.setting(lesson))
            self._checks[sent.slug] = checks_digest(lesson)
            self._handed_out[sent.slug] = digest(text_of(self.handout.pristine(lesson)).encode())
        return key_of(
            sent,
            checks=self._checks[sent.slug],
            notebook=self._handed_out[sent.slug],
            limits=self.request.limits,
            setting=self.settings[sent.slug],
        )

    def _turn(self, sent: Submission) -> tuple[object, ...]:
        """Sort key: one lesson after another, so that a sandbox made in advance fits the next one; large ones first."""
        lesson = self.handout.lessons[sent.slug]
        return (-lesson.nodes, lesson.ports, lesson.number, sent.student)

    def _accepted(self, outcome: Outcome, sent: Submission, key: str) -> Result:
        """The result to report, which is cached; an exception becomes "not graded" with its text."""
        log.debug("%s %s ended: %s", cut(sent.student), sent.slug, type(outcome).__name__)
        try:
            if isinstance(outcome, Exception):
                raise outcome
            # A result is cached and reported for good, so a runner's mistake must not get into it.
            _demand_all_marks(outcome, sent, self.handout.lessons[sent.slug])
            return self.cache.put(outcome, key)
        except LabsError as error:
            return self._failed(sent, "; ".join(filter(None, (error.message, error.hint))))
        except OSError as error:
            return self._failed(sent, f"this machine: {error}")
        except Exception as error:
            return self._failed(sent, f"{type(error).__name__}: {error}")

    def _failed(self, sent: Submission, problem: str) -> Result:
        lesson = self.handout.lessons[sent.slug]
        return result_without_run(sent, lesson, problem=problem, status="not graded")


def _with_state(result: Result, sent: Submission) -> Result:
    """The result with what is known of the submission besides its grade; a runner does not know it."""
    return replace(result, state=sent.state, canvas_id=sent.canvas_id)


def _demand_all_marks(result: Result, sent: Submission, lesson: Lesson) -> None:
    """Check that a result is of this submission and has a mark for every task.

    Raises:
        GradingError: It is not, or has not.
    """
    marks = [mark.exercise for mark in result.marks]
    if (result.student, result.slug) != (sent.student, sent.slug) or (
        result.status == "graded" and marks != [task.id for task in lesson.tasks]
    ):
        raise GradingError(f"grade {sent.path}: the runner gave marks for {', '.join(marks)}")
