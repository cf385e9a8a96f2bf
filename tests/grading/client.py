"""A lesson whose check asks the registry that the answer names, for a test of how far it gets."""

from __future__ import annotations

from labs.lesson import Exercise, Lesson, passed
from labs.registry import RegistryClient


def _asks(_playground, answers):
    return passed(str(RegistryClient(answers["url"]).catalog()))


CALLING = Lesson(
    1,
    "calling",
    "Calling",
    5,
    "For tests.",
    nodes=0,
    exercises=(Exercise("1.1", "First", _asks, (), "answer-1-1"),),
)


def all_lessons() -> list[Lesson]:
    return [CALLING]
