"""The form of the tables of cases: for each exercise what is right, what is blank and what is wrong.

A case is a function that does to a clean playground what a student would do, and returns the answers to give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from labs.lesson import Answers, Lesson
from labs.playground import Playground

Do = Callable[[Playground], Answers | None]


@dataclass(frozen=True)
class Right:
    """What must pass, with the words that a question says then."""

    do: Do
    message: str = ""
    outcome: str = "passed"
    hint: str = ""


@dataclass(frozen=True)
class Blank:
    """What is no attempt, with the words that say what to do."""

    do: Do
    message: str
    outcome: str = "not attempted"
    hint: str = ""


@dataclass(frozen=True)
class Wrong:
    """What a student might do instead, with the exact words and hint that it must give."""

    do: Do
    message: str
    hint: str
    outcome: str = "not yet"


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


def named_cases(table: Table) -> dict[str, tuple[str, Case]]:
    """Every case with its exercise, by a name for the test's report."""
    return {
        f"{exercise}-{type(case).__name__.lower()}-{case.do.__name__}": (exercise, case)
        for exercise, cases in table.items()
        for case in cases
    }


def choose(letter: str | None) -> Do:
    """An answer to a question."""

    def chosen(_place: Playground) -> Answers:
        return {"choice": letter}

    chosen.__name__ = f"choice_{letter or 'none'}"
    return chosen
