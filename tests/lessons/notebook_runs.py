"""A lesson's notebook, run in a kernel: as handed out, and as solved, compared by nbval with what is stored.

Where a run has both, each exercise is judged as handed out right before its answer comes, which proves of the blank
all but that the cells after it do without the answer.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from labs.builder import LessonFiles, Sanitizer, compare, run, source
from labs.lesson import Lesson
from tests.lessons.open_lesson import ROOT
from tests.notebooks.course import undue_verdicts

_FAILED = ("not attempted", "not yet")


def undue_verdicts_of_blank(lesson: Lesson) -> list[str]:
    """Run the notebook as handed out; what is wrong with its verdicts."""
    files = _files(lesson)
    ran = run(
        source.read_ipynb(files.student),
        cwd=files.student.parent,
        sanitizer=Sanitizer.from_file(files.sanitizers),
    )
    return undue_verdicts(ran)


def differences(lesson: Lesson, name: str, notebook: Path | None = None) -> str:
    """Run a notebook by nbval, the lesson's stored solution by default; empty where each cell gave its stored output.

    Args:
        lesson: Whose outputs are compared.
        name: Of the JUnit file.
        notebook: The same with further cells.
    """
    files = _files(lesson)
    junit = ROOT / "build" / "junit" / f"nbval-{files.stem}-{name}.xml"
    ran = compare(notebook or files.executed, sanitizers=files.sanitizers, junit=junit)
    return f"{ran.stdout}\n{ran.stderr}" if ran.returncode else ""


def with_blanks(lesson: Lesson, *, but: frozenset[str], folder: Path) -> Path:
    """Write the stored solution with each exercise judged as handed out before its answer.

    Args:
        lesson: Whose notebook it is.
        but: Exercises that are left out: an answer before them does their work.
        folder: Where to write it.
    """
    files = _files(lesson)
    solved, handed_out = (
        nbformat.read(path, as_version=4) for path in (files.executed, files.student)
    )
    starters = {cell.id: cell.source for cell in handed_out.cells}
    cells: list[NotebookNode] = []
    for cell in solved.cells:
        exercise = cell.id.removeprefix("answer-").replace("-", ".")
        if cell.id.startswith("answer-") and exercise not in but:
            cells += _blank(starters[cell.id], starters[cell.id.replace("answer", "check")])
        cells.append(cell)
    solved.cells = cells
    written = folder / f"{files.stem}.ipynb"
    nbformat.write(solved, written)
    return written


def _blank(starter: str, check: str) -> list[NotebookNode]:
    """Cells that run a starter, whatever it prints, and fail where its check does not say that it is one."""
    verdict = check.replace("lab.check(", "lab.verdict(")
    assert verdict != check
    return [
        new_code_cell(f"# NBVAL_IGNORE_OUTPUT\n{starter}"),
        new_code_cell(f"assert {verdict}.outcome in {_FAILED}"),
    ]


def _files(lesson: Lesson) -> LessonFiles:
    return LessonFiles(ROOT, lesson.file_stem)
