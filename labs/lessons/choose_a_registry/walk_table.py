"""The table of what registries answered on a walk, as text, by the specification's categories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labs.lessons.choose_a_registry.conformance_walk import CATEGORIES, STEPS, Found, WalkStep

Walks = Mapping[str, Mapping[str, Found]]
"""What each registry answered, by its name."""


def table(walks: Walks, *only: str) -> str:
    """One line for each step and one column for each registry; below, what `partly` means. A step not taken is a dash.

    Args:
        walks: What each registry answered.
        only: Categories; all of them if none is named.
    """
    return "\n".join(_lines(walks, only or CATEGORIES))


def _lines(walks: Walks, categories: tuple[str, ...]) -> Iterator[str]:
    widths = [max(14, len(name) + 2) for name in walks]
    yield _row(["", "", *walks], widths)
    shown = [step for step in STEPS if step.category in categories]
    for category in categories:
        steps = [step for step in shown if step.category == category]
        yield _row(
            [category.upper(), "", *(_count(steps, each) for each in walks.values())], widths
        )
        for step in steps:
            cells = [_cell(each.get(step.name)) for each in walks.values()]
            yield _row([f"  {step.name}", step.asks, *cells], widths)
    for name, found in walks.items():
        for step in shown:
            if step.name in found and (but := found[step.name].but):
                yield f"{name}, {step.name}: {but}"


def _count(steps: list[WalkStep], found: Mapping[str, Found]) -> str:
    taken = [found[step.name] for step in steps if step.name in found]
    return f"{sum(each.word == 'yes' for each in taken)} of {len(steps)}" if taken else "–"


def _cell(found: Found | None) -> str:
    return f"{found.word} {found.seen.split()[-1]}" if found else "–"


def _row(cells: list[str], widths: list[int]) -> str:
    name, asks, *rest = cells
    columns = "".join(f"{cell:<{width}}" for cell, width in zip(rest, widths, strict=True))
    return f"{name:<35}{asks:<8}{columns}".rstrip()
