"""Everything a run leaves for people to read, made of results alone and written file by file, each whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labs.grading.cache import write_whole
from labs.grading.models import Result, Submission
from labs.grading.reports import feedback, tables
from labs.grading.reports.escaping import folder_names
from labs.grading.reports.junit import errors, junit

if TYPE_CHECKING:
    from labs.lesson import Lesson

Graded = tuple[Submission, Result]


def write(
    out: Path,
    graded: Sequence[Graded],
    lessons: Sequence[Lesson],
    run: Mapping[str, Any],
    cells: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write all files of a run into the folder of grades.

    Args:
        out: The folder of grades.
        graded: Every submission with its result, in the order of the lines.
        lessons: The lessons of the class, in the order of the columns.
        run: What `run.json` says of the run itself.
        cells: The ids of each lesson's code cells in their order, to tell which one raised what.

    Raises:
        OSError: One could not be written; those before it are, whole.
    """
    results = [result for _, result in graded]
    write_whole(out / "grades.csv", tables.grades(results))
    write_whole(out / "summary.csv", tables.summary(results, lessons))
    write_whole(out / "summary-canvas.csv", tables.canvas(results, lessons))
    write_whole(out / "junit.xml", junit(results))
    _write_feedback(out / "feedback", graded, lessons, cells or {})
    write_whole(out / "run.json", json.dumps(dict(run), indent=2, sort_keys=True) + "\n")


def _write_feedback(
    folder: Path,
    graded: Sequence[Graded],
    lessons: Sequence[Lesson],
    cells: Mapping[str, Sequence[str]],
) -> None:
    known = {lesson.slug: lesson for lesson in lessons}
    folders = folder_names(submission.student for submission, _ in graded)
    rows: dict[str, dict[str, Result]] = {student: {} for student in folders}
    for submission, result in graded:
        # The name of a folder of no lesson is the student's word: it gets a line and no page.
        if lesson := known.get(submission.slug):
            rows[submission.student][submission.slug] = result
            path = folder / folders[submission.student] / f"{submission.slug}.html"
            ids = dict(enumerate(cells.get(lesson.slug, ())))
            said = {
                ids[playground]: text
                for playground, text in errors(result).items()
                if playground in ids
            }
            write_whole(path, feedback.page(submission, result, lesson, said))
    table = [(student, folders[student], results) for student, results in rows.items()]
    write_whole(folder / "index.html", feedback.index(table, list(known)))
    # ASCII keeps each byte of a name: Python's way to decode it is turned back by os.fsencode.
    names = {folders[student]: student for student in rows}
    write_whole(folder / "index.json", json.dumps(names, indent=1, sort_keys=True) + "\n")
