"""The answers inside cells: what stands between two markers, and the cell without it."""

from __future__ import annotations

from nbformat import NotebookNode

from labs.release.folders import ReleaseError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
PLACE = "# YOUR CODE HERE"
SOLUTION_TAG = "solution"


def is_solution_only(cell: NotebookNode) -> bool:
    """Tell whether students never see this cell at all."""
    return SOLUTION_TAG in cell.metadata.get("tags", [])


def blocks(cell: NotebookNode) -> list[str]:
    """Return the answers of a cell, each without its markers.

    Raises:
        ReleaseError: A marker has no partner.
    """
    return _split(cell)[1]


def cut(cell: NotebookNode) -> str:
    """Return the cell's source with each answer replaced by the place for the student's own."""
    return "\n".join(_split(cell)[0])


def given(cell: NotebookNode) -> str:
    """Return the code that stands around the answers of a cell: students get it too."""
    return "\n".join(line for line in cut(cell).splitlines() if line.strip() != PLACE).strip("\n")


def unmarked(cell: NotebookNode) -> str:
    """Return the cell's source with its answers and without their markers."""
    blocks(cell)
    return "\n".join(line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END))


def _split(cell: NotebookNode) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    answers: list[str] = []
    answer: list[str] | None = None
    for line in cell.source.splitlines():
        mark = line.strip()
        if mark in (BEGIN, END) and (mark == BEGIN) == (answer is not None):
            raise ReleaseError(f"cell {cell.id!r}: {mark!r} has no partner")
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
        raise ReleaseError(f"cell {cell.id!r}: {BEGIN!r} has no partner")
    return kept, answers
