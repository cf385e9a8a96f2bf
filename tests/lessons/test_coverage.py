"""No exercise without cases, no line that changes from run to run, no hint that gives everything away at once."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from labs.lesson import Lesson, Progress, Question, Task
from labs.lesson.answers import written_answer
from labs.lesson.lab import Lab
from labs.lesson.shown import Hint, Note
from labs.lessons import all_lessons
from tests.lessons.actions import nothing
from tests.lessons.cases import (
    KINDS,
    Blank,
    Case,
    Right,
    Table,
    Wrong,
    by_action,
    first_of_each_kind,
    lesson_tests,
    line_of,
    quick_actions,
    table_of,
)

ROOT = Path(__file__).resolve().parents[2]
LESSONS = {lesson.slug: lesson for lesson in all_lessons()}
TASKS = {task.id: (lesson, task) for lesson in LESSONS.values() for task in lesson.tasks}
Counts = dict[str, dict[str, int]]
# How many cases each exercise has at least; a new lesson's are added when it is done.
COUNTS: dict[str, Counts] = json.loads((Path(__file__).parent / "case_counts.json").read_text())
WRONG = 3
SMALL = 1  # points of a small task within a section
POINTS = 20  # of a lesson; the assignment has its own
ASSIGNMENTS = {"assignment-secure-registry": 100, "run-the-registry-of-a-team": 100}
# A digest or an id, a time, an address with a port that the engine chose (those from 32768 on).
VOLATILE = re.compile(r"[0-9a-f]{12}|\d{2}:\d{2}|:(3[3-9]|[4-6]\d)\d{3}\b")


def lacking(task: Task, cases: list[Case]) -> list[str]:
    """What the cases of one exercise lack."""
    kinds = {kind: [case for case in cases if isinstance(case, kind)] for kind in KINDS}
    lack = [kind.__name__ for kind in (Right, Blank) if not kinds[kind]]
    in_two = {type(case) for case in cases if not case.slow}
    lack += [f"a {kind.__name__} for both processes" for kind in {*map(type, cases)} - in_two]
    if isinstance(task, Question):
        given = {case.give(None).get("choice") for case in kinds[Wrong]}  # type: ignore[arg-type]
        lack += [f"wrong choice {letter}" for letter in set(task.choices) - given - {task.right}]
    else:
        if len({(case.do, case.give) for case in kinds[Right]}) < 2:
            lack.append("a second way that is right")
        told = {(case.message, case.hint) for case in kinds[Wrong] if case.message and case.hint}
        lack += (
            [f"a wrong answer with its hint ({len(told)} of {WRONG})"] if len(told) < WRONG else []
        )
    return lack


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_lesson_has_cases_for_every_exercise_and_no_other(lesson: Lesson) -> None:
    table = table_of(lesson)
    assert set(table) == {task.id for task in lesson.tasks}
    lack = {task.id: lacking(task, table[task.id]) for task in lesson.tasks}
    assert not {id: what for id, what in lack.items() if what}


@pytest.mark.parametrize("slug", COUNTS)
def test_no_exercise_has_fewer_cases_than_it_had(slug: str) -> None:
    table = table_of(LESSONS[slug]) if slug in LESSONS else {}
    assert fallen(COUNTS[slug], table) == []


def fallen(counts: Counts, table: Table) -> list[str]:
    """The exercises that have fewer cases of a kind than are counted in case_counts.json."""
    return [
        f"{exercise}: {have[kind]} {kind}, {wanted} before"
        for exercise, kinds in counts.items()
        for have in [Counter(type(case).__name__.lower() for case in table.get(exercise, ()))]
        for kind, wanted in kinds.items()
        if have[kind] < wanted
    ]


def test_exercise_that_lost_a_case_is_named() -> None:
    counts = {"1.1": {"right": 1, "blank": 1, "wrong": 1}, "1.2": {"right": 1}}
    table: Table = {"1.1": [Right(nothing), Blank(nothing, "do it")]}
    assert fallen(counts, table) == ["1.1: 0 wrong, 1 before", "1.2: 0 right, 1 before"]


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_both_processes_judge_a_right_a_blank_and_a_wrong_answer(lesson: Lesson) -> None:
    for exercise, cases in table_of(lesson).items():
        kinds = {type(case) for case in first_of_each_kind(cases)}
        assert kinds == {Right, Blank, Wrong}, exercise


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_make_test_does_a_wrong_answer_to_every_exercise(lesson: Lesson) -> None:
    table = table_of(lesson)
    quick = [pair for name in quick_actions(table) for pair in by_action(table)[name]]
    wrong = {exercise for exercise, case in quick if isinstance(case, Wrong)}
    assert wrong == set(table)


@pytest.mark.parametrize(
    ("lesson", "action", "total"),
    [
        pytest.param(lesson, action, total, id=f"{slug}-{action}")
        for slug, lesson in LESSONS.items()
        for action, total in lesson_tests(lesson).totals.items()
    ],
)
def test_submission_is_worth_its_total(lesson: Lesson, action: str, total: int) -> None:
    outcomes = {exercise: case.outcome for exercise, case in by_action(table_of(lesson))[action]}
    assert set(outcomes) == {task.id for task in lesson.tasks}
    assert sum(task.points for task in lesson.tasks if outcomes[task.id] == "passed") == total


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_points_of_a_lesson_add_up(lesson: Lesson) -> None:
    assert sum(task.points for task in lesson.tasks) == ASSIGNMENTS.get(lesson.slug, POINTS)
    assert lesson.points == ASSIGNMENTS.get(lesson.slug, POINTS)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_question_counts_less_than_any_exercise_of_its_lesson(lesson: Lesson) -> None:
    # A small task of a section is a blank or a prediction, which can be guessed too: it counts a point or none.
    least = min(exercise.points for exercise in lesson.exercises if exercise.points > SMALL)
    assert [q.id for q in lesson.questions if not 0 < q.points < least] == []


def test_exercise_without_cases_is_told() -> None:
    task = LESSONS["run-a-registry"].task("1.1")
    table: Table = table_of(LESSONS["run-a-registry"])
    right = [case for case in table["1.1"] if isinstance(case, Right)]
    assert lacking(task, []) == [
        "Right",
        "Blank",
        "a second way that is right",
        "a wrong answer with its hint (0 of 3)",
    ]
    assert lacking(task, list(right)) == ["Blank", "a wrong answer with its hint (0 of 3)"]
    silent = [Wrong(case.do, f"told {n}", "") for n, case in enumerate(right)]
    assert "a wrong answer with its hint (0 of 3)" in lacking(task, [*table["1.1"][:3], *silent])


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_lines_have_no_ids_times_or_chosen_ports(lesson: Lesson) -> None:
    lines = [line_of(id, case) for id, cases in table_of(lesson).items() for case in cases]
    assert [line for line in lines if VOLATILE.search(line)] == []


@pytest.mark.parametrize("text", ["id 5f70bf18a086", "at 12:31", "http://127.0.0.1:49154/v2/"])
def test_volatile_words_are_found(text: str) -> None:
    assert VOLATILE.search(text)


@pytest.mark.parametrize("id", TASKS)
def test_hints_are_shown_in_order_and_then_the_solution_is_named(id: str, tmp_path: Path) -> None:
    lesson, task = TASKS[id]
    seen: list[object] = []
    playground = SimpleNamespace(nodes=[], slug=lesson.slug)
    lab = Lab(lesson, playground, show=seen.append, progress=Progress(tmp_path / "progress.json"))  # type: ignore[arg-type]
    for _ in range(len(task.hints) + 1):
        lab.hint(id)
    *hints, last = seen
    assert hints == [
        Hint(id, words, number, len(task.hints)) for number, words in enumerate(task.hints, 1)
    ]
    assert isinstance(last, Note)
    assert f'lab.solution("{id}")' in last.text


@pytest.mark.parametrize("id", TASKS)
def test_first_hint_is_not_the_answer(id: str) -> None:
    lesson, task = TASKS[id]
    assert task.hints
    if isinstance(task, Question):
        told = [task.choices[task.right], task.why[task.right]]
    else:
        assert len(task.hints) in (2, 3)
        answer = written_answer(ROOT / "solutions" / f"{lesson.file_stem}.py", task.cell)
        assert answer
        told = [
            line.strip() for line in answer.splitlines() if len(line.strip()) > 9
        ]  # no lone bracket
    assert not [words for words in told if words in task.hints[0]]
