"""The answers in cells: lines between two markers, a cell without them, and the copy of a lesson for students."""

from __future__ import annotations

import copy

from nbformat import NotebookNode

from labs.builder.folders import BuildError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
PLACE = "# YOUR CODE HERE"
SOLUTION_TAG = "solution"
# Editors that save nbformat 4.4, or draw new cell ids, keep metadata: nbgrader has its `grade_id` there.
METADATA = "labs"
_FOUND_BY_ID = ("answer-", "check-")


def is_solution_only(cell: NotebookNode) -> bool:
    """Tell whether students never see this cell at all."""
    return SOLUTION_TAG in cell.metadata.get("tags", [])


def blocks(cell: NotebookNode) -> list[str]:
    """Return the answers of a cell, each without its markers.

    Raises:
        BuildError: A marker has no partner.
    """
    return _split(cell)[1]


def cut(cell: NotebookNode) -> str:
    """Return the cell's source with each answer replaced by the place for the student's own."""
    return "\n".join(_split(cell)[0])


def given(cell: NotebookNode) -> str:
    """Return the code around the answers of a cell: students get it too."""
    return "\n".join(line for line in cut(cell).splitlines() if line.strip() != PLACE).strip("\n")


def unmarked(cell: NotebookNode) -> str:
    """Return the cell's source with its answers and without their markers."""
    blocks(cell)
    return "\n".join(line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END))


def strip(notebook: NotebookNode) -> NotebookNode:
    """Return the student's copy of a lesson; executed or not, the same source gives the same copy.

    Raises:
        BuildError: A solution marker has no partner.
    """
    # The caller still compares the whole lesson with this copy.
    stripped = copy.deepcopy(notebook)
    stripped.cells = [cell for cell in stripped.cells if not is_solution_only(cell)]
    for cell in stripped.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k == "tags"} | _own_id(cell)
        if cell.cell_type == "code":
            cell.source = cut(cell)
            # Outputs of a solution's run would show the answer.
            cell.outputs = []
            cell.execution_count = None
    return stripped


def _own_id(cell: NotebookNode) -> dict[str, object]:
    """The id of an answer's or a check's cell, as metadata: grading finds the cell by either."""
    return {METADATA: {"cell": cell.id}} if cell.id.startswith(_FOUND_BY_ID) else {}


def _split(cell: NotebookNode) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    answers: list[str] = []
    answer: list[str] | None = None
    for line in cell.source.splitlines():
        mark = line.strip()
        if mark in (BEGIN, END) and (mark == BEGIN) == (answer is not None):
            raise BuildError(f"cell {cell.id!r}: {mark!r} has no partner")
        if mark == BEGIN:
            kept.append(line.replace(BEGIN, PLACE))
            answer = []
        elif answer is None:
            kept.append(line)
        elif mark == END:
            answers.append("\n".join(answer))
            answer = None
        else:
            answer.append(line)
    if answer is not None:
        raise BuildError(f"cell {cell.id!r}: {BEGIN!r} has no partner")
    return kept, answers
