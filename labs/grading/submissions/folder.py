"""Reads nbgrader's layout, `SUBMISSIONS/<student>/<lesson slug>/<notebook>.ipynb`, into submissions.

Anything wrong with one becomes its `problem`, a line of text and zero points; the others are read all the
same. Folders are opened without following links, one below the other, so that no link leads out.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from labs.grading.models import GradingError, Submission
from labs.grading.submissions.handout import Handout
from labs.grading.submissions.notebook_file import (
    Unusable,
    cells_of,
    ids_of,
    parse,
    read_bytes,
    source_of,
)

if TYPE_CHECKING:
    from labs.lesson import Lesson

# A student who made a thousand folders gets lines for some.
MAX_UNKNOWN = 10
NOTHING = "nothing was handed in"


@dataclass(frozen=True)
class Listing:
    """What a folder of submissions holds: names of folders, bytes decoded as Python does."""

    folder: Path
    students: tuple[str, ...]
    handed_in: dict[str, tuple[str, ...]]
    problems: dict[str, str]

    def slugs(self) -> set[str]:
        """The names of all lessons' folders of all students."""
        return {slug for slugs in self.handed_in.values() for slug in slugs}


def list_folder(folder: Path) -> Listing:
    """Look which students handed in which lessons; no notebook is opened.

    Raises:
        GradingError: The folder is missing, cannot be read or holds no folder.
    """
    try:
        with _opened(folder, None) as top:
            students = tuple(_folders(top))
            problems: dict[str, str] = {}
            handed_in = {each: _lessons_of(each, top, problems) for each in students}
    except Unusable as error:
        raise GradingError(
            f"read submissions in {folder}: {error}",
            hint="name the folder that holds <student>/<lesson>/<notebook>.ipynb",
        ) from error
    if not students:
        raise GradingError(
            f"read submissions in {folder}: no student's folder in it",
            hint="the layout is <student>/<lesson>/<notebook>.ipynb",
        )
    return Listing(folder, students, handed_in, problems)


def lessons_of(listing: Listing, handout: Handout, only: str = "") -> list[Lesson]:
    """The lessons to grade: the one asked for, or all that were handed in, in course order.

    Raises:
        GradingError: There is no such lesson, or none of the folders is a lesson's.
    """
    if only:
        return [_named(only, handout)]
    found = [handout.lessons[slug] for slug in listing.slugs() & set(handout.lessons)]
    if not found:
        raise GradingError(
            f"grade {listing.folder}: no folder in it has a lesson's name",
            hint="name lessons' folders by slug: " + ", ".join(sorted(handout.lessons)),
        )
    return sorted(found, key=lambda lesson: lesson.number)


def read_all(
    listing: Listing, lessons: Sequence[Lesson], handout: Handout, *, with_unknown: bool = True
) -> Iterator[Submission]:
    """Every student's submission of each of `lessons`; a student who handed in none gets a line that says so.

    Args:
        listing: What was handed in.
        lessons: The lessons to grade.
        handout: All lessons of the course.
        with_unknown: Whether folders that have no lesson's name get a line too.
    """
    for student in listing.students:
        for lesson in lessons:
            yield read_one(listing, student, lesson, handout)
        unknown = [slug for slug in listing.handed_in[student] if slug not in handout.lessons]
        for slug in unknown[:MAX_UNKNOWN] if with_unknown else []:
            yield Submission(student, slug, f"{student}/{slug}", problem=_unknown(slug, handout))


def read_one(listing: Listing, student: str, lesson: Lesson, handout: Handout) -> Submission:
    """One student's submission of one lesson."""
    sent = Submission(student, lesson.slug, f"{student}/{lesson.slug}")
    if problem := listing.problems.get(student):
        return replace(sent, problem=problem)
    if lesson.slug not in listing.handed_in[student]:
        return replace(sent, problem=f"{NOTHING}: there is no folder {lesson.slug}")
    try:
        with ExitStack() as opened:
            folder: int | None = None
            for part in (listing.folder, student, lesson.slug):
                folder = opened.enter_context(_opened(part, folder))
            assert folder is not None
            name, remarks = _notebook_in(folder, lesson)
            notebook, odd = parse(read_bytes(name, folder))
        answers, more = _answers(cells_of(notebook), lesson, handout)
    except Unusable as error:
        return replace(sent, problem=str(error))
    path = f"{sent.path}/{name}"
    return replace(sent, path=path, answers=answers, remarks=(*remarks, *odd, *more))


