"""The root of every error this course raises on purpose. Each room derives its own from it.

LabsError
├── EngineError        labs.engine       no engine, too old, cannot be started
├── ImageError         labs.images       an image is missing or cannot be built
├── PlaygroundError    labs.playground   a node cannot be made or does not answer
├── RegistryError      labs.registry     a registry refused, or did not answer
├── LessonError        labs.lesson       no such lesson, exercise, hint or answer
├── GradingError       labs.grading      grading cannot start or go on
└── BuildError         labs.builder      a lesson's source cannot become a notebook
"""

from __future__ import annotations


class LabsError(Exception):
    """An error with one hint on what to do about it.

    Args:
        message: What was tried, on what, and what was seen.
        hint: What to do now; printed on a line of its own.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nHint: {self.hint}" if self.hint else self.message
