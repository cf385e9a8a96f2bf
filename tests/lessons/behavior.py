"""What every lesson has to do, whatever it is about: each test module of a lesson calls these for its own."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import nbformat

import labs
from labs.lesson.answers import written_answer
from tests.lessons.cases import Case, line_of
from tests.lessons.room import ROOT, Room
from tests.long_tests import leave_out_unless_long


def is_judged_as_told(room: Room, cases: list[tuple[str, Case]]) -> None:
    """Do what the cases do: both processes, one after the other, give the line and hint of each."""
    cases[0][1].do(room.playground)
    for exercise, case in cases:
        verdict = room.verdict(exercise, case.give(room.playground), alone=case.slow)
        assert (verdict.line, verdict.hint) == (line_of(exercise, case), case.hint)


def walk(room: Room) -> dict[str, list[str]]:
    """Run the notebook as handed out, with each answer put in after its starter was judged.

    Returns:
        For each exercise the outcome of its starter before any answer, of its starter at its place
        after the answers before it, and of the answer.
    """
    leave_out_unless_long(room.lesson.slug, "the walk, whose parts nbval and the stubs run too,")
    names: dict[str, Any] = {}
    notebook = nbformat.read(ROOT / "notebooks" / f"{room.lesson.file_stem}.ipynb", as_version=4)
    cells = {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}
    answers = [f"answer-{task.id.replace('.', '-')}" for task in room.lesson.tasks]
    first = list(cells).index(answers[0])
    for source in list(cells.values())[:first]:
        _execute(source, names)
    found = {task.id: [_judged(room, cells, task.id, names)] for task in room.lesson.tasks}
    for task in room.lesson.tasks:
        for source in _given(cells, task.id):
            _execute(source, names)
        found[task.id].append(_judged(room, cells, task.id, names))
        source = ROOT / "solutions" / f"{room.lesson.file_stem}.py"
        _execute(written_answer(source, task.cell) or "", names)
        found[task.id].append(_verdict(room, cells, task.id, names))
    return found


def _given(cells: dict[str, str], exercise: str) -> list[str]:
    """The cells that an exercise has before its answer."""
    ids = list(cells)
    before = ids[: ids.index(f"answer-{exercise.replace('.', '-')}")]
    last = max((i for i, id in enumerate(before) if id.startswith("check-")), default=None)
    return [] if last is None else [cells[id] for id in before[last + 1 :]]


def _judged(room: Room, cells: dict[str, str], exercise: str, names: dict[str, Any]) -> str:
    _execute(cells[f"answer-{exercise.replace('.', '-')}"], names)
    return _verdict(room, cells, exercise, names)


def _verdict(room: Room, cells: dict[str, str], exercise: str, names: dict[str, Any]) -> str:
    """What the notebook's own check cell gives, with the same arguments."""
    source = cells[f"check-{exercise.replace('.', '-')}"]
    asked = {"lab": _Asked(), **{k: v for k, v in names.items() if k != "lab"}}
    given = eval(source, asked)
    return room.verdict(*given).outcome


class _Asked:
    """Takes what a check cell calls, `lab.check("1.2", choice=choice)`."""

    def check(self, exercise: str, **answers: Any) -> tuple[str, dict[str, Any]]:
        return exercise, answers


def _execute(source: str, names: dict[str, Any]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, "<cell>", "exec"), names)


def dead_engine_is_never_a_wrong_answer(room: Room) -> None:
    """Kill the node's container: no exercise can be judged; labs.open makes it good."""
    room.playground.node(1).container.kill()
    told = f'the playground\'s engine does not answer; labs.open("{room.lesson.slug}") repairs it'
    for exercise in room.lesson.exercises:
        verdict = room.verdict(exercise.id, {})
        assert verdict.line == f"{exercise.id} unavailable: {told}; then check again"
    lab = labs.open(room.lesson.slug)
    room.playground = lab.playground
    outcomes = {room.verdict(exercise.id, {}).outcome for exercise in room.lesson.exercises}
    assert "unavailable" not in outcomes
