"""What a student gets of a lesson: the same cells, ids and tags, without answers and outputs."""

from __future__ import annotations

from nbformat import NotebookNode

from labs.release import answer_markers, source


def strip(notebook: NotebookNode) -> NotebookNode:
    """Return the student's copy of a lesson; executed or not, the same source gives the same copy.

    Raises:
        ReleaseError: A solution marker has no partner.
    """
    copy = source.copy_of(notebook)
    copy.cells = [cell for cell in copy.cells if not answer_markers.is_solution_only(cell)]
    for cell in copy.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k == "tags"}
        if cell.cell_type == "code":
            cell.source = answer_markers.cut(cell)
            cell.outputs = []
            cell.execution_count = None
    return copy
