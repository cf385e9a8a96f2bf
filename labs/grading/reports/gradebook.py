"""All files that a run writes for people to read, made of results alone; each is written whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labs.files import write_whole
from labs.grading.models import Graded, Result
from labs.grading.reports import feedback, tables
from labs.grading.reports.escaping import folder_names
from labs.grading.reports.junit import errors, junit

if TYPE_CHECKING:
    from labs.lesson import Lesson


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
    for name, text in _files(graded, lessons, run, cells or {}):
        # Whole or not at all: a full disk leaves the old file, not half of a new one.
        write_whole(out / name, text)


def _files(
    graded: Sequence[Graded],
    lessons: Sequence[Lesson],
    run: Mapping[str, Any],
    cells: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, str]]:
    """The path of each file in the folder of grades, and its text."""
    results = [result for _, result in graded]
    raised = {(each.student, each.slug): _raised(each, cells) for each in results}
    yield "grades.csv", tables.grades(results, raised)
    yield "summary.csv", tables.summary(results, lessons)
    yield "summary-canvas.csv", tables.canvas(results, lessons)
    yield "junit.xml", junit(results)
    for name, text in _feedback(graded, lessons, cells):
        yield f"feedback/{name}", text
    yield "run.json", json.dumps(dict(run), indent=2, sort_keys=True) + "\n"


def _feedback(
    graded: Sequence[Graded],
    lessons: Sequence[Lesson],
    cells: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, str]]:
    known = {lesson.slug: lesson for lesson in lessons}
    folders = folder_names(submission.student for submission, _ in graded)
    rows: dict[str, dict[str, Result]] = {student: {} for student in folders}
    for submission, result in graded:
        # A folder that has no lesson's name was named by the student: it gets a line, but not a page.
        if lesson := known.get(submission.slug):
            rows[submission.student][submission.slug] = result
            raised = _raised(result, cells)
            name = f"{folders[submission.student]}/{submission.slug}.html"
            yield name, feedback.page(submission, result, lesson, raised)
    table = [(student, folders[student], results) for student, results in rows.items()]
    yield "index.html", feedback.index(table, list(known))
    # ASCII keeps each byte of a name: os.fsencode reverses Python's way to decode it.
    names = {folders[student]: student for student in rows}
    yield "index.json", json.dumps(names, indent=1, sort_keys=True) + "\n"


def _raised(result: Result, cells: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What cells of a submission raised, by the cell's id."""
    ids = dict(enumerate(cells.get(result.slug, ())))
    return {ids[number]: text for number, text in errors(result).items() if number in ids}
