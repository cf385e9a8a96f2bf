"""Whose a file is, and which lesson's, by where it is: the layouts of nbgrader, Moodle and Canvas, and of zip files.

nbgrader's is `<student>/<lesson>/<notebook>.ipynb`. Moodle exports `<name>_<number>_assignsubmission_file_` as a folder
or in front of a file's name (mod/assign/classes/downloader.php); the number is of one assignment. Canvas exports
`<name>_<LATE_><user>_<file>_<its name>`, all files side by side (lib/content_zipper.rb); the user is of all courses.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from labs.grading.submissions.walk import NOTEBOOK, Entry

if TYPE_CHECKING:
    from labs.lesson import Lesson

_MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*))?", re.S
)
_CANVAS = re.compile(
    r"(?:(?P<name>(?!late_)\w+?)_)?(?:(?P<late>late)_)?(?P<number>\d+|anon_[0-9A-Za-z]+)_\d+_(?P<rest>.+)",
    re.S | re.I,
)
# What a browser, a platform or a file manager puts behind the name of a second copy.
_COPY = re.compile(r"(?:-\d{1,2}|-copy\d*)+$")
# A class in a folder in a folder: an export has no more levels above the students.
_MAX_LEVELS = 3


@dataclass(frozen=True)
class Handed:
    """One file of a student: the entry, the folders above it, and what its place says.

    Attributes:
        entry: The file, or a folder or archive that cannot be read.
        folders: Names of the folders and archives between the student's place and the file.
        name: The file's name, without what a platform put in front.
        lesson: The slug of the lesson that its place names; "" where it names none.
        in_place: Whether it is where the handbook says: `<student>/<lesson>/<notebook>.ipynb`.
        remark: What the platform says of it.
        platform: The platform whose export it is in; "" where it is in none.
    """

    entry: Entry
    folders: tuple[str, ...]
    name: str
    lesson: str = ""
    in_place: bool = False
    remark: str = ""
    platform: str = ""


@dataclass
class StudentFolder:
    """A student's files; `canvas_id` where Canvas's own number is known."""

    name: str
    canvas_id: str = ""
    files: list[Handed] = field(default_factory=list)


@dataclass(frozen=True)
class _Label:
    """What a platform wrote in a name."""

    name: str
    number: str
    rest: str
    is_canvas: bool
    is_late: bool = False

    @property
    def said(self) -> tuple[str, str]:
        """What the platform says of the file, and the platform."""
        late = "Canvas says that it was handed in late" if self.is_late else ""
        return late, "Canvas" if self.is_canvas else "Moodle"


class Layout:
    """Sorts the entries of a tree by student.

    Attributes:
        students: By name, in the order of the tree.
        too_deep: Notebooks that stand where a class's folders should be: the folder is one student's.
    """

    def __init__(self, top: Entry, lessons: Iterable[Lesson]) -> None:
        self._names = {name: each.slug for each in lessons for name in _names_of(each)}
        self.students: dict[str, StudentFolder] = {}
        self.too_deep: list[Entry] = []
        self._canvas_ids: dict[str, set[str]] = defaultdict(set)
        for entry in (top, *top.everything()):
            if (label := _label(entry)) and label.is_canvas:
                self._canvas_ids[label.name].add(label.number)
        self._sort_class(top, "", 0)

    def lesson_named(self, name: str) -> str:
        """The slug of the lesson that a folder's or file's name is, whatever its blanks, capitals and number."""
        plain = _plain(name)
        for each in (plain, _COPY.sub("", plain)):
            if each in self._names:
                return self._names[each]
        return ""

    def lesson_within(self, name: str) -> str:
        """The slug of the one lesson whose name is a part of this name."""
        if found := self.lesson_named(name):
            return found
        plain = f"-{_plain(name)}-"
        within = {slug for known, slug in self._names.items() if f"-{known}-" in plain}
        return within.pop() if len(within) == 1 else ""

    def _sort_class(self, top: Entry, lesson: str, level: int) -> None:
        """Sort what is in a folder of a whole class; `lesson` where its name is a lesson's."""
        labels = {id(each): _label(each) for each in top.children}
        numbers: dict[str, set[str]] = defaultdict(set)
        for each in filter(None, labels.values()):
            numbers[each.name].add(each.number)
        plain = [
            each for each in top.children if each.kind in ("folder", "zip") and not labels[id(each)]
        ]
        unnamed = [each for each in plain if not self.lesson_named(_stem(each))]
        # All of them: a student can make the own folder look like a platform's export, and no one else's.
        are_exports = bool(unnamed) and all(map(_is_export, unnamed))
        known = [each for each in top.children if each.kind in ("folder", "zip", "notebook")]
        for entry in top.children:
            if (label := labels[id(entry)]) and _counts(entry, label, labels.values()):
                self._add_labeled(entry, label, numbers[label.name], lesson)
            elif entry.kind in ("folder", "zip"):
                is_alone = len(known) == 1
                self._sort_folder(
                    entry,
                    lesson,
                    level,
                    is_class=are_exports or (is_alone and self._is_class(entry)),
                )
            elif entry.kind != "other":
                self._add_file(entry, lesson)

    def _sort_folder(self, entry: Entry, lesson: str, level: int, *, is_class: bool) -> None:
        named = self.lesson_named(_stem(entry)) if not lesson else ""
        if level < _MAX_LEVELS and named and self._is_class_of_lesson(entry):
            self._sort_class(entry, named, level + 1)
        elif level < _MAX_LEVELS and is_class and not named:
            self._sort_class(entry, lesson, level + 1)
        elif named and entry.kind == "folder":
            self.too_deep.append(entry)
        else:
            self._collect(self._student(_stem(entry)), entry, (), lesson)

    def _is_class_of_lesson(self, entry: Entry) -> bool:
        """Whether a folder with a lesson's name holds students, and not the notebook of one."""
        own = [each for each in entry.children if each.kind == "notebook" and not _label(each)]
        return bool(entry.children) and not any(self.lesson_within(each.name) for each in own)

    def _is_class(self, entry: Entry, level: int = 0) -> bool:
        """Whether a folder or archive holds a platform's export, or students' folders with lessons' folders in them.

        Or holds nothing but such a folder, as archives often do.
        """
        inside = [each for each in entry.children if each.kind in ("folder", "zip")]
        known = [each for each in entry.children if each.kind in ("folder", "zip", "notebook")]
        named = [each for each in inside if self.lesson_named(_stem(each))]
        if _is_export(entry) or any(map(_is_export, named)):
            return True
        if not named and any(self._has_lessons(each) for each in inside):
            return True
        return (
            len(known) == len(inside) == 1
            and level < _MAX_LEVELS
            and self._is_class(inside[0], level + 1)
        )

    def _has_lessons(self, entry: Entry) -> bool:
        below = [each for each in entry.children if each.kind in ("folder", "zip")]
        return any(self.lesson_named(_stem(each)) for each in below)

    def _add_labeled(self, entry: Entry, label: _Label, numbers: set[str], lesson: str) -> None:
        """Add what a platform named after a student. Two of one name are told apart by their numbers."""
        alike = self._canvas_ids[label.name] if label.is_canvas else numbers
        both = "_".join(filter(None, (label.name, label.number)))
        student = self._student(both if len(alike) > 1 or not label.name else label.name)
        if label.is_canvas and label.number.isdigit():
            student.canvas_id = label.number
        if entry.kind in ("folder", "zip"):
            self._collect(student, entry, (), lesson, label.said)
        else:
            name = label.rest or entry.name
            named = lesson or self.lesson_within(_without_ending(name))
            student.files.append(Handed(entry, (), name, named, False, *label.said))

    def _add_file(self, entry: Entry, lesson: str) -> None:
        """Add a file beside the students' folders: what its name has besides a lesson's is taken for a student's."""
        stem = _without_ending(entry.name)
        named = self.lesson_within(stem)
        who = _who(stem, named) if named and not lesson else stem
        if not who:
            problem = "is beside the students' folders, and does not say whose it is: its place is <student>/<lesson>/"
            entry = replace(entry, kind="unreadable", problem=problem)
        student = self._student(who or entry.name)
        student.files.append(Handed(entry, (), entry.name, lesson or named))

    def add_too_deep(self) -> None:
        """Give folders that have a lesson's name and no students a line each."""
        for entry in self.too_deep:
            problem = "is a lesson's folder where a student's is expected: its place is <student>/<lesson>/"
            odd = replace(entry, kind="unreadable", problem=problem)
            named = self.lesson_named(entry.name)
            self._student(entry.name).files.append(Handed(odd, (), entry.name, named))

    def _collect(
        self,
        student: StudentFolder,
        top: Entry,
        folders: tuple[str, ...],
        lesson: str,
        said: tuple[str, str] = ("", ""),
    ) -> None:
        """Add everything below an entry to a student."""
        for each in top.children:
            above = next(filter(None, map(self.lesson_within, reversed(folders))), "") or lesson
            if each.kind in ("folder", "zip"):
                self._collect(student, each, (*folders, _stem(each)), lesson, said)
                # An empty folder is an entry too: it may be all that a student handed in.
                if each.children:
                    continue
            named = above or self.lesson_within(_without_ending(each.name))
            on_disk = top.kind == "folder" and each.path == f"{student.name}/{named}/{each.name}"
            student.files.append(Handed(each, folders, each.name, named, on_disk, *said))

    def _student(self, name: str) -> StudentFolder:
        return self.students.setdefault(name, StudentFolder(name))


