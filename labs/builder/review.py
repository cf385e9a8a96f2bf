"""What is missing or wrong in one lesson, and the figures of its rhythm: what `labs check-lesson` prints.

Beside the rules of `check`, which hold for every lesson, it looks at what a lesson has to have when it is done: the
sections in order, hints, points, cases, links, and no TODO.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from labs.builder import check, source
from labs.builder.folders import LessonFiles
from labs.builder.pace import Pace
from labs.builder.scaffold import is_assignment
from labs.lesson import Exercise, Lesson, Question

POINTS, ASSIGNMENT_POINTS = 20, 100
HINTS = (2, 3)
AT_LEAST = {"Right": 2, "Blank": 1, "Wrong": 3}
"""How many cases of each kind an exercise needs."""

# In the order in which a lesson has them. An assignment shows nothing and breaks nothing, it only asks.
_SECTIONS = {
    "You will": r"^\*\*You will\*\*",
    "Why it matters": r"^\*\*Why it matters\.\*\*",
    "Break it": r"^## Break it",
    "Exercise": r"^## (?:Exercise )?\d+\.\d+",
    "What you learned": r"^## What you learned",
    "Next": r"^\*\*Next:\*\*",
}
_NOT_IN_ASSIGNMENTS = ("Why it matters", "Break it")
_MINUTES = re.compile(r"It takes about (\d+) minutes")
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
_CODE = re.compile(r"(`{3,}).*?\1|`[^`\n]*`|<[^>]+>", re.DOTALL)


@dataclass(frozen=True)
class Review:
    """Problems that have to be corrected, and figures to compare with other lessons."""

    problems: tuple[str, ...]
    figures: tuple[str, ...]


def review(files: LessonFiles, lesson: Lesson) -> Review:
    """Look at everything that belongs to a lesson; nothing is run.

    Raises:
        BuildError: Its source cannot be read.
    """
    notebook = source.read(files.source)
    found = [
        *(str(problem) for problem in check.problems(files.root, [files.slug])),
        *_todo(files),
        *_sections(notebook, lesson),
        *_tasks(lesson),
        *_cases(files.root, lesson),
        *_links(files, notebook),
    ]
    return Review(tuple(found), tuple(_figures(notebook)))


def _todo(files: LessonFiles) -> Iterator[str]:
    package = files.slug.replace("-", "_")
    tests = files.root / "tests" / "lessons" / f"{package}_cases.py"
    for path in (files.source, *(files.root / "labs/lessons" / package).glob("*.py"), tests):
        count = path.read_text(encoding="utf-8").count("TODO") if path.is_file() else 0
        if count:
            yield f"{path}: {count} TODO"


def _sections(notebook: NotebookNode, lesson: Lesson) -> Iterator[str]:
    """The sections that every lesson has, in order, and the minutes that its text gives."""
    text = _prose(notebook)
    assignment = is_assignment(lesson.number)
    reached = -1
    for name, pattern in _SECTIONS.items():
        if assignment and name in _NOT_IN_ASSIGNMENTS:
            continue
        match = re.search(pattern, text, re.MULTILINE)
        if not match:
            yield f"section {name!r} is missing"
        elif match.start() < reached:
            yield f"section {name!r} comes too early"
        reached = max(reached, match.start() if match else -1)
    # The minutes are in the package and in the text: two places that can differ.
    told = _MINUTES.search(text)
    if not told or int(told[1]) != lesson.minutes:
        seen = f"says {told[1]}" if told else "says nothing"
        yield f'the lesson {seen} of minutes: "It takes about {lesson.minutes} minutes"'


def _tasks(lesson: Lesson) -> Iterator[str]:
    """Hints and points."""
    for task in lesson.tasks:
        least, most = HINTS if isinstance(task, Exercise) else (1, HINTS[1])
        if not least <= len(task.hints) <= most:
            yield f"{task.id} has {len(task.hints)} hints, wanted {least} to {most}"
    wanted = ASSIGNMENT_POINTS if is_assignment(lesson.number) else POINTS
    if lesson.points != wanted:
        yield f"the points add up to {lesson.points}, wanted {wanted}"


def _cases(root: Path, lesson: Lesson) -> Iterator[str]:
    """How many right, blank and wrong answers each exercise is tested with."""
    name = f"{lesson.slug.replace('-', '_')}_cases"
    if not (root / "tests" / "lessons" / f"{name}.py").is_file():
        yield f"tests/lessons/{name}.py is missing"
        return
    table = _table(root, f"tests.lessons.{name}")
    for task in lesson.tasks:
        kinds = Counter(type(case).__name__ for case in table.get(task.id, []))
        wanted = dict(AT_LEAST)
        if isinstance(task, Question):
            wanted = {"Right": 1, "Blank": 1, "Wrong": len(task.choices) - 1}
        for kind, number in wanted.items():
            if kinds[kind] < number:
                yield f"{task.id} has {kinds[kind]} {kind.lower()} cases, wanted {number}"
    for id in sorted(set(table) - {task.id for task in lesson.tasks}):
        yield f"tests/lessons/{name}.py has cases of {id}, which is not in the lesson"


def _table(root: Path, module: str) -> dict[str, list[Any]]:
    # The tests are part of the checkout, not of the installed package.
    sys.path.insert(0, str(root))
    try:
        table: dict[str, list[Any]] = import_module(module).CASES
    finally:
        sys.path.remove(str(root))
    return table


def _links(files: LessonFiles, notebook: NotebookNode) -> Iterator[str]:
    """Links to other lessons lead to one; addresses on the web are not asked."""
    for target in _LINK.findall(_prose(notebook)):
        path = files.source.parent / target
        known = path.with_suffix(".py") if path.suffix == ".ipynb" else path
        if not known.is_file():
            yield f"the link to {target} leads nowhere"


def _figures(notebook: NotebookNode) -> Iterator[str]:
    """What is counted, with the limits of CONTRIBUTING; a test lists the lessons that miss one."""
    found = Pace.of(notebook)
    yield f"{found.words:.1f} words a line of Python that is given"
    yield f"first own task after {found.before_percent} % of the cells, then at most {found.between} between two"
    yield from found.misses


def _prose(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
