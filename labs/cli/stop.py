"""`labs reset [LESSON]` and `labs stop`: remove what carries this course folder's label, and no more."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from labs.lesson import Lesson
    from labs.repairs import Scenario


def register(app: typer.Typer) -> None:
    """Add the commands to the `labs` program."""
    app.command()(reset)
    app.command()(stop)


def reset(
    lesson: Annotated[
        str,
        typer.Argument(
            help="A lesson's name, `run-a-registry`, or a repair's: its playground alone."
        ),
    ] = "",
    gone: Annotated[
        bool, typer.Option("--gone", help="Also what course folders that are gone have left.")
    ] = False,
) -> None:
    """Remove the playground of a lesson, or all of this course folder. Images and your progress stay."""
    from labs import playground
    from labs.engine import find

    found = _lesson(lesson) if lesson else None  # before an engine is looked for
    engine = find()
    if found:
        removed = playground.Playground.of(found.slug, found.spec, engine).close()
        if not removed:
            print(f"{found.slug}: nothing to remove")
    else:
        removed = playground.remove_all(engine)
    for name in removed + (playground.remove_strays(engine) if gone else []):
        print(f"removed {name}")


def _lesson(name: str) -> Lesson | Scenario:
    """The lesson of that name, with or without its number: `01-run-a-registry`, as its notebook is called.

    A scenario of the repair shop has a playground of its own, too.

    Raises:
        LabsError: There is no such lesson.
    """
    from labs import lessons, repairs

    if name in (each.slug for each in repairs.all_scenarios()):
        return repairs.find(name)

    # A student copies the name of the notebook.
    slug = name.removesuffix("/").rpartition("/")[2].removesuffix(".ipynb")
    return lessons.find(re.sub(r"^\d+-", "", slug))


def stop(
    force: Annotated[
        bool, typer.Option("--force", help="Stop the embedded engine even if other folders use it.")
    ] = False,
) -> None:
    """Remove all playgrounds, stop JupyterLab and the embedded engine if it runs."""
    from labs import playground
    from labs.cli import notebook
    from labs.engine import Embedded, EngineNotFound, find
    from labs.errors import LabsError

    # First: a kernel that runs could open a playground again.
    if notebook.stop():
        print("stopped JupyterLab")
    try:
        engine = find()
    except EngineNotFound:
        print("no engine runs: nothing to remove")
        return
    try:
        for name in playground.remove_all(engine):
            print(f"removed {name}")
    except LabsError as error:
        # The engine is stopped all the same: what it cannot remove must not keep it running.
        print(f"labs: {error}", file=sys.stderr)
    # Only an engine that the course started may be stopped by it.
    if not engine.embedded:
        return
    others = playground.others(engine)
    if others and not force:
        print(
            f"the embedded engine goes on: {len(others)} containers of other folders run in it (--force)"
        )
        return
    if Embedded().stop():
        print("stopped the embedded engine")
