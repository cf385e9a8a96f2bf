"""What is wrong with the lessons: files out of date, and broken rules. It repairs nothing."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from labs.builder import answer_markers, rules, shop_notebook, source
from labs.builder.folders import BuildError, LessonFiles, find_root, lessons
from labs.lessons import drafts

ExercisesOf = Callable[[str], Collection[str] | None]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and the file that it is wrong with."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def known_exercises(slug: str) -> Collection[str] | None:
    """Return the ids that a lesson's package knows, or None when there are no packages."""
    # find_spec, so that an error inside a package is raised and not taken for a missing one.
    if importlib.util.find_spec("labs.lessons") is None:
        return None
    name = f"labs.lessons.{slug.replace('-', '_')}"
    if importlib.util.find_spec(name) is None:
        return frozenset()
    lesson = importlib.import_module(name).LESSON
    return frozenset(item.id for item in (*lesson.exercises, *lesson.questions))


def stale(root: Path | None = None) -> list[tuple[Path, str]]:
    """Return the files that are not what the sources give, each with the reason.

    Pages are not looked at: they are made with the site and never stored.
    """
    folder = root or find_root()
    found = [problem for files in lessons(folder) for problem in _stale(files)]
    sources = {files.stem for files in lessons(folder)}
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        if path.stem not in (*sources, shop_notebook.STEM):
            known = LessonFiles(folder, path.stem).source.is_file()
            reason = "is of a draft" if known else "has no source in solutions/"
            found.append(Problem(path, reason))
    return [(problem.path, problem.reason) for problem in (*found, *_of_the_shop(folder))]


def problems(
    root: Path,
    wanted: list[str] | None = None,
    *,
    exercises_of: ExercisesOf = known_exercises,
) -> list[Problem]:
    """Return everything that is wrong with the lessons: what is stale, and each broken rule.

    Args:
        root: The course's folder.
        wanted: As in `folders.lessons`.
        exercises_of: Gives the exercises that a lesson's package knows, by slug.
    """
    found = [p for files in lessons(root, wanted) for p in _problems(files, exercises_of)]
    return found if wanted else [*found, *_of_the_shop(root)]


def _of_the_shop(root: Path) -> list[Problem]:
    return [Problem(path, reason) for path, reason in shop_notebook.problems(root)]


def _problems(files: LessonFiles, exercises_of: ExercisesOf) -> Iterator[Problem]:
    try:
        lesson = source.read(files.source)
        answer_markers.strip(lesson)
    except BuildError as error:
        yield Problem(files.source, str(error).replace("\n", " "))
        return
    yield from _stale(files)
    for reason in _broken_rules(lesson, exercises_of(files.slug)):
        yield Problem(files.source, reason)
    if files.executed.is_file():
        executed = source.read_ipynb(files.executed)
        for reason in (*rules.stored_outputs(executed), *rules.unpassed(executed)):
            yield Problem(files.executed, reason)
    if files.student.is_file():
        for reason in rules.leaks(lesson, source.read_ipynb(files.student)):
            yield Problem(files.student, reason)


def _broken_rules(lesson: NotebookNode, known: Collection[str] | None) -> Iterator[str]:
    yield from rules.sizes(lesson)
    yield from rules.words(lesson)
    yield from rules.exercises(lesson, known)
    yield from rules.twins_of_answers(lesson)
    yield from rules.markers(lesson)


def _stale(files: LessonFiles) -> Iterator[Problem]:
    try:
        lesson = source.read(files.source)
        wanted = source.ipynb_text(answer_markers.strip(lesson))
    except BuildError as error:
        yield Problem(files.source, str(error).replace("\n", " "))
        return
    if not files.executed.is_file():
        yield Problem(files.executed, "missing: run `labs build`")
    else:
        for reason in differences(lesson, source.read_ipynb(files.executed)):
            yield Problem(files.executed, reason)
    if files.slug in {lesson.slug for lesson in drafts()}:
        return  # students do not see it
    if not files.student.is_file():
        yield Problem(files.student, "missing: run `labs build`")
    # Text, not JSON: the files in the repository must be the bytes that a build writes.
    elif files.student.read_text(encoding="utf-8") != wanted:
        yield Problem(files.student, "is not what the source gives: run `labs build --no-run`")


def differences(lesson: NotebookNode, executed: NotebookNode) -> Iterator[str]:
    """Give the cells in which a stored run is not the source's."""
    # strict=False: a difference in number is reported below, after the cells that differ.
    for cell, stored in zip(lesson.cells, executed.cells, strict=False):
        if cell.id != stored.get("id"):
            yield f"cell {stored.get('id')!r} stands where the source has {cell.id!r}"
            return
        if _face(cell) != _face(stored):
            yield f"cell {cell.id!r} is not the source's"
    if len(lesson.cells) != len(executed.cells):
        yield f"{len(executed.cells)} cells, the source has {len(lesson.cells)}"


def _face(cell: NotebookNode) -> tuple[str, str, object]:
    """Return what a source decides of a cell."""
    kept = {key: cell.metadata.get(key) for key in source.KEPT_CELL_METADATA}
    return cell.cell_type, cell.source, kept
