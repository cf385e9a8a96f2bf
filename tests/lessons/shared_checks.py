"""What every lesson has to do, whatever it is about."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import nbformat

import labs
from labs.lesson import Verdict
from labs.lesson.answers import written_answer
from tests.lessons.cases import Case, first_of_each_kind, lesson_tests, line_of, table_of
from tests.lessons.open_lesson import ROOT, OpenLesson


def gives_expected_verdicts(opened: OpenLesson, cases: list[tuple[str, Case]]) -> None:
    """Do what the cases do: this process, and the second one where they are of its sample, gives line and hint."""
    table = table_of(opened.lesson)
    cases[0][1].do(opened.playground)
    for exercise, case in cases:
        answers = case.give(opened.playground)
        expected = (line_of(exercise, case), case.hint)
        assert _words(opened.verdict(exercise, answers)) == expected
        if any(case is each for each in first_of_each_kind(table[exercise])):
            assert _words(opened.second_verdict(exercise, answers)) == expected


def _words(verdict: Verdict) -> tuple[str, str]:
    return verdict.line, verdict.hint


def walk(opened: OpenLesson) -> dict[str, tuple[str, str, str]]:
    """Run the notebook as handed out, with each answer put in after its starter was judged.

    Returns:
        For each exercise the outcome of its starter before any answer, of its starter at its place
        after the answers before it, and of the answer.
    """
    names: dict[str, Any] = {}
    tasks = opened.lesson.tasks
    notebook = nbformat.read(ROOT / "notebooks" / f"{opened.lesson.file_stem}.ipynb", as_version=4)
    cells = {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}
    first = list(cells).index(_answer_id(tasks[0].id))
    for source in list(cells.values())[:first]:
        _execute(source, names)
    later = lesson_tests(opened.lesson).only_at_their_place
    before = {
        task.id: _starter_outcome(opened, cells, task.id, names)
        for task in tasks
        if task.id not in later
    }
    found = {}
    for task in tasks:
        for source in _cells_before_answer(cells, task.id):
            _execute(source, names)
        at_its_place = _starter_outcome(opened, cells, task.id, names)
        _execute(_answer(opened, task.cell), names)
        answered = _outcome(opened, cells, task.id, names)
        found[task.id] = (before.get(task.id, "not attempted"), at_its_place, answered)
    return found


def _answer(opened: OpenLesson, cell: str) -> str:
    """What the solution writes in a cell; where that is the body of a function, the whole cell."""
    solution = ROOT / "solutions" / f"{opened.lesson.file_stem}.py"
    answer = written_answer(solution, cell) or ""
    try:
        compile(answer, "<answer>", "exec")
    except SyntaxError:
        solved = nbformat.read(solution.with_suffix(".ipynb"), as_version=4)
        return next(each.source for each in solved.cells if each.id == cell)
    return answer


def _answer_id(exercise: str) -> str:
    return f"answer-{exercise.replace('.', '-')}"


def _cells_before_answer(cells: dict[str, str], exercise: str) -> list[str]:
    """The cells between the check before an exercise and its answer."""
    ids = list(cells)
    before = ids[: ids.index(_answer_id(exercise))]
    last = max((i for i, id in enumerate(before) if id.startswith("check-")), default=None)
    return [] if last is None else [cells[id] for id in before[last + 1 :]]


def _starter_outcome(
    opened: OpenLesson, cells: dict[str, str], exercise: str, names: dict[str, Any]
) -> str:
    _execute(cells[_answer_id(exercise)], names)
    return _outcome(opened, cells, exercise, names)


def _outcome(
    opened: OpenLesson, cells: dict[str, str], exercise: str, names: dict[str, Any]
) -> str:
    """What the notebook's own check cell gives, with the same arguments."""
    source = cells[f"check-{exercise.replace('.', '-')}"]
    arguments = eval(
        source, {"lab": _CheckArguments(), **{k: v for k, v in names.items() if k != "lab"}}
    )
    verdict = opened.verdict(*arguments)
    return verdict.line if verdict.outcome == "unavailable" else verdict.outcome


class _CheckArguments:
    """Takes what a check cell calls, `lab.check("1.2", choice=choice)`."""

    def check(self, exercise: str, **answers: Any) -> tuple[str, dict[str, Any]]:
        return exercise, answers


def _execute(source: str, names: dict[str, Any]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(source, "<cell>", "exec"), names)


def dead_engine_is_never_a_wrong_answer(opened: OpenLesson) -> None:
    """Kill the node's container: no exercise can be judged; labs.open repairs it."""
    opened.playground.node(1).container.kill()
    told = f'the playground\'s engine does not answer; labs.open("{opened.lesson.slug}") repairs it'
    for exercise in opened.lesson.exercises:
        line = f"{exercise.id} unavailable: {told}; then check again"
        assert opened.verdict(exercise.id).line == line
        assert opened.second_verdict(exercise.id).line == line
    opened.playground = labs.open(opened.lesson.slug).playground
    outcomes = {opened.verdict(exercise.id).outcome for exercise in opened.lesson.exercises}
    assert "unavailable" not in outcomes
