"""The table of what registries answered on a walk, as text, by the specification's categories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.lessons.choose_a_registry.walk import CATEGORIES, STEPS, Found

Walks = Mapping[str, Mapping[str, Found]]
"""What each registry answered, by its name."""


def table(walks: Walks) -> str:
    """One line for each step and one column for each registry; below, what `partly` means."""
    return "\n".join(_lines(walks))


def claims(found: Mapping[str, Found]) -> dict[str, bool]:
    """Whether a registry may claim each category: all that the specification says MUST of is there, on this walk."""
    required = [step for step in STEPS if step.asks == "MUST"]
    return {
        category: all(found[s.name].word == "yes" for s in required if s.category == category)
        for category in CATEGORIES
    }


def _lines(walks: Walks) -> Iterator[str]:
    widths = [max(14, len(name) + 2) for name in walks]
    yield _row(["", "", *walks], widths)
    for category in CATEGORIES:
        yield category.upper()
        for step in STEPS:
            if step.category == category:
                found = [each[step.name] for each in walks.values()]
                yield _row([step.name, step.asks, *map(_cell, found)], widths)
    for name, found in walks.items():
        for each, what in found.items():
            if what.but:
                yield f"{name}, {each}: {what.but}"


def _cell(found: Found) -> str:
    # The last status is the one that decides; all are in the walk's result.
    return f"{found.word} {found.seen.split()[-1]}"


def _row(cells: list[str], widths: list[int]) -> str:
    name, asks, *rest = cells
    return (f"  {name:<33}{asks:<8}" + "".join(f"{c:<{w}}" for c, w in zip(rest, widths, strict=True))).rstrip()