@contextmanager
def _opened(name: str | Path, inside: int | None) -> Iterator[int]:
    """A folder's descriptor. Only the outermost, which the instructor named, may be a link.

    Raises:
        Unusable: It is not a folder, or cannot be opened.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    if inside is not None:
        # With dir_fd, so that no part of the path is looked up twice: a folder that is replaced by
        # a link between two calls is not followed either.
        flags |= os.O_NOFOLLOW
    try:
        descriptor = os.open(name, flags, dir_fd=inside)
    # ValueError: a NUL byte in a name.
    except (OSError, ValueError) as error:
        said = os.strerror(error.errno or 0) if isinstance(error, OSError) else str(error)
        raise Unusable(f"the folder cannot be read: {said}") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _entries(folder: int) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            # By bytes, as a name may hold bytes that are not UTF-8.
            return sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise Unusable(f"the folder cannot be read: {os.strerror(error.errno or 0)}") from error


def _folders(folder: int) -> Iterator[str]:
    """Names of folders, and of links, so that a link is reported and not overlooked. Hidden ones are an editor's."""
    for entry in _entries(folder):
        is_folder = entry.is_dir(follow_symlinks=False) or entry.is_symlink()
        if is_folder and not _is_hidden(entry.name):
            yield entry.name


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and not name.startswith("..")


def _lessons_of(student: str, top: int, problems: dict[str, str]) -> tuple[str, ...]:
    try:
        with _opened(student, top) as home:
            return tuple(_folders(home))
    except Unusable as error:
        problems[student] = str(error)
        return ()


def _notebook_in(folder: int, lesson: Lesson) -> tuple[str, list[str]]:
    """The name of the one notebook in a folder, and remarks.

    Raises:
        Unusable: There is none, or several and none has the name it was handed out with.
    """
    names = [
        entry.name
        for entry in _entries(folder)
        if entry.name.lower().endswith(".ipynb")
        and not _is_hidden(entry.name)
        and not entry.is_dir(follow_symlinks=False)
    ]
    if not names:
        raise Unusable(f"{NOTHING}: there is no notebook in the folder {lesson.slug}")
    own = f"{lesson.file_stem}.ipynb"
    # Not guessed: a copy or an old draft would get a wrong grade.
    if len(names) > 1 and own not in names:
        raise Unusable(f"{len(names)} notebooks, and none is called {own}: which one counts?")
    name = own if own in names else names[0]
    others = len(names) - 1
    return name, [f"{own} was graded, {others} other notebook(s) were not"] if others else []


def _answers(
    cells: Iterable[dict[str, object]], lesson: Lesson, handout: Handout
) -> tuple[dict[str, str], list[str]]:
    """The sources of a lesson's answer cells by id, and remarks.

    Raises:
        Unusable: There is not one of them.
    """
    wanted = [task.cell for task in lesson.tasks]
    answers: dict[str, str] = {}
    remarks: list[str] = []
    found: Counter[str] = Counter()
    for id, cell in ids_of(cells):
        found[id] += 1
        if id not in wanted or found[id] > 1:
            continue
        try:
            answers[id], odd = source_of(cell)
        except Unusable as error:
            odd = f"{error}; the untouched starter was run"
        remarks += [f"cell {id} {odd}"] if odd else []
    kept = [id for id in found if id in wanted]
    if not kept:
        raise Unusable(_lost(found, lesson, handout))
    return answers, remarks + _remarks(kept, found, wanted)


def _remarks(kept: list[str], found: Counter[str], wanted: list[str]) -> list[str]:
    remarks = [
        f"cell {id} stands {found[id]} times; the first one counts" for id in kept if found[id] > 1
    ]
    remarks += [
        f"cell {id} is missing; the untouched starter was run" for id in wanted if id not in kept
    ]
    if kept != [id for id in wanted if id in kept]:
        remarks.append("the answers stand in another order; they were run in the lesson's")
    return remarks


def _lost(found: Counter[str], lesson: Lesson, handout: Handout) -> str:
    """Why a notebook has no answer cell: it is another lesson's, or has lost them."""
    for other in handout.lessons.values():
        if {task.cell for task in other.tasks} & found.keys():
            return f"this is the notebook of another lesson, {other.slug}"
    return (
        f"the notebook has lost its exercise cells: none of {len(lesson.tasks)} is there; "
        "answer in the cells handed out"
    )


def _named(slug: str, handout: Handout) -> Lesson:
    if slug not in handout.lessons:
        raise GradingError(_unknown(slug, handout), hint="see the folders' names")
    return handout.lessons[slug]


def _unknown(slug: str, handout: Handout) -> str:
    known = sorted(handout.lessons)
    near = get_close_matches(slug, known, n=1)
    return f'no lesson "{slug}"; ' + (
        f'did you mean "{near[0]}"?' if near else f"the lessons are {', '.join(known)}"
    )
