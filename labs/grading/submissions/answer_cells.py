"""Finds a student's answers among the cells of a notebook, and says of every other cell that it was not run.

An answer's cell is found by its cell id, else by the id in its metadata, else by its place: before its check, or by the
comment that it was handed out with. Cells that follow it and have its id in their metadata are parts of it: editors
split a cell in two that way. All other cells of a student's own are named in remarks, by their first line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labs.grading.submissions.handout import Handout, cells_of_tasks, check_cell
from labs.grading.submissions.notebook_file import Unusable
from labs.grading.submissions.student_cell import MARKER, StudentCell, first_line, plain
from labs.lesson import Question

if TYPE_CHECKING:
    from labs.lesson import Lesson, Task

# A student who made a thousand cells gets the first lines of some.
MAX_NAMED = 5


@dataclass(frozen=True)
class FoundAnswers:
    """The sources of answer cells by id, remarks, and whether nothing in the notebook is the student's own."""

    answers: dict[str, str]
    remarks: tuple[str, ...]
    is_blank: bool


def find_answers(cells: Iterable[dict[str, Any]], lesson: Lesson, handout: Handout) -> FoundAnswers:
    """The answers to a lesson's tasks in a student's notebook.

    Raises:
        Unusable: There is not one of them.
    """
    return _Search([StudentCell.of(each) for each in cells], lesson, handout).found()


def lesson_in(cells: Iterable[dict[str, Any]], handout: Handout) -> Lesson | None:
    """The lesson whose notebook this is, by its cells' ids or its checks; None where it is none, or two."""
    ids: set[str] = set()
    checked: set[str] = set()
    for raw in cells:
        cell = StudentCell.of(raw)
        ids |= {cell.id, cell.kept}
        checked |= cell.checked
    for signs, of in ((ids, _answer_ids), (checked, _task_ids)):
        found = [lesson for lesson in handout.lessons.values() if of(lesson) & signs]
        if found:
            return found[0] if len(found) == 1 else None
    return None


