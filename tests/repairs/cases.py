"""The form of the cases of a scenario: other right repairs, and wrong ones with what the check says of each.

The first right repair is the scenario's own solution, which has no case. A case is done to a playground that was broken
for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from labs.playground import Playground
from labs.repairs import Scenario

Do = Callable[[Playground], None]


@dataclass(frozen=True)
class WrongRepair:
    """What hides the symptom, mends another thing or half of it, with the exact words and hint that it must give."""

    do: Do
    message: str
    hint: str = ""


@dataclass(frozen=True)
class RepairCases:
    """Right repairs beside the solution, and wrong ones."""

    right: tuple[Do, ...]
    wrong: tuple[WrongRepair, ...]


def cases_of(scenario: Scenario) -> RepairCases:
    """The cases of a scenario: `tests/repairs/<slug>_cases.py`."""
    module = import_module(f"tests.repairs.{scenario.slug.replace('-', '_')}_cases")
    cases: RepairCases = module.CASES
    return cases
