"""One lesson: its number and name, what its playground needs, what it asks. It holds no prose."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from labs.errors import LabsError
from labs.lesson.exercise import Exercise, Question, Task

if TYPE_CHECKING:
    from labs.playground import PlaygroundSpec


class LessonError(LabsError):
    """No such lesson, exercise, hint or answer."""


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    `ports` are the ports that its nodes publish, `nodes` how many of these there are, `images` the
    names of those that are in each; `minutes` is how long a student takes. Where there are `managers`,
    the nodes form a swarm of these and of the `workers`. Images of the catalog that are `loaded` are in node 1
    from its start, under their key. One with a `store` uses the playground's object
    store, one with a `hub` its hub. A `draft` is not listed, built or graded with the others.
    """

    number: int
    slug: str
    title: str
    minutes: int
    summary: str
    ports: tuple[int, ...] = (5000,)
    nodes: int = 1
    managers: int = 0
    workers: int = 0
    store: bool = False
    hub: bool = False
    images: tuple[str, ...] = ()
    loaded: tuple[str, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    questions: tuple[Question, ...] = field(default=())
    draft: bool = False

    def __post_init__(self) -> None:
        ids = [task.id for task in self.tasks]
        # An author's mistake, found when the lesson is imported: progress and grades are kept by these ids.
        strange = [id for id in ids if id.partition(".")[0] != str(self.number)]
        if strange or len(set(ids)) < len(ids):
            raise ValueError(f"lesson {self.number}: ids must be {self.number}.n, each once: {ids}")

    def sized(self, managers: int | None = None, workers: int | None = None) -> Lesson:
        """Return the same lesson on a swarm of another size; None keeps its own number.

        Raises:
            LessonError: It has no swarm.
        """
        if managers is workers is None:
            return self
        if not self.managers:
            raise LessonError(
                f"lesson {self.slug} has no swarm: it takes no managers= and no workers=",
                hint=f'labs.open("{self.slug}")',
            )
        return replace(
            self,
            managers=self.managers if managers is None else managers,
            workers=self.workers if workers is None else workers,
        )

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Exercises and questions, in the order of their ids."""
        return tuple(sorted((*self.exercises, *self.questions), key=_numbers))

    @property
    def spec(self) -> PlaygroundSpec:
        """What its playground must be."""
        from labs.playground import PlaygroundSpec  # with Docker's SDK: not for a lesson's title

        return PlaygroundSpec(
            self.ports,
            self.nodes,
            self.managers,
            self.workers,
            images=self.images,
            loaded=self.loaded,
        )

    @property
    def points(self) -> int:
        """What all exercises and questions together count."""
        return sum(task.points for task in self.tasks)

    @property
    def file_stem(self) -> str:
        """The name its source and notebooks have, without the ending: `01-run-a-registry`."""
        return f"{self.number:02d}-{self.slug}"

    def task(self, id: str) -> Task:
        """The exercise or question with that id.

        Raises:
            LessonError: There is none; the hint names all.
        """
        for task in self.tasks:
            if task.id == id:
                return task
        if not isinstance(id, str):
            # Not accepted as the text that it prints as: 1.10 is the number 1.1.
            raise LessonError(
                f"{id!r} is not an exercise's id, which is text", hint=f'in quotes: "{id}"'
            )
        known = ", ".join(task.id for task in self.tasks) or "none"
        raise LessonError(f"lesson {self.slug} has no exercise {id!r}", hint=f"it has {known}")

    def question(self, id: str) -> Question:
        """The question with that id.

        Raises:
            LessonError: There is none, or it is an exercise.
        """
        task = self.task(id)
        if isinstance(task, Question):
            return task
        raise LessonError(f"{id} is not a question", hint=f'lab.check("{id}") judges what you did')


def _numbers(task: Task) -> list[int]:
    # As numbers: 1.10 comes after 1.9.
    return [int(part) for part in task.id.split(".")]
