"""A course of two lessons without Docker, its notebooks, and a runner that judges what answers say.

The checks are real and run in this process; the answers are read as literals, so nothing of a submission
is executed.
"""

from __future__ import annotations

import ast
import json
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from labs.grading import Limits, Mark, Result, Stopped, Submission
from labs.grading.models import Outcome
from labs.grading.runners.local_runner import run_in_threads
from labs.grading.submissions.handout import Handout
from labs.lesson import Exercise, Lesson, Question, not_attempted, not_yet, passed
from labs.lesson.judgment import judge

PLACE = SimpleNamespace(slug="toy", nodes=[SimpleNamespace(answers=lambda: True)])


def is_seven(_playground, answers):
    value = answers.get("value")
    if value is None:
        return not_attempted("give a value")
    if value != 7:
        return not_yet(f"saw {value!r}, wanted 7", hint="it is the number of days in a week")
    return passed()


def lesson(number: int, slug: str, **more: Any) -> Lesson:
    return Lesson(
        number,
        slug,
        slug.replace("-", " ").capitalize(),
        10,
        "A toy.",
        exercises=(
            Exercise(f"{number}.1", "Seven", is_seven, ("count",), f"answer-{number}-1", points=3),
        ),
        questions=(
            Question(
                f"{number}.2",
                "Which <letter>?",
                {"a": "This", "b": "That"},
                "b",
                {"a": "Not <this>.", "b": "Yes."},
            ),
        ),
        **more,
    )


COUNT, SPELL = lesson(1, "count-days"), lesson(2, "spell-words", nodes=2)
LESSONS = {each.slug: each for each in (COUNT, SPELL)}


def handed_out(each: Lesson) -> nbformat.NotebookNode:
    cells = [new_markdown_cell(f"# {each.title}", id="title"), new_code_cell("x = 1\nx", id="open")]
    for task, name in zip(each.tasks, ("value", "choice"), strict=True):
        cells.append(new_code_cell(f"{name} = None\n# YOUR CODE HERE", id=task.cell))
        check = f'lab.check("{task.id}", {name}={name})'
        cells.append(new_code_cell(check, id=task.cell.replace("answer", "check")))
    return new_notebook(cells=cells)


def solved(each: Lesson) -> nbformat.NotebookNode:
    notebook = handed_out(each)
    for cell in notebook.cells:
        source = {f"answer-{each.number}-1": "value = 7", f"answer-{each.number}-2": 'choice = "b"'}
        cell.source = source.get(cell.id, cell.source)
        if cell.cell_type == "code":
            cell.execution_count = 1
            cell.outputs = [new_output("stream", text="as it was")]
            cell.metadata = {"outputs": 1}
    return notebook


def make_handout(root: Path) -> Handout:
    """Write the toy course's notebooks."""
    for folder, make in (("notebooks", handed_out), ("solutions", solved)):
        (root / folder).mkdir(parents=True)
        for each in (COUNT, SPELL):
            nbformat.write(make(each), root / folder / f"{each.file_stem}.ipynb")
    return Handout(root, {each.slug: each for each in (COUNT, SPELL)})


def answered(each: Lesson = COUNT, value: str = "value = 7", choice: str = 'choice = "b"') -> dict:
    """A student's notebook as JSON."""
    notebook = json.loads(nbformat.writes(handed_out(each)))
    for cell in notebook["cells"]:
        if cell["id"] == f"answer-{each.number}-1":
            cell["source"] = value
        if cell["id"] == f"answer-{each.number}-2":
            cell["source"] = choice
    return notebook


def hand_in(
    top: Path, student: str, notebook: Any = None, *, each: Lesson = COUNT, **how: Any
) -> Path:
    """Put a notebook (JSON, text or bytes) where a student's stands; `name` is the file's name."""
    folder = top / student / how.get("slug", each.slug)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / how.get("name", f"{each.file_stem}.ipynb")
    data = answered(each) if notebook is None else notebook
    data = data if isinstance(data, str | bytes) else json.dumps(data)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def literals(source: str) -> Mapping[str, Any]:
    """What a cell assigns to names, where it is a literal."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return {}
    found = {}
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


class PlainRunner:
    """Judges literals with the real checks. `before` is called with each submission, and may raise."""

    def __init__(
        self, before: Callable[[Submission], None] = lambda _: None, jobs: int = 1
    ) -> None:
        self.before, self.jobs = before, jobs
        self.ran: list[tuple[str, str]] = []
        self.at_once = self.most = 0
        self.stopped = threading.Event()
        self.closed = 0
        self._lock = threading.Lock()

    def setting(self, _lesson: Lesson) -> Mapping[str, str]:
        return {"runner": "plain answers"}

    def run_all(
        self, submissions: Sequence[Submission], _limits: Limits
    ) -> Generator[tuple[int, Outcome]]:
        return run_in_threads(self.run, submissions, self.jobs, self.stop)

    def run(self, submission: Submission) -> Result:
        if self.stopped.is_set():
            raise Stopped
        with self._lock:
            self.ran.append((submission.student, submission.slug))
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        try:
            self.before(submission)
            if self.stopped.is_set():
                raise Stopped
            return self._judged(submission, LESSONS[submission.slug])
        finally:
            with self._lock:
                self.at_once -= 1

    def stop(self) -> None:
        self.stopped.set()

    def close(self) -> None:
        self.closed += 1

    def _judged(self, submission: Submission, lesson: Lesson) -> Result:
        started = time.monotonic()
        marks = tuple(
            Mark.of(task, judge(task, PLACE, literals(submission.answers.get(task.cell, ""))))
            for task in lesson.tasks
        )
        junit = (
            '<testsuite name="pytest" tests="1"><testcase name="Cell 0" time="0.1"/></testsuite>'
        )
        seconds = time.monotonic() - started
        names = (submission.student, submission.slug)
        return Result(*names, marks, submission.remarks, seconds=seconds, junit=junit)


@pytest.fixture
def handout(tmp_path: Path) -> Handout:
    return make_handout(tmp_path / "course")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """An empty folder of submissions."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    return folder
