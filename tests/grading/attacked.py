"""A lesson of two exercises without a playground, for submissions that attack; a worker imports it by its name.

What a program found out, it hands in as the value of 1.1: the verdict tells it to the test.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from labs.grading import Submission
from labs.grading.submissions.handout import Handout
from labs.lesson import Exercise, Lesson, not_attempted, not_yet, passed

MODULE = "tests.grading.attacked"
SECRET = "sesame"
OPEN = """
from labs.graded.remote_playground import GraderClient

class Lab:
    def check(self, exercise, **answers):
        print(GraderClient().ask("check", exercise=exercise, answers=answers))

lab = Lab()
"""


def _knows(_playground, answers):
    value = answers.get("value")
    if value is None:
        return not_attempted("give the value")
    return passed() if value == SECRET else not_yet(f"saw {value!r}")


ATTACKED = Lesson(
    1,
    "attacked",
    "Attacked",
    5,
    "For tests.",
    nodes=0,
    exercises=(
        Exercise("1.1", "First", _knows, (), "answer-1-1"),
        Exercise("1.2", "Second", _knows, (), "answer-1-2"),
    ),
)


def all_lessons() -> list[Lesson]:
    return [ATTACKED]


def make_handout(root: Path) -> Handout:
    cells = [new_code_cell(OPEN, id="open", execution_count=1)]
    for task in ATTACKED.tasks:
        cells.append(new_code_cell("value = None", id=task.cell))
        check = f'lab.check("{task.id}", value=value)'
        cells.append(new_code_cell(check, id=task.cell.replace("answer", "check")))
    for folder in ("notebooks", "solutions"):
        (root / folder).mkdir()
        nbformat.write(new_notebook(cells=cells), root / folder / f"{ATTACKED.file_stem}.ipynb")
    return Handout(root, {ATTACKED.slug: ATTACKED})


def handed_in(first: str, second: str = f"value = {SECRET!r}") -> Submission:
    return Submission("eve", ATTACKED.slug, "", {"answer-1-1": first, "answer-1-2": second})
