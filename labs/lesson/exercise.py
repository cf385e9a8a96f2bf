"""Exercises and questions: what a lesson asks, with its check, its hints and its answer's cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, TypeAlias

from labs.lesson.verdict import Outcome

if TYPE_CHECKING:
    from labs.playground import Playground

JSON: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None
Answers: TypeAlias = Mapping[str, JSON]


@dataclass(frozen=True)
class Finding:
    """What a check found; made with `passed`, `not_yet` or `not_attempted`."""

    outcome: Outcome
    message: str = ""
    hint: str = ""


Check: TypeAlias = "Callable[[Playground, Answers], Finding]"


def passed(message: str = "") -> Finding:
    """The exercise is done."""
    return Finding("passed", message)


def not_yet(message: str, *, hint: str = "") -> Finding:
    """What was done is not what was wanted. `message` names what was seen and what was wanted."""
    return Finding("not yet", message, hint)


def not_attempted(message: str) -> Finding:
    """Nothing was done yet. `message` says what to do."""
    return Finding("not attempted", message)


@dataclass(frozen=True)
class NamedCheck:
    """A check by the name of its function, `labs.lessons.run_a_registry.checks:second_registry`.

    It is imported at its first use: checks need Docker's SDK and an HTTP client, a lesson's title needs neither.
    """

    name: str

    def __call__(self, playground: Playground, answers: Answers) -> Finding:
        """Judge as the function does."""
        found: Finding = resolve_name(self.name)(playground, answers)
        return found


@dataclass(frozen=True)
class Exercise:
    """Something to do, judged by the state it leaves.

    `id` is `1.2`, the second of lesson 1; `cell` is the id of the notebook cell that holds the
    answer; `hints` go from where to look to what to call; `points` count in the marks of a lesson.
    """

    id: str
    title: str
    check: Check
    hints: tuple[str, ...]
    cell: str
    points: int = 1


@dataclass(frozen=True)
class Question:
    """A multiple-choice question, its `title`. `why` explains every choice, the wrong ones too.

    It counts fewer `points` than an exercise: it can be guessed.
    """

    id: str
    title: str
    choices: Mapping[str, str]
    right: str
    why: Mapping[str, str]
    hints: tuple[str, ...] = ()
    points: int = 1

    def __post_init__(self) -> None:
        # An author's mistake, found when the lesson is imported and not when a student answers.
        if self.right not in self.choices or set(self.why) != set(self.choices):
            raise ValueError(
                f"question {self.id}: `right` must be a choice, and `why` explain each"
            )

    @property
    def cell(self) -> str:
        """The id of the notebook cell that holds the answer."""
        return f"answer-{self.id.replace('.', '-')}"

    def check(self, _playground: Playground, answers: Answers) -> Finding:
        """Judge the answer `choice`, as the check of an exercise does."""
        given = answers.get("choice")
        if given is None or (isinstance(given, str) and not given.strip()):
            return not_attempted(f"choose {self._names}")
        choice = self.chosen(given)
        if choice is None:
            return not_attempted(f"there is no choice {given!r}; choose {self._names}")
        found = passed if choice == self.right else not_yet
        return found(self.why[choice])

    def chosen(self, given: JSON) -> str | None:
        """The name of the choice that is meant, in any spelling of it by hand: `B`, `b)`, `(b)`, `b. An image`.

        None where it is not a choice, or could be two.
        """
        if not isinstance(given, str):
            return None
        plain = _plain(given)
        meant = [
            name
            for name, words in self.choices.items()
            if plain and plain in (_plain(name), _plain(words), _plain(f"{name} {words}"))
        ]
        return meant[0] if len(meant) == 1 else None

    @property
    def _names(self) -> str:
        *first, last = self.choices
        return f"{', '.join(first)} or {last}" if first else last


def _plain(text: str) -> str:
    """Letters and digits in lower case, with one blank where anything else is; `ｂ` is `b`."""
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


Task: TypeAlias = Exercise | Question
