"""What a lesson is made of and what a notebook calls. Single lessons are in `labs.lessons`."""

from labs.lesson.exercise import (
    JSON,
    Answers,
    Exercise,
    Finding,
    NamedCheck,
    Question,
    Task,
    not_attempted,
    not_yet,
    passed,
)
from labs.lesson.lesson import Lesson, LessonError
from labs.lesson.progress import Progress, Standing, standing
from labs.lesson.verdict import Outcome, Verdict

__all__ = [
    "JSON",
    "Answers",
    "Exercise",
    "Finding",
    "Lesson",
    "LessonError",
    "NamedCheck",
    "Outcome",
    "Progress",
    "Question",
    "Standing",
    "Task",
    "Verdict",
    "not_attempted",
    "not_yet",
    "passed",
    "standing",
]
