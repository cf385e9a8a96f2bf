"""No exercise without cases, no line that changes from run to run, no hint that gives everything away at once."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from labs.lesson import Lesson, Progress, Question, Task
from labs.lesson.answers import written_answer
from labs.lesson.lab import Lab
from labs.lesson.shown import Hint, Note
from labs.lessons import all_lessons
from tests.lessons.cases import Blank, Case, Right, Table, Wrong, line_of, table_of

ROOT = Path(__file__).resolve().parents[2]
LESSONS = {lesson.slug: lesson for lesson in all_lessons()}
TASKS = {task.id: (lesson, task) for lesson in LESSONS.values() for task in lesson.tasks}
WRONG = 3
POINTS = 20  # of a lesson; the assignment has its own
ASSIGNMENTS = {"assignment-secure-registry": 100}
# A digest or an id, a time, an address with a port that the engine chose (those from 32768 on).
VOLATILE = re.compile(r"[0-9a-f]{12}|\d{2}:\d{2}|:(3[3-9]|[4-6]\d)\d{3}\b")


def lacking(task: Task, cases: list[Case]) -> list[str]:
    """What the cases of one exercise lack."""
    kinds = {
        kind: [case for case in cases if isinstance(case, kind)] for kind in (Right, Blank, Wrong)
    }
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


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_lesson_has_a_module_that_runs_its_cases(lesson: Lesson) -> None:
    name = lesson.slug.replace("-", "_")
    text = (Path(__file__).parent / f"test_{name}.py").read_text()
    assert f'SLUG = "{lesson.slug}"' in text
    for called in ("is_judged_as_told(", "walk(", "dead_engine_is_never_a_wrong_answer("):
        assert called in text


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_points_of_a_lesson_add_up(lesson: Lesson) -> None:
    assert sum(task.points for task in lesson.tasks) == ASSIGNMENTS.get(lesson.slug, POINTS)
    assert lesson.points == ASSIGNMENTS.get(lesson.slug, POINTS)


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_question_counts_less_than_any_exercise_of_its_lesson(lesson: Lesson) -> None:
    least = min(exercise.points for exercise in lesson.exercises)
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
