"""What a class was given: the lessons, and the notebooks that they were handed out as.

A grader takes everything but the answers from here, so nothing that a student did to the rest of a
notebook reaches a run.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode

from labs import lessons
from labs.grading.models import GradingError

if TYPE_CHECKING:
    from labs.lesson import Lesson

_PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Handout:
    """Lessons by slug, and the course folder that holds `notebooks/` and `solutions/`."""

    root: Path = _PACKAGE.parent
    lessons: dict[str, Lesson] = field(
        default_factory=lambda: {each.slug: each for each in lessons.all_lessons()}
    )

    def pristine(self, lesson: Lesson) -> NotebookNode:
        """A copy of the lesson's notebook as it was handed out, with the outputs of the solution's run.

        It has no answer and no output of an answer: the answers' cells are as they were handed out.
        """
        if lesson.slug not in self._pristine:
            self._pristine[lesson.slug] = self._join(lesson)
        # A copy: `assemble` writes a student's answers into it.
        return copy.deepcopy(self._pristine[lesson.slug])

    def code_cells(self, lesson: Lesson) -> list[str]:
        """The ids of the lesson's code cells in their order, which is how nbval numbers them, from 0."""
        return [cell.id for cell in self.pristine(lesson).cells if cell.cell_type == "code"]

    def solution(self, lesson: Lesson) -> Path:
        """The lesson's executed solution."""
        return self.root / "solutions" / f"{lesson.file_stem}.ipynb"

    @cached_property
    def _pristine(self) -> dict[str, NotebookNode]:
        return {}

    def _join(self, lesson: Lesson) -> NotebookNode:
        notebook = _read(self.root / "notebooks" / f"{lesson.file_stem}.ipynb")
        executed = {cell.id: cell for cell in _read(self.solution(lesson)).cells}
        own = cells_of_tasks(lesson)
        missing = own - {cell.id for cell in notebook.cells}
        if missing:
            raise GradingError(
                f"lesson {lesson.slug}: its notebook has no cell {', '.join(sorted(missing))}",
                hint="`labs build` makes the notebooks again",
            )
        for cell in notebook.cells:
            run = executed.get(cell.id)
            if cell.cell_type == "code" and run is not None and cell.id not in own:
                # nbval takes a cell with outputs and no number for one that was never run.
                cell.outputs, cell.execution_count = run.outputs, run.execution_count
        return notebook


def cells_of_tasks(lesson: Lesson) -> set[str]:
    """The ids of all cells that hold an answer or a check."""
    return {id for task in lesson.tasks for id in (task.cell, check_cell(task.cell))}


def check_cell(answer_cell: str) -> str:
    """The id of the check's cell that belongs to an answer's: `answer-1-2` has `check-1-2`."""
    return answer_cell.replace("answer-", "check-", 1)


def _read(path: Path) -> NotebookNode:
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise GradingError(
            f"read {path}: {error}",
            hint="grading needs the course's folder, with notebooks/ and solutions/",
        ) from error
    return notebook
