"""Each lesson on a real engine: its notebook, and its checks against right, blank and wrong answers.

Tests of a lesson have its slug in their ids and run one after the other in one playground, which is new for the first.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labs.lesson import Lesson
from labs.lessons import all_lessons
from tests.lessons.cases import Case, by_action, lesson_tests, quick_actions, table_of
from tests.lessons.notebook_runs import differences, undue_verdicts_of_blank, with_blanks
from tests.lessons.open_lesson import OpenLesson
from tests.lessons.shared_checks import (
    dead_engine_is_never_a_wrong_answer,
    gives_expected_verdicts,
    walk,
)

LESSONS = all_lessons()
CAPSTONE = 60
# A check that switches five nodes off and on takes a minute, in each of two processes.
pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


def slugs(*, full: Callable[[Lesson], bool] = lambda _lesson: False) -> list[object]:
    """A parameter for each lesson; those for which `full` says so are left to `make test-all`."""
    marked = ((lesson.slug, pytest.mark.full if full(lesson) else ()) for lesson in LESSONS)
    return [pytest.param(slug, id=slug, marks=marks) for slug, marks in marked]


@pytest.mark.notebooks
@pytest.mark.parametrize(
    "open_lesson",
    # Half a minute for a store or a hub, and minutes for a swarm. The next test judges their starters too.
    slugs(full=lambda lesson: bool(lesson.managers or lesson.store or lesson.hub)),
    indirect=True,
)
def test_notebook_as_handed_out_runs_through_and_passes_nothing(open_lesson: OpenLesson) -> None:
    assert undue_verdicts_of_blank(open_lesson.lesson) == []


@pytest.mark.notebooks
@pytest.mark.parametrize(
    "open_lesson",
    # The capstone's attacks take five minutes; `make test` has a wrong answer to each part of it.
    slugs(full=lambda lesson: lesson.number >= CAPSTONE),
    indirect=True,
)
def test_solution_gives_its_stored_outputs_and_no_blank_passes(
    open_lesson: OpenLesson, tmp_path: Path
) -> None:
    """In the playground that the notebook as handed out left: a student's second run finds no clean one either."""
    lesson = open_lesson.lesson
    tests = lesson_tests(lesson)
    # A starter that does what the answer's cell shows would show it before.
    but = tests.attempted_by_earlier_answers | tests.only_at_their_place
    found = differences(lesson, "first", with_blanks(lesson, but=but, folder=tmp_path))
    assert not found, found


@pytest.mark.full
@pytest.mark.notebooks
@pytest.mark.parametrize("open_lesson", slugs(), indirect=True)
def test_solution_gives_its_stored_outputs_again_where_its_answers_are_there_already(
    open_lesson: OpenLesson,
) -> None:
    found = differences(open_lesson.lesson, "second")
    assert not found, found


def actions(lesson: Lesson) -> list[object]:
    """A parameter for each action of a lesson's cases."""
    table = table_of(lesson)
    quick = quick_actions(table)
    return [
        pytest.param(
            lesson.slug,
            cases,
            id=f"{lesson.slug}-{name}",
            marks=() if name in quick else pytest.mark.full,
        )
        for name, cases in by_action(table).items()
    ]


@pytest.mark.parametrize(
    ("open_lesson", "cases"),
    [param for lesson in LESSONS for param in actions(lesson)],
    indirect=["open_lesson"],
    scope="module",  # of a function by default, where not all parameters are fixtures: a playground for each test
)
def test_cases_give_expected_verdicts_in_both_processes(
    request: pytest.FixtureRequest, open_lesson: OpenLesson, cases: list[tuple[str, Case]]
) -> None:
    if lesson_tests(open_lesson.lesson).clean_each or cases[0][1].do.__name__ == "nothing":
        request.getfixturevalue("clean_lesson")
    gives_expected_verdicts(open_lesson, cases)


@pytest.mark.full
@pytest.mark.parametrize(
    ("open_lesson", "check"),
    [
        pytest.param(lesson.slug, check, id=f"{lesson.slug}-{check.__name__}")
        for lesson in LESSONS
        for check in lesson_tests(lesson).extra
    ],
    indirect=["open_lesson"],
    scope="module",  # of a function by default, where not all parameters are fixtures: a playground for each test
)
def test_lesson_passes_a_check_of_its_own(
    clean_lesson: OpenLesson, check: Callable[[OpenLesson], None]
) -> None:
    check(clean_lesson)


@pytest.mark.full
@pytest.mark.parametrize("open_lesson", slugs(), indirect=True)
def test_starter_is_not_attempted_before_and_at_its_place_and_the_answer_passes(
    clean_lesson: OpenLesson,
) -> None:
    attempted = lesson_tests(clean_lesson.lesson).attempted_by_earlier_answers
    found = walk(clean_lesson)
    assert {id: (first, last) for id, (first, _, last) in found.items()} == dict.fromkeys(
        found, ("not attempted", "passed")
    )
    assert {id for id, (_, then, _) in found.items() if then != "not attempted"} == attempted


@pytest.mark.full
@pytest.mark.parametrize("open_lesson", slugs(), indirect=True)
def test_dead_engine_is_unavailable_until_the_lesson_is_opened_again(
    clean_lesson: OpenLesson,
) -> None:
    dead_engine_is_never_a_wrong_answer(clean_lesson)
