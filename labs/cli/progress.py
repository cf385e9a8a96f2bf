"""`labs progress`: what is passed, from any terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def register(app: typer.Typer) -> None:
    """Add the command to the `labs` program."""
    app.command()(progress)


def progress() -> None:
    """Show what you have passed, lesson by lesson."""
    from labs import lessons, repairs
    from labs.lesson import Progress, standing

    kept = Progress()
    for lesson in lessons.all_lessons():
        print(standing(lesson, kept).line)
    mended = list(kept.outcomes(repairs.SHOP).values()).count("passed")
    if mended:
        print(f"Repair shop: {mended} of {len(repairs.all_scenarios())} mended")
