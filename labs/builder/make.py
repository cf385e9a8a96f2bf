"""Making a lesson's notebooks and page from its source: run it, cut the answers, write the page."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

from nbformat import NotebookNode

from labs.builder import answer_markers, execute, page, source
from labs.builder.execute import OnCell
from labs.builder.folders import BuildError, LessonFiles
from labs.builder.sanitize import Sanitizer
from labs.lessons import drafts


def make(
    files: LessonFiles, *, run: bool = True, on_cell: OnCell = lambda index, cell: None
) -> list[Path]:
    """Write all that follows from a lesson's source.

    Args:
        files: The lesson.
        run: Whether to run the source in a kernel; if not, the outputs of the last run are
            kept, which is possible only while the code is the same.
        on_cell: Called before each cell runs.

    Returns:
        The files written: executed notebook, student's notebook, page; of a draft the first alone.

    Raises:
        BuildError: The source cannot be read or run, or its code has changed since the last run.
    """
    lesson = source.read(files.source)
    if run:
        sanitizer = Sanitizer.from_file(files.sanitizers)
        executed = execute.run(
            lesson, cwd=files.executed.parent, sanitizer=sanitizer, on_cell=on_cell
        )
    else:
        executed = with_stored_outputs(lesson, files.executed)
    _write(files.executed, source.ipynb_text(executed))
    # A draft is run and tested, but not given to students.
    if files.slug in {lesson.slug for lesson in drafts()}:
        return [files.executed]
    _write(files.student, source.ipynb_text(answer_markers.strip(lesson)))
    page.write(files.executed, files.page.parent, about(files.slug))
    return [files.executed, files.student, files.page]


def with_stored_outputs(lesson: NotebookNode, executed: Path) -> NotebookNode:
    """Return a copy of a lesson with the outputs of its last run.

    Raises:
        BuildError: There was no run, or its code cells are not the lesson's.
    """
    hint = "Run `labs build` without --no-run."
    if not executed.is_file():
        raise BuildError(f"read {executed}: not there", hint=hint)
    stored = [cell for cell in source.read_ipynb(executed).cells if cell.cell_type == "code"]
    copy = source.copy_of(lesson)
    code = [cell for cell in copy.cells if cell.cell_type == "code"]
    # Text cells may differ: prose can be corrected without an engine.
    if [(cell.id, cell.source) for cell in code] != [(cell.id, cell.source) for cell in stored]:
        raise BuildError(f"reuse the outputs in {executed}: the code has changed", hint=hint)
    for cell, ran in zip(code, stored, strict=True):
        cell.outputs, cell.execution_count = ran.outputs, ran.execution_count
        if "outputs" in ran.metadata:
            cell.metadata["outputs"] = ran.metadata["outputs"]
    return copy


def about(slug: str) -> page.About | None:
    """Return the head of a page from the lesson's package, or None without such a package."""
    name = f"labs.lessons.{slug.replace('-', '_')}"
    if importlib.util.find_spec("labs.lessons") is None or importlib.util.find_spec(name) is None:
        return None
    lesson = importlib.import_module(name).LESSON
    return page.About(lesson.title, lesson.summary, lesson.minutes)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
