"""All scenarios: found by name, listed, drawn by chance."""

from __future__ import annotations

import pkgutil
import random
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from labs import lessons
from labs.errors import LabsError
from labs.lesson import Progress
from labs.repairs.scenario import Scenario

SHOP = "repair-shop"
"""What outcomes of repairs are kept under, beside those of lessons."""

_COMMON = "common"  # what set-ups and checks share


def all_scenarios() -> list[Scenario]:
    """All scenarios, by name."""
    return [_scenario(name) for name in _packages()]


def find(slug: str) -> Scenario:
    """The scenario of that name.

    Raises:
        LabsError: There is none; the hint names the nearest, or the command that lists all.
    """
    slugs = [name.replace("_", "-") for name in _packages()]
    if slug not in slugs:
        from difflib import get_close_matches

        near = get_close_matches(slug, slugs, n=1)
        hint = f'did you mean "{near[0]}"?' if near else "`labs mend` lists them"
        raise LabsError(f'the repair shop has no "{slug}"', hint=hint)
    return _scenario(slug.replace("-", "_"))


def repair_list(progress: Progress | None = None) -> str:
    """A line for each scenario: whether it is mended, its name, the number of its lesson, what is seen."""
    outcomes = (progress or Progress()).outcomes(SHOP)
    every = all_scenarios()
    width = max(len(each.slug) for each in every)
    lines = [f"{'':7} {'name':{width}}  lesson  what is seen"]
    for each in every:
        done = "mended" if outcomes.get(each.slug) == "passed" else ""
        number = lessons.find(each.lesson).number
        lines.append(f"{done:7} {each.slug:{width}}  {number:6}  {each.title}")
    return "\n".join(lines)


def draw(
    progress: Progress, choose: Callable[[Sequence[Scenario]], Scenario] = random.choice
) -> Scenario:
    """A scenario by chance, one that is not mended yet as long as there is any."""
    outcomes = progress.outcomes(SHOP)
    every = all_scenarios()
    return choose([each for each in every if outcomes.get(each.slug) != "passed"] or every)


def _packages() -> list[str]:
    # Not the path of `labs.repairs`: that package loads this module.
    found = (each.name for each in pkgutil.iter_modules([str(Path(__file__).parent)]) if each.ispkg)
    return sorted(name for name in found if name != _COMMON)


def _scenario(package: str) -> Scenario:
    found: Scenario = import_module(f"labs.repairs.{package}").SCENARIO
    return found
