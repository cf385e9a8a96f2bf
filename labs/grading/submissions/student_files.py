"""One student's files: which of them is the notebook of which lesson, and what is said of all others.

What can be meant in one way only is graded, with a remark where it was found. Anything else is a problem that names
the path and what was expected. Where a file may well be the answer and only its place is unclear, the grade is left
open: no one gets a zero for where a file is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from labs.grading.models import State, Submission
from labs.grading.submissions.answer_cells import find_answers, lesson_in
from labs.grading.submissions.handout import Handout
from labs.grading.submissions.layout import Handed, StudentFolder
from labs.grading.submissions.notebook_file import FILE_BYTES, Unusable, cells_of, parse

if TYPE_CHECKING:
    from labs.lesson import Lesson

# A student who made a thousand folders gets lines for some.
MAX_UNKNOWN = 10
# Notebooks of one student that are opened, and their bytes: many large ones must not cost the class an hour.
MAX_NOTEBOOKS = 40
MAX_BYTES = 2 * FILE_BYTES
NOTHING = "nothing was handed in"
_NAMED = 3


@dataclass
class _Notebook:
    """A notebook that was opened, or could not be."""

    handed: Handed
    lesson: str
    cells: list[dict[str, Any]] = field(default_factory=list)
    remarks: tuple[str, ...] = ()
    problem: str = ""
    digest: bytes = b""
    size: int = 0

    @property
    def path(self) -> str:
        return self.handed.entry.path


class StudentFiles:
    """What one student handed in.

    Args:
        student: The student and the files.
        handout: All lessons of the course.
    """

    def __init__(self, student: StudentFolder, handout: Handout) -> None:
        self._student, self._handout = student, handout
        self._notebooks: list[_Notebook] = []
        self._unclear: list[tuple[Handed, str]] = []
        self._others: list[Handed] = []
        self._sent: list[Submission] = []
        self._open_all()

    def submissions(self, lessons: Sequence[Lesson], *, with_unknown: bool) -> list[Submission]:
        """A submission of each lesson, and lines for files that belong to none of them."""
        self._move_misplaced({lesson.slug for lesson in lessons})
        sent = [self._of(lesson) for lesson in lessons]
        return [*sent, *(self._unknown() if with_unknown else ())]

    def lessons(self) -> set[str]:
        """The slugs of the lessons that something was handed in for."""
        placed = {each.lesson for each in self._student.files if each.lesson}
        return placed | {each.lesson for each in self._notebooks if not each.handed.lesson} - {""}

    def _open_all(self) -> None:
        read_bytes = 0
        for handed in self._student.files:
            kind, problem = handed.entry.kind, handed.entry.problem
            if kind in ("link", "unreadable"):
                self._unclear.append((handed, problem))
            elif kind != "notebook":
                self._others.append(handed)
            elif len(self._notebooks) >= MAX_NOTEBOOKS or read_bytes > MAX_BYTES:
                self._unclear.append((handed, "was not opened: there are too many notebooks"))
            else:
                notebook = self._open(handed)
                read_bytes += notebook.size
                self._notebooks.append(notebook)

    def _open(self, handed: Handed) -> _Notebook:
        data = b""
        try:
            data = handed.entry.read()
            notebook, remarks = parse(data)
            # Without outputs: those of all notebooks of a student would be in memory at once.
            cells = [_without_outputs(each) for each in cells_of(notebook)]
        except Unusable as error:
            return _Notebook(handed, handed.lesson, problem=str(error), size=len(data))
        inside = lesson_in(cells, self._handout)
        lesson = inside.slug if inside else handed.lesson
        digest = hashlib.sha256(data).digest()
        return _Notebook(handed, lesson, cells, tuple(remarks), "", digest, len(data))

    def _move_misplaced(self, graded: set[str]) -> None:
        """Leave a notebook in another lesson's place where it is, unless its own lesson is graded and has no other."""
        for each in self._notebooks:
            place = each.handed.lesson
            if place and each.lesson != place:
                others = [one for one in self._notebooks if one.lesson == each.lesson]
                if each.lesson not in graded or len(others) > 1:
                    each.problem = f"{each.path} is the notebook of another lesson, {each.lesson}"
                    each.lesson = place

    def _of(self, lesson: Lesson) -> Submission:
        sent = Submission(
            self._student.name,
            lesson.slug,
            f"{self._student.name}/{lesson.slug}",
            canvas_id=self._student.canvas_id,
        )
        mine = [each for each in self._notebooks if each.lesson == lesson.slug]
        if not mine:
            return self._without_notebook(sent, lesson)
        chosen = _choose(mine, lesson)
        if chosen is None:
            names = ", ".join(each.path for each in mine[:_NAMED])
            own = f"{lesson.file_stem}.ipynb"
            problem = f"{len(mine)} notebooks, and none is called {own}: which one counts? {names}"
            if any(each.handed.name == own for each in mine):
                problem = f"{len(mine)} notebooks of this lesson: which one counts? {names}"
            return replace(sent, problem=problem, state="unclear")
        sent = replace(sent, path=chosen.path)
        if chosen.problem:
            other = "another lesson" in chosen.problem
            wanted = f"; wanted the notebook of {lesson.slug}" if other else ""
            state: State = "unclear" if other else "unreadable"
            where = "" if other or chosen.handed.in_place else f"{chosen.path}: "
            return replace(sent, problem=where + chosen.problem + wanted, state=state)
        return self._read(sent, chosen, lesson, [each for each in mine if each is not chosen])

    def _read(
        self, sent: Submission, chosen: _Notebook, lesson: Lesson, rest: list[_Notebook]
    ) -> Submission:
        try:
            found = find_answers(chosen.cells, lesson, self._handout)
        except Unusable as error:
            # Cells without code are not an answer; anything else is for the instructor to look at.
            has_code = any(cell.get("cell_type") == "code" for cell in chosen.cells)
            return replace(sent, problem=str(error), state="unclear" if has_code else "unreadable")
        remarks = [*self._remarks_on_place(chosen, lesson, rest), *chosen.remarks, *found.remarks]
        state: State = "blank" if found.is_blank else "handed in"
        return replace(sent, answers=found.answers, remarks=tuple(remarks), state=state)

    def _remarks_on_place(
        self, chosen: _Notebook, lesson: Lesson, rest: list[_Notebook]
    ) -> Iterator[str]:
        handed = chosen.handed
        if handed.remark:
            yield handed.remark
        if handed.platform:
            yield f"the notebook was found in the export of {handed.platform}: {chosen.path}"
        elif not (handed.in_place and handed.lesson == lesson.slug):
            wanted = f"{self._student.name}/{lesson.slug}/{lesson.file_stem}.ipynb"
            yield f"the notebook was found at {chosen.path}; its place is {wanted}"
        if rest:
            yield f"{chosen.path} was graded; not graded: {_some(each.path for each in rest)}"
        for each, problem in self._unclear:
            if each.lesson in ("", lesson.slug):
                yield f"{each.entry.path}{_as_clause(problem)}"

    def _without_notebook(self, sent: Submission, lesson: Lesson) -> Submission:
        """What is said where no notebook of a lesson was found."""
        for place in (lesson.slug, ""):
            here = [(each, why) for each, why in self._unclear if each.lesson == place]
            if here:
                each, why = here[0]
                text = f"{each.entry.path}{_as_clause(why)}"
                return replace(sent, problem=text, path=each.entry.path, state="unclear")
        lost = [each for each in self._notebooks if not each.lesson]
        if lost:
            paths = _some(each.path for each in lost)
            text = f"no notebook of {lesson.slug} was found; whether it is this one is not known: {paths}"
            return replace(sent, problem=text, state="unclear")
        moved = [each for each in self._notebooks if each.handed.lesson == lesson.slug]
        if moved:
            text = f"{moved[0].path} is the notebook of another lesson, {moved[0].lesson}"
            return replace(sent, problem=f"{NOTHING} for {lesson.slug}: {text}", state="nothing")
        return replace(sent, problem=self._nothing(lesson), state="nothing")

    def _nothing(self, lesson: Lesson) -> str:
        here = [each for each in self._others if each.lesson == lesson.slug]
        files = [each for each in (here or self._others) if each.entry.kind == "other"]
        seen = f"; there is {_some(each.entry.path for each in files)}" if files else ""
        if here:
            return f"{NOTHING}: there is no notebook in the folder {lesson.slug}{seen}"
        return f"{NOTHING}: there is no folder {lesson.slug}{seen}"

    def _unknown(self) -> Iterator[Submission]:
        """A line for each folder or notebook that belongs to no lesson."""
        known = {each.lesson for each in self._notebooks}
        lines: dict[str, Submission] = {}
        for each in self._notebooks:
            if not each.lesson:
                slug = (each.handed.folders or (each.handed.name,))[0]
                why = each.problem or "the notebook is of no lesson of this course"
                lines[each.path] = self._line(slug, each.path, f"{each.path}: {why}")
        for other in self._others:
            slug = (*other.folders, other.name)[0] if other.entry.kind == "folder" else ""
            slug = slug or (other.folders[0] if other.folders else "")
            if slug and not other.lesson and not known & {slug}:
                path = f"{self._student.name}/{slug}"
                lines.setdefault(path, self._line(slug, path, unknown_lesson(slug, self._handout)))
        yield from list(lines.values())[:MAX_UNKNOWN]

    def _line(self, slug: str, path: str, problem: str) -> Submission:
        return Submission(self._student.name, slug, path, problem=problem, state="unclear")


