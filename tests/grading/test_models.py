"""Records: every one survives JSON, and no JSON but their own is taken."""

from __future__ import annotations

import json

import pytest

from labs import lessons
from labs.grading import Limits, Mark, RecordError, Result, Submission
from labs.grading.models import MARK_OUTCOMES, points_of, result_without_run
from labs.lesson import Verdict

MARK = Mark(
    "1.1", "A registry", 0.5, 1, "not yet", "saw «x», wanted\ny", "look", "answer-1-1", 0.25
)
RESULT = Result(
    "Ünal, A\udce9",
    "run-a-registry",
    (MARK,),
    ("a cell stood twice",),
    "",
    2.5,
    "graded",
    "<t/>",
    "ab",
)


@pytest.mark.parametrize("outcome", MARK_OUTCOMES)
def test_result_of_every_outcome_survives_json(outcome):
    status = "not graded" if outcome == "not graded" else "graded"
    result = Result("ann", "x", (Mark("1.1", "t", 0, 1, outcome),), status=status)
    assert Result.from_json(result.to_json()) == result


def test_result_with_hostile_text_survives_json_and_is_ascii():
    assert Result.from_json(RESULT.to_json()) == RESULT
    assert RESULT.to_json().isascii()
    assert RESULT.to_json() == Result.from_json(RESULT.to_json().encode()).to_json()


def changed(**new):
    return json.dumps({**json.loads(RESULT.to_json()), **new})


def changed_mark(**new):
    return changed(marks=[{**MARK.to_json(), **new}])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "[" * 100_000,
        RESULT.to_json()[:-20],
        RESULT.to_json() + "{}",
        changed(extra=1),
        changed(student=1),
        changed(student=None),
        changed(seconds="2"),
        changed(seconds=True),
        changed(seconds=-1),
        changed(status="fine"),
        changed(remarks="text"),
        changed(remarks=[1]),
        changed(marks=[1]),
        changed(marks={}),
        changed_mark(points=2),
        changed_mark(points=-1),
        changed_mark(out_of=1.0),
        changed_mark(out_of=True),
        changed_mark(outcome="passed?"),
        changed_mark(outcome="not graded"),
        changed_mark(extra=""),
        RESULT.to_json().replace('"seconds": 2.5', '"seconds": NaN'),
        RESULT.to_json().replace('"seconds": 2.5', '"seconds": 1e999'),
        RESULT.to_json().replace('"problem": ""', '"problem": "", "problem": "x"'),
        b"\xff\xfe",
    ],
)
def test_json_of_another_form_is_refused(text):
    with pytest.raises(RecordError, match=r"^read a "):
        Result.from_json(text)


def test_result_without_a_field_is_refused():
    for name in json.loads(RESULT.to_json()):
        data = json.loads(RESULT.to_json())
        del data[name]
        with pytest.raises(RecordError, match=f"read a result: fields.*wanted.*{name}"):
            Result.from_json(json.dumps(data))


def test_points_are_the_sum_of_marks():
    full = Mark("1.2", "t", 20, 20, "passed")
    result = Result("ann", "x", (MARK, full))
    assert (result.points, result.out_of) == (20.5, 21)


def test_mark_of_a_verdict_counts_what_the_exercise_says():
    task = lessons.find("assignment-secure-registry").task("50.1")
    assert Mark.of(task, Verdict("50.1", "passed")).points == points_of(task) == 20
    low = Mark.of(task, Verdict("50.1", "not yet", "saw a", "do b"), 1.5)
    assert (low.points, low.out_of, low.message, low.hint) == (0, 20, "saw a", "do b")
    assert (low.cell, low.seconds, low.outcome) == ("answer-50-1", 1.5, "not yet")


def test_mark_of_a_dead_engine_is_not_graded():
    task = lessons.find("run-a-registry").task("1.6")
    assert Mark.of(task, Verdict("1.6", "unavailable", "gone")).outcome == "not graded"
    assert points_of(task) == task.points


def test_submission_with_a_problem_has_zero_in_every_exercise():
    lesson = lessons.find("run-a-registry")
    sent = Submission("ann", lesson.slug, "ann/x", remarks=("r",), problem="no notebook")
    result = result_without_run(sent, lesson)
    assert [mark.exercise for mark in result.marks] == [task.id for task in lesson.tasks]
    assert {mark.message for mark in result.marks} == {"no notebook"}
    assert (result.points, result.out_of, result.status) == (0, lesson.points, "graded")
    assert (result.problem, result.remarks) == ("no notebook", ("r",))


def test_submission_of_an_unknown_lesson_has_no_marks():
    sent = Submission("ann", "nonsense", "ann/nonsense", problem='no lesson "nonsense"')
    assert (result_without_run(sent, None).marks, result_without_run(sent, None).out_of) == ((), 0)


def test_failure_of_the_machine_is_no_zero():
    lesson = lessons.find("run-a-registry")
    sent = Submission("ann", lesson.slug, "ann/x")
    result = result_without_run(sent, lesson, problem="disk full", status="not graded")
    assert {mark.outcome for mark in result.marks} == {"not graded"}
    assert Result.from_json(result.to_json()) == result


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_limits_that_limit_nothing_are_refused(seconds):
    with pytest.raises(ValueError, match="above zero"):
        Limits(cell_s=seconds)
    with pytest.raises(ValueError, match="above zero"):
        Limits(whole_s=seconds)
