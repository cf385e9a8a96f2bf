"""The form of the tables of cases: for each exercise what is right, what is blank and what is wrong.

A case has an action, a function that does to a clean playground what a student would do, and, where the exercise asks
for answers, a function that gives them. Cases with the same action share it: it is done once, and each is judged.
A check that takes minutes judges its `slow` cases in one process only. What a lesson needs beside its table, it says
as `TESTS = LessonTests(...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

from labs.lesson import Answers, Lesson
from labs.playground import Playground

if TYPE_CHECKING:
    from tests.lessons.open_lesson import OpenLesson

Do = Callable[[Playground], None]
Give = Callable[[Playground], Answers]


def no_answers(_playground: Playground) -> Answers:
    """What an exercise gets that asks for no answers."""
    return {}


@dataclass(frozen=True)
class Right:
    """What must pass, with the words that a question says then."""

    do: Do
    message: str = ""
    give: Give = no_answers
    outcome: str = "passed"
    hint: str = ""
    slow: bool = False


@dataclass(frozen=True)
class Blank:
    """What is not an attempt, with the words that say what to do."""

    do: Do
    message: str
    give: Give = no_answers
    outcome: str = "not attempted"
    hint: str = ""
    slow: bool = False


@dataclass(frozen=True)
class Wrong:
    """What a student might do instead, with the exact words and hint that it must give."""

    do: Do
    message: str
    hint: str
    give: Give = no_answers
    outcome: str = "not yet"
    slow: bool = False


Case = Right | Blank | Wrong
Table = dict[str, list[Case]]
KINDS = (Right, Blank, Wrong)


@dataclass(frozen=True)
class LessonTests:
    """What the tests of a lesson do in another way than those of most lessons.

    Attributes:
        clean_each: Whether the nodes are cleaned before each action; otherwise each action but `nothing` starts from
            what the one before left.
        attempted_by_earlier_answers: Exercises whose starter is an attempt after the answers before it.
        only_at_their_place: Exercises whose starter uses what cells after the first answer make, as a prediction does
            that is followed by what it is about.
        extra: Further tests of the lesson.
        totals: What all that an action did is worth in points, by the action's name: it has a case for each exercise.
    """

    clean_each: bool = True
    attempted_by_earlier_answers: frozenset[str] = frozenset()
    only_at_their_place: frozenset[str] = frozenset()
    extra: tuple[Callable[[OpenLesson], None], ...] = ()
    totals: dict[str, int] = field(default_factory=dict)


def table_of(lesson: Lesson) -> Table:
    """All cases of a lesson, by exercise: `tests/lessons/<slug>_cases.py`; empty where there is no such file."""
    module = _module(lesson)
    table: Table = module.CASES if module else {}
    return table


def lesson_tests(lesson: Lesson) -> LessonTests:
    """What the lesson's file of cases says as `TESTS`."""
    tests: LessonTests = getattr(_module(lesson), "TESTS", LessonTests())
    return tests


def _module(lesson: Lesson) -> ModuleType | None:
    name = f"tests.lessons.{lesson.slug.replace('-', '_')}_cases"
    return import_module(name) if find_spec(name) else None


def line_of(exercise: str, case: Case) -> str:
    """The line that the verdict on a case must be."""
    return f"{exercise} {case.outcome}" + (f": {case.message}" if case.message else "")


def by_action(table: Table) -> dict[str, list[tuple[str, Case]]]:
    """Exercises and cases that share an action, by the action's name."""
    groups: dict[str, list[tuple[str, Case]]] = {}
    for exercise, cases in table.items():
        for case in cases:
            groups.setdefault(case.do.__name__, []).append((exercise, case))
    return groups


def first_of_each_kind(cases: list[Case]) -> list[Case]:
    """The cases of an exercise that both processes judge: one right, one blank, one wrong, none of them slow."""
    quick = [case for case in cases if not case.slow]
    firsts = (next((case for case in quick if isinstance(case, kind)), None) for kind in KINDS)
    return [case for case in firsts if case]


def quick_actions(table: Table) -> set[str]:
    """The actions that `make test` does: nothing, and the first wrong answer to each exercise."""
    wrong = [
        case.do.__name__
        for cases in table.values()
        for case in first_of_each_kind(cases)
        if isinstance(case, Wrong)
    ]
    return {"nothing", *wrong}


def choose(letter: str | None) -> Give:
    """An answer to a question."""
    return lambda _playground: {"choice": letter}