def unknown_lesson(slug: str, handout: Handout) -> str:
    """What is said of a name that is not a lesson's."""
    known = sorted(handout.lessons)
    near = get_close_matches(slug, known, n=1)
    return f'no lesson "{slug}"; ' + (
        f'did you mean "{near[0]}"?' if near else f"the lessons are {', '.join(known)}"
    )


def _without_outputs(cell: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in cell.items() if key != "outputs"}


def _choose(mine: Sequence[_Notebook], lesson: Lesson) -> _Notebook | None:
    """The notebook that counts, if only one can be meant: the name it was handed out with, in its place, decides."""
    own = f"{lesson.file_stem}.ipynb"
    named = [each for each in mine if each.handed.name == own]
    usable = [each for each in mine if not each.problem]
    for some in (
        mine,
        [each for each in named if each.handed.in_place],
        named,
        [each for each in mine if each.handed.in_place],
        usable,
    ):
        if len(some) == 1:
            return some[0]
    # Not guessed: a copy or an old draft would get a wrong grade. Copies of the same bytes are one notebook.
    same = {each.digest for each in mine}
    return mine[0] if len(same) == 1 and not mine[0].problem else None


def _some(paths: Iterable[str]) -> str:
    found = list(paths)
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ", ".join(found[:_NAMED]) + more


def _as_clause(problem: str) -> str:
    """A problem behind its path: `ann.zip is …`, `ann.zip: the archive …`."""
    return f" {problem}" if problem.startswith(("is ", "was ", "has ")) else f": {problem}"
