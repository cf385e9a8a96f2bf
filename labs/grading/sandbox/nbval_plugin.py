"""A pytest plugin: it stands beside nbval, and judges an exercise as soon as its check's cell has run.

While it looks at the playground, nothing in the student's container runs. What the kernel printed, sent or claimed
decides nothing; the values that an exercise asks for are taken as data.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import nbval.kernel  # type: ignore[import-untyped]
import nbval.plugin  # type: ignore[import-untyped]
import pytest

from labs.grading.sandbox.kernel import Kernel
from labs.grading.sandbox.nbval_kernel import Client, Manager
from labs.grading.submissions.handout import check_cell

if TYPE_CHECKING:
    from labs.lesson import Lesson, Task, Verdict

Look = Callable[["Task", dict[str, Any]], "Verdict"]


class Referee:
    """Judges one run of one submission.

    Args:
        lesson: What is asked.
        kernel: The student's.
        look: Judges one exercise from outside.
    """

    def __init__(self, lesson: Lesson, kernel: Kernel, look: Look) -> None:
        self._kernel, self._look = kernel, look
        self._tasks = {check_cell(task.cell): task for task in lesson.tasks}
        self._ids = {task.id for task in lesson.tasks}
        self._given: dict[str, dict[str, Any]] = {}
        self.verdicts: dict[str, tuple[Verdict, float]] = {}
        self.failure: Exception | None = None

    def record(self, exercise: str, answers: dict[str, Any]) -> None:
        """Take what the student's kernel hands in; it counts for the cell that runs now."""
        if exercise in self._ids:  # else a name would be kept for each that somebody makes up
            self._given[exercise] = answers

    def pytest_configure(self) -> None:
        """Give nbval this kernel, and no other."""
        manager, client = Manager(self._kernel), Client(self._kernel)
        nbval.kernel.start_new_kernel = lambda *_args, **_kwargs: (manager, client)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: Any) -> Iterator[None]:
        """Let a cell run, and judge where it is a check's."""
        self._given.clear()
        task = self._tasks.get(item.cell.get("id", ""))
        reached = not item.parent.timed_out and item.parent.kernel.is_alive()
        try:
            return (yield)
        finally:
            if task is not None and reached and self.failure is None:
                self._judge(task, dict(self._given.get(task.id, {})))

    def _judge(self, task: Task, answers: dict[str, Any]) -> None:
        began = time.monotonic()
        try:
            with self._kernel.paused():
                verdict = self._look(task, answers)
        except Exception as error:  # the machine's: the submission is run again
            self.failure = error
            self._kernel.kill("the grader failed")
            return
        self.verdicts.setdefault(task.id, (verdict, time.monotonic() - began))