@dataclass
class _Search:
    cells: list[StudentCell]
    lesson: Lesson
    handout: Handout
    remarks: list[str] = field(default_factory=list)
    used: dict[int, str] = field(default_factory=dict)
    """The places of cells that are parts of an answer, with its id."""

    def __post_init__(self) -> None:
        pristine = self.handout.pristine(self.lesson).cells
        self.starters = {cell.id: str(cell.source) for cell in pristine}
        self.given = {plain(str(cell.source)) for cell in pristine}
        self.wanted = [task.cell for task in self.lesson.tasks]
        self.places = {id: self._by_id(id) for id in self.wanted}
        for id, places in self.places.items():
            self.used |= dict.fromkeys(places, id)

    def found(self) -> FoundAnswers:
        """Answers and remarks, in the order of the lesson."""
        self._by_place()
        if not any(self.places.values()):
            raise Unusable(_lost(self.lesson, self.handout, self.cells))
        answers = {id: text for id in self.wanted if (text := self._answer(id)) is not None}
        changed = self._not_run()
        for task in self.lesson.tasks:
            self._take_from_check(task, answers)
        missing = [id for id in self.wanted if not self.places[id]]
        self.remarks += [f"cell {id} is missing; the untouched starter was run" for id in missing]
        first = [self.places[id][0] for id in self.wanted if self.places[id]]
        if first != sorted(first):
            self.remarks.append("the answers are in another order; they were run in the lesson's")
        same = all(plain(text) == plain(self.starters[id]) for id, text in answers.items())
        return FoundAnswers(answers, tuple(self.remarks), same and not changed)

    def _by_id(self, id: str) -> list[int]:
        """The places of an answer's cell and of its parts; a cell's own id counts more than its metadata's."""
        signs: tuple[Callable[[StudentCell], bool], ...] = (
            lambda cell: cell.id == id,
            # A copied cell keeps its metadata and gets a new id; one with another known id is that other one.
            lambda cell: cell.kept == id and cell.id not in self.starters,
        )
        for sign in signs:
            places = [place for place, cell in enumerate(self.cells) if sign(cell)]
            if places:
                return [places[0], *self._parts_after(places[0], id)]
        return []

    def _parts_after(self, place: int, id: str) -> list[int]:
        """The places of code cells right behind that say the same id: a cell that was split, or pasted below itself."""
        parts = []
        for number in range(place + 1, len(self.cells)):
            cell = self.cells[number]
            if cell.is_code and not cell.is_for(id):
                break
            if cell.is_code:
                parts.append(number)
        return parts if self.cells[place].is_code else []

    def _by_place(self) -> None:
        """Find answers whose cells have lost their ids: before their check, else by the comment, in order."""
        lost = [task for task in self.lesson.tasks if not self.places[task.cell]]
        found = []
        for task in lost:
            if places := self._before_check(task):
                self._take(task.cell, places)
                found.append(task.cell)
        marked = [n for n, cell in enumerate(self.cells) if n not in self.used and cell.is_marked]
        still = [task.cell for task in lost if not self.places[task.cell]]
        # Only if nothing else is left to go by: each answer has its comment, and so their order tells which is which.
        if still == self.wanted and len(marked) == len(still):
            for id, place in zip(still, marked, strict=True):
                self._take(id, [place])
                found.append(id)
        if found:
            self.remarks.append(
                f"cells without their ids were found by their place: {', '.join(found)}"
            )

    def _take(self, id: str, places: list[int]) -> None:
        self.places[id] = places
        self.used |= dict.fromkeys(places, id)

    def _before_check(self, task: Task) -> list[int]:
        """The places of the code cells between an exercise's check and the cell of the course before it."""
        end = self._check_of(task)
        block: list[int] = []
        for place in range((end or 0) - 1, -1, -1):
            cell = self.cells[place]
            # Text of the course is an anchor too: the exercise's own stands before its answer.
            if not cell.is_code and plain(cell.text) not in self.given:
                continue
            own_starter = plain(cell.source) == plain(self.starters[task.cell])
            known = {cell.id, cell.kept} & set(self.starters) - {""}
            if place in self.used or known or cell.checked:
                break
            if not cell.is_code or (plain(cell.source) in self.given and not own_starter):
                break
            block.append(place)
        block.reverse()
        marked = [place for place in block if self.cells[place].is_marked]
        return block[block.index(marked[0]) :] if marked else block

    def _check_of(self, task: Task) -> int | None:
        id = check_cell(task.cell)
        for place, cell in enumerate(self.cells):
            if cell.is_code and (cell.is_for(id) or task.id in cell.checked):
                return place
        return None

    def _answer(self, id: str) -> str | None:
        """The source of an answer, of all its parts; None where it has no usable one."""
        sources = []
        for place in self.places[id]:
            cell = self.cells[place]
            if not cell.is_usable:
                self.remarks.append(f"cell {id} {cell.odd}; the untouched starter was run")
                return None
            self.remarks += [f"cell {id} {cell.odd}"] if cell.odd else []
            sources.append(cell.source)
        if len(sources) > 1:
            self.remarks.append(
                f"cell {id} is in {len(sources)} cells, one behind the other; they were run together"
            )
        return "\n".join(sources) if sources else None

    def _not_run(self) -> bool:
        """Say which cells were not run; whether there is any that looks like work."""
        own, twins, rest = [], [], []
        for place, cell in enumerate(self.cells):
            text = plain(cell.source)
            if place in self.used or not cell.is_code or not text or text in self.given:
                continue
            if claimed := next((id for id in self.wanted if cell.is_for(id)), ""):
                twins.append((claimed, cell))
            elif known := self._known(cell):
                rest.append(
                    f"cell {known} was run as it was handed out, without {self._new(cell, known)}"
                )
            elif not cell.only_shows:
                own.append(f"{first_line(text.splitlines())}")
        for id in dict.fromkeys(id for id, _ in twins):
            cells = [cell for other, cell in twins if other == id]
            begins = ", ".join(
                f"{first_line(plain(cell.source).splitlines())}" for cell in cells[:MAX_NAMED]
            )
            self.remarks.append(
                f"cell {id} stands {len(cells) + 1} times; the first one counts, not the one that begins {begins}"
            )
        if own:
            self.remarks.append(_own_cells(own, self.wanted))
        self.remarks += [
            *rest[:MAX_NAMED],
            *(
                [f"{len(rest) - MAX_NAMED} more cells were changed"]
                if len(rest) > MAX_NAMED
                else []
            ),
        ]
        return bool(own or twins or any(each.startswith("cell check-") for each in rest))

    def _known(self, cell: StudentCell) -> str:
        """The id of the cell of the course that this one was."""
        for id in (cell.id, cell.kept):
            if id in self.starters:
                return id
        ids = [task.cell for task in self.lesson.tasks if task.id in cell.checked]
        return check_cell(ids[0]) if ids else ""

    def _new(self, cell: StudentCell, id: str) -> str:
        """The first line of a changed cell that was not handed out in it."""
        given = plain(self.starters.get(id, "")).splitlines()
        lines = plain(cell.source).splitlines()
        return first_line([line for line in lines if line not in given] or lines)

    def _take_from_check(self, task: Task, answers: dict[str, str]) -> None:
        """The letter that was written into a question's check, `lab.check("1.4", choice="b")`, as its answer."""
        starter = self.starters[task.cell]
        if not isinstance(task, Question) or plain(answers.get(task.cell, starter)) != plain(
            starter
        ):
            return
        place = self._check_of(task)
        letter = self.cells[place].letter if place is not None else None
        if letter is not None:
            answers[task.cell] = f"{starter}\nchoice = {letter!r}"
            self.remarks.append(f"the answer to {task.id} was taken from its check's cell")


def _answer_ids(lesson: Lesson) -> set[str]:
    return cells_of_tasks(lesson)


def _task_ids(lesson: Lesson) -> set[str]:
    return {task.id for task in lesson.tasks}


def _own_cells(own: list[str], wanted: Sequence[str]) -> str:
    named = ", ".join(own[:MAX_NAMED])
    more = f" and {len(own) - MAX_NAMED} more" if len(own) > MAX_NAMED else ""
    what = (
        "1 cell of your own was not run; it begins"
        if len(own) == 1
        else f"{len(own)} cells of your own were not run; they begin"
    )
    return f"{what} {named}{more}. The cells that count are {', '.join(wanted)}"


def _lost(lesson: Lesson, handout: Handout, cells: Sequence[StudentCell]) -> str:
    """Why a notebook has no answer cell: it is another lesson's, or their ids and places are lost."""
    ids = {id for cell in cells for id in (cell.id, cell.kept)}
    for other in handout.lessons.values():
        if other is not lesson and _answer_ids(other) & ids:
            return f"this is the notebook of another lesson, {other.slug}"
    check = f'lab.check("{lesson.tasks[0].id}")'
    return (
        f"the notebook has lost its exercise cells: none of {len(lesson.tasks)} is there. Some editors drop the ids of "
        f"cells; no cell stands before a check such as {check} either, or has the comment {MARKER}"
    )
