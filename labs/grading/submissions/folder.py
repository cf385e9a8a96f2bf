"""Reads a folder of submissions, or a zip file of them, into submissions: a line for each student and lesson.

nbgrader's layout is `SUBMISSIONS/<student>/<lesson slug>/<notebook>.ipynb`; `layout` knows the others. Anything wrong
with one submission becomes its `problem`, a line of text; the others are read all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from labs.grading.models import GradingError, Submission
from labs.grading.submissions.handout import Handout
from labs.grading.submissions.layout import Layout, StudentFolder
from labs.grading.submissions.notebook_file import Unusable
from labs.grading.submissions.student_files import MAX_UNKNOWN, StudentFiles, unknown_lesson
from labs.grading.submissions.walk import Entry, walk

if TYPE_CHECKING:
    from labs.lesson import Lesson

__all__ = ["MAX_UNKNOWN", "Listing", "lessons_of", "list_folder", "read_all"]


@dataclass
class Listing:
    """What a folder of submissions holds, by names alone: no notebook was opened."""

    folder: Path
    top: Entry
    _layouts: dict[int, Layout] = field(default_factory=dict)

    def layout(self, handout: Handout) -> Layout:
        """The same sorted by student."""
        if id(handout) not in self._layouts:
            layout = Layout(self.top, handout.lessons.values())
            # Where there is nothing else, the folder is one student's: `lessons_of` says so.
            if layout.students:
                layout.add_too_deep()
            self._layouts[id(handout)] = layout
        return self._layouts[id(handout)]


def list_folder(folder: Path) -> Listing:
    """Look what a folder or a zip file of submissions holds; no notebook is opened.

    Raises:
        GradingError: It is missing, cannot be read or holds nothing of a student.
    """
    try:
        top = walk(folder)
        if top.kind == "unreadable":
            raise Unusable(top.problem)
    except Unusable as error:
        raise GradingError(
            f"read submissions in {folder}: {error}",
            hint="name the folder that holds <student>/<lesson>/<notebook>.ipynb, or a zip file of it",
        ) from error
    if not any(each.kind != "other" for each in top.children):
        raise GradingError(
            f"read submissions in {folder}: no student's folder in it",
            hint="the layout is <student>/<lesson>/<notebook>.ipynb",
        )
    return Listing(folder, top)


def lessons_of(listing: Listing, handout: Handout, only: str = "") -> list[Lesson]:
    """The lessons to grade: the one asked for, or all that were handed in, in course order.

    Raises:
        GradingError: There is no such lesson, or nothing of any lesson was handed in.
    """
    if only:
        if only not in handout.lessons:
            raise GradingError(unknown_lesson(only, handout), hint="see the folders' names")
        return [handout.lessons[only]]
    layout = listing.layout(handout)
    slugs = {slug for each in layout.students.values() for slug in _lessons(each, handout)}
    if not slugs:
        deep = [each.name for each in layout.too_deep]
        known = ", ".join(sorted(handout.lessons))
        raise GradingError(
            f"grade {listing.folder}: no folder in it has a lesson's name",
            hint=f"{deep[0]} is a lesson: name the folder above the students' folders"
            if deep
            else f"name lessons' folders by slug: {known}",
        )
    return sorted((handout.lessons[slug] for slug in slugs), key=lambda lesson: lesson.number)


def read_all(
    listing: Listing, lessons: Sequence[Lesson], handout: Handout, *, with_unknown: bool = True
) -> Iterator[Submission]:
    """Every student's submission of each of `lessons`; a student who handed in none gets a line that says so.

    Args:
        listing: What was handed in.
        lessons: The lessons to grade.
        handout: All lessons of the course.
        with_unknown: Whether files that belong to no lesson get a line too.
    """
    for student in listing.layout(handout).students.values():
        yield from StudentFiles(student, handout).submissions(lessons, with_unknown=with_unknown)


def _lessons(student: StudentFolder, handout: Handout) -> set[str]:
    """The lessons that a student handed in something for; notebooks are opened only where no name tells."""
    named = {each.lesson for each in student.files} - {""}
    unnamed = [each for each in student.files if not each.lesson and each.entry.kind == "notebook"]
    if not unnamed:
        return named
    return named | StudentFiles(StudentFolder(student.name, files=unnamed), handout).lessons()
