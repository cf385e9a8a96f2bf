"""The verdict of a check: one of four outcomes, as one stable line of text and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Outcome = Literal["passed", "not yet", "not attempted", "unavailable"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True)
class Verdict:
    """The outcome of one exercise.

    `message` says what was seen and what was wanted; `hint`, if there is one, was made from what
    was seen.
    """

    exercise: str
    outcome: Outcome
    message: str = ""
    hint: str = ""

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
            raise ValueError(f"no such outcome: {self.outcome!r}; there are {', '.join(OUTCOMES)}")

    @property
    def passed(self) -> bool:
        """Whether the exercise is done."""
        return self.outcome == "passed"

    @property
    def line(self) -> str:
        """The verdict in one line, whatever line breaks the message has."""
        message = " ".join(self.message.split())
        return f"{self.exercise} {self.outcome}" + (f": {message}" if message else "")

    @property
    def text(self) -> str:
        """The text form: the line."""
        return self.line

    def to_json(self) -> dict[str, str]:
        """The verdict as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        """The verdict that `to_json` wrote."""
        return cls(**data)
