"""`Lab`, the object that a notebook works with: one lesson in one playground. `labs.views` draws what it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from labs.course import course_root
from labs.lesson import shown, swarm_watch
from labs.lesson.answers import written_answer
from labs.lesson.exercise import Question, Task
from labs.lesson.hints import next_hint
from labs.lesson.judgment import judge
from labs.lesson.lesson import Lesson
from labs.lesson.progress import Progress, standing
from labs.lesson.shown import Note, Show, Status, Tried, print_status, print_text
from labs.lesson.verdict import Verdict
from labs.lesson.workplace import Workplace

if TYPE_CHECKING:
    from labs.playground import Playground


class Lab(Workplace):
    """One lesson, open in its playground.

    Args:
        lesson: What is asked.
        playground: Where it is done.
        show: Shows results; prints their text, unless a notebook passes something better.
        status: Shows the progress of slow steps.
        course: All lessons, for the progress of the course.
        progress: Where outcomes are kept.
    """

    def __init__(
        self,
        lesson: Lesson,
        playground: Playground,
        *,
        show: Show = print_text,
        status: Status = print_status,
        course: Callable[[], Sequence[Lesson]] = tuple,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(playground, lesson.ports, show)
        self.lesson = lesson
        self._status = status
        self._course = course
        self._progress = progress or Progress()
        self._last: dict[str, Verdict] = {}
        self._given: dict[str, list[str]] = {}
        self._clicked: dict[str, str] = {}

    def check(self, exercise: str, **answers: Any) -> None:
        """Judge an exercise by the present state, keep the outcome and show it."""
        self._show(self.verdict(exercise, **answers))

    def verdict(self, exercise: str, **answers: Any) -> Verdict:
        """Judge an exercise, keep the outcome and return it.

        Raises:
            LessonError: There is no such exercise, or an answer is not plain JSON.
        """
        task, answers = self._asked(exercise, answers)
        verdict = judge(task, self.playground, answers)
        if exercise in self._clicked and answers.get("choice") is None:
            verdict = replace(verdict, message=_to_write(self._clicked[exercise]))
        self._last[exercise] = verdict
        try:
            # A disk that is full must not hide the verdict.
            self._progress.record(self.lesson.slug, exercise, verdict.outcome)
        except OSError as error:
            self._show(Note(f"Your progress could not be saved: {error}"))
        return verdict

    def _asked(self, exercise: str, answers: dict[str, Any]) -> tuple[Task, dict[str, Any]]:
        """Return what is to be judged, and all answers."""
        task = self.lesson.task(exercise)
        return task, {"choice": None, **answers} if isinstance(task, Question) else answers

    def _judge_click(self, exercise: str, choice: str) -> Tried:
        """Say whether a clicked choice is right, and what to write.

        It is not kept as progress: a click is in no cell, so it is not in the notebook that is handed in.
        """
        question = self.lesson.question(exercise)
        finding = question.check(self.playground, {"choice": choice})
        if finding.outcome != "passed":
            right = None if finding.outcome == "not attempted" else False
            return Tried(exercise, right, False, finding.message)
        self._clicked[exercise] = choice
        last = self._last.get(exercise)
        if last and last.passed:
            return Tried(exercise, True, True, finding.message)
        if last is None and self._progress.outcomes(self.lesson.slug).get(exercise) == "passed":
            # Perhaps in another copy of the notebook.
            before = f'It has passed before; what counts is `choice = "{choice}"` in the cell'
            return Tried(exercise, True, True, f"{finding.message} {before}")
        return Tried(exercise, True, False, f"{finding.message} {_to_write(choice)}")

    def hint(self, exercise: str) -> None:
        """Show the next hint; the first is about what the last check saw, where it had one."""
        task = self.lesson.task(exercise)
        given = self._given.setdefault(exercise, [])
        found = next_hint(task, self._last.get(exercise), given)
        if not found:
            more = "no more hints" if given else "no hints"
            return self._show(
                Note(f'{exercise}: {more}; lab.solution("{exercise}") shows an answer')
            )
        given.append(found.words)
        self._show(found)
        return None

    def solution(self, exercise: str) -> None:
        """Show one right answer."""
        self._show(self._answer(self.lesson.task(exercise)))

    def question(self, exercise: str) -> None:
        """Ask a question. A click tells whether a choice is right; `choice = "…"` in the cell is the answer."""
        question = self.lesson.question(exercise)
        self._show(shown.Asked(question, lambda choice: self._judge_click(exercise, choice)))

    def progress(self) -> None:
        """Show what is passed, in this lesson and in the course."""
        course = tuple(standing(lesson, self._progress) for lesson in self._course())
        self._show(shown.ProgressReport(standing(self.lesson, self._progress), course))

    def reset(self) -> None:
        """Make a new playground. What you passed stays passed."""
        # Before its nodes are removed: the watch's clients would keep asking nodes that are gone.
        swarm_watch.end(self.playground.name)
        with self._status(self.lesson) as say:
            self.playground.reset(say)
        # What the last checks saw is gone with the playground; progress is kept.
        self._last.clear()
        self._given.clear()
        self._show(
            Note(
                "A clean playground. Run `docker = lab.docker` again: the old client has no engine any more."
            )
        )

    def close(self) -> None:
        """Remove the playground."""
        swarm_watch.end(self.playground.name)
        self.playground.close()

    def __repr__(self) -> str:
        return f'Lab("{self.lesson.slug}")'

    def _answer(self, task: Task) -> shown.Shown:
        if isinstance(task, Question):
            code = f'choice = "{task.right}"'
            right = task.choices[task.right].rstrip(".")
            return shown.Answer(task.id, code, f"{right}. {task.why[task.right]}")
        source = course_root() / "solutions" / f"{self.lesson.file_stem}.py"
        answer = written_answer(source, task.cell)
        if answer is None:
            return Note(f"{task.id}: this copy of the course has no solutions/{source.name}")
        return shown.Answer(
            task.id, answer, "one way to do it; another one is as right if it passes"
        )


def _to_write(choice: str) -> str:
    return (
        f'Write `choice = "{choice}"` into the cell of the question and run it, then its check: '
        "a click is not saved in the notebook"
    )