def _names_of(lesson: Lesson) -> Iterator[str]:
    yield lesson.slug
    yield lesson.file_stem
    yield f"{lesson.number}-{lesson.slug}"
    yield _plain(lesson.title)


def _label(entry: Entry) -> _Label | None:
    """What Moodle or Canvas wrote in a name; None where neither did."""
    if found := _MOODLE.fullmatch(entry.name):
        rest = found["rest"] or ""
        return _Label(found["name"], found["number"] or "", rest, is_canvas=False)
    if entry.kind != "folder" and (found := _CANVAS.fullmatch(entry.name)):
        late = bool(found["late"])
        return _Label(found["name"] or "", found["number"], found["rest"], True, late)
    return None


def _is_export(entry: Entry) -> bool:
    """Whether everything in a folder was named by a platform."""
    return bool(entry.children) and all(map(_label, entry.children))


def _counts(entry: Entry, label: _Label, others: Iterable[_Label | None]) -> bool:
    """Whether a name is a platform's; Canvas's form alone could be chance for a file that is not a notebook."""
    if not label.is_canvas or entry.kind in ("notebook", "zip"):
        return True
    return sum(each is not None and each.is_canvas for each in others) > 1


def _who(stem: str, slug: str) -> str:
    """What a name has in front of a lesson's: `ann` of `ann_01-run-a-registry`; "" where that is nothing."""
    lesson = r"[\W_]+".join(map(re.escape, slug.split("-")))
    found = re.match(rf"(.+?)[\W_]+(?:\d{{1,2}}[\W_]+)?{lesson}", stem, re.IGNORECASE | re.DOTALL)
    return "" if not found or found[1].strip("0123456789-_ .") == "" else found[1]


def _stem(entry: Entry) -> str:
    return _without_ending(entry.name) if entry.kind == "zip" else entry.name


def _without_ending(name: str) -> str:
    return NOTEBOOK.sub("", re.sub(r"\.zip$", "", name, flags=re.IGNORECASE))


def _plain(name: str) -> str:
    """The name in lower case, with one dash where anything but letters and digits is."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
