"""The lessons of this checkout, for tests that take each of them, and what their checks say."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode

from labs.builder import LessonFiles, lessons, rules

COURSE = Path(__file__).parents[2]
LESSONS = lessons(COURSE)


def name_of(files: LessonFiles) -> str:
    return files.stem


def undue_verdicts(ran_as_handed_out: NotebookNode) -> list[str]:
    """Return what is wrong with the verdicts of a notebook in which nothing was answered."""
    found = []
    for cell_id, text in rules.verdicts(ran_as_handed_out).items():
        exercise = cell_id.removeprefix("check-").replace("-", ".")
        if not text.startswith((f"{exercise} not attempted", f"{exercise} not yet")):
            found.append(f"{cell_id}: {text.strip() or 'nothing'}")
    return found
