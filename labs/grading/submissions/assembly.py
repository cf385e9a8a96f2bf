"""The notebook that is run for a submission: the one handed out, with the student's answers in it.

Of a submission, only the sources of answer cells get here. Anything else that could affect the run is
removed: outputs, tags, and the comments that nbval obeys. Magics stay, because what they change is the
student's own kernel, and nothing that a kernel says decides a grade.
"""

from __future__ import annotations

import io
import tokenize
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode

from labs.grading.submissions.handout import Handout, cells_of_tasks

if TYPE_CHECKING:
    from labs.grading.models import Submission
    from labs.lesson import Lesson

# nbval 0.11 strips a line, its leading "#" and the blanks, and compares the rest with these.
MARKERS = frozenset(
    (
        "NBVAL_IGNORE_OUTPUT",
        "NBVAL_CHECK_OUTPUT",
        "NBVAL_RAISES_EXCEPTION",
        "NBVAL_SKIP",
        "PYTEST_VALIDATE_IGNORE_OUTPUT",
    )
)


def assemble(submission: Submission, lesson: Lesson, handout: Handout) -> NotebookNode:
    """Return the notebook to run: an answer that was not handed in is the untouched starter."""
    notebook = handout.pristine(lesson)
    answers = {task.cell for task in lesson.tasks}
    own = cells_of_tasks(lesson)
    for cell in notebook.cells:
        if cell.id in own:
            # Metadata too: nbval obeys tags, and could be told to skip a check cell.
            cell.metadata, cell.outputs, cell.execution_count = {}, [], None
        if cell.id in answers and cell.id in submission.answers:
            cell.source = harmless(submission.answers[cell.id])
    return notebook


def text_of(notebook: NotebookNode) -> str:
    """The notebook's file; the same notebook gives the same text."""
    return str(nbformat.writes(notebook, version=4)) + "\n"  # type: ignore[no-untyped-call]


def harmless(source: str) -> str:
    """The same program without lines that nbval takes for its own comments.

    A comment is reworded. Where such a line is inside a string or a magic's body, the whole cell is
    handed to IPython as a string of one line, so that every character stays.
    """
    if not _marked(source):
        return source
    reworded = _reworded(source)
    # Checked again: a marker inside a string is not a comment, and is still there.
    if reworded is not None and not _marked(reworded):
        return reworded
    # Repr leaves no line break, so no line of it starts with "#".
    return f"get_ipython().run_cell({source!r}).raise_error()"


def _marked(source: str) -> bool:
    return any(
        line.strip().startswith("#") and line.strip().lstrip("#").strip() in MARKERS
        for line in source.splitlines()
    )


def _reworded(source: str) -> str | None:
    """The source with a word before each marker that is a comment; None where it is not plain Python."""
    if source.lstrip().startswith("%%"):
        return None
    lines = source.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and _marked(token.string):
                row, column = token.start
                line = lines[row - 1]
                lines[row - 1] = f"{line[:column]}# ignored: {line[column:]}"
    # Not Python, or a magic in it: the cell is run as a string instead.
    except (tokenize.TokenError, SyntaxError, ValueError, IndexError):
        return None
    return "\n".join(lines)
