"""The form of the tables of cases: for each exercise what is right, what is blank and what is wrong.

A case is a function that does to a clean playground what a student would do and, where the exercise asks for
answers, one that gives them. Cases that do the same are done once, and judged for each. A check that takes minutes
judges its `slow` cases in one process alone; each outcome of each exercise has a case that is not slow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from labs.lesson import Answers, Lesson
from labs.playground import Playground

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
    """What is no attempt, with the words that say what to do."""

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


def table_of(lesson: Lesson) -> Table:
    """All cases of a lesson, by exercise: `tests/lessons/<slug>_cases.py`; empty where there is no such file."""
    name = f"tests.lessons.{lesson.slug.replace('-', '_')}_cases"
    if find_spec(name) is None:
        return {}
    table: Table = import_module(name).CASES
    return table


def line_of(exercise: str, case: Case) -> str:
    """The line that the verdict on a case must be."""
    return f"{exercise} {case.outcome}" + (f": {case.message}" if case.message else "")


def by_deed(table: Table) -> dict[str, list[tuple[str, Case]]]:
    """Exercises and cases that begin with the same deed, by the deed's name."""
    groups: dict[str, list[tuple[str, Case]]] = {}
    for exercise, cases in table.items():
        for case in cases:
            groups.setdefault(case.do.__name__, []).append((exercise, case))
    return groups


def choose(letter: str | None) -> Give:
    """An answer to a question."""
    return lambda _playground: {"choice": letter}
