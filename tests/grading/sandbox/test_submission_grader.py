"""Which runs of a submission are repeated, with which limits, and what is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.grading import GradingError, Limits
from labs.grading.sandbox.submission_grader import SubmissionGrader, _NotebookRun
from labs.lesson import Verdict
from tests.grading.attacked import ATTACKED, handed_in, make_handout

PASSED = {task.id: (Verdict(task.id, "passed", ""), 0.1) for task in ATTACKED.tasks}
STARVED = _NotebookRun({}, "a cell took too long", "", starved="it waited 90% of the time")
LATE = _NotebookRun({}, "a cell took too long", "")
WHOLE = _NotebookRun(PASSED, "shut down", "")
GONE = _NotebookRun({}, "", "", failure="the engine does not answer")


class Grader(SubmissionGrader):
    """A grader whose runs give these."""

    def __init__(self, root: Path, *runs: _NotebookRun) -> None:
        self._handout, self.stopped = make_handout(root), False
        self._runs, self.limits = list(runs), []

    def _run_once(self, _text, _lesson, limits) -> _NotebookRun:
        self.limits.append(limits)
        return self._runs.pop(0)

    def grade(self):
        return self.run(handed_in("value = 1"), ATTACKED, Limits(20, 100))


def test_run_that_was_starved_is_repeated_with_more_time(tmp_path):
    grader = Grader(tmp_path, STARVED, WHOLE)
    result = grader.grade()
    assert [mark.outcome for mark in result.marks] == ["passed", "passed"]
    assert grader.limits == [Limits(20, 100), Limits(60, 300)]
    assert result.remarks == (
        "run twice: the first time it took too long on a machine without CPU time for it",
    )


def test_run_that_was_starved_twice_is_not_graded(tmp_path):
    with pytest.raises(GradingError, match="no CPU time for it, twice: it waited 90%") as told:
        Grader(tmp_path, STARVED, STARVED).grade()
    assert "--jobs" in told.value.hint


def test_time_limit_without_starvation_is_graded_at_once(tmp_path):
    grader = Grader(tmp_path, LATE)
    result = grader.grade()
    assert [mark.outcome for mark in result.marks] == ["not reached", "not reached"]
    assert (len(grader.limits), result.status, result.remarks) == (1, "graded", ())


def test_endless_loop_on_a_starved_machine_is_graded_by_its_second_run(tmp_path):
    result = Grader(tmp_path, STARVED, LATE).grade()
    assert [mark.outcome for mark in result.marks] == ["not reached", "not reached"]
    assert result.status == "graded"


def test_engine_that_is_gone_is_asked_again_within_the_same_limits(tmp_path):
    grader = Grader(tmp_path, GONE, WHOLE)
    assert grader.grade().remarks == ("run twice: the first time its playground did not answer",)
    assert grader.limits == [Limits(20, 100)] * 2


def test_whole_time_of_two_runs_is_allowed_for():
    assert Limits(20, 100).most_s == 400
