"""The commands put together as one typer program: it reads the command line and calls the command."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from labs.cli import (
    authoring,
    bench,
    build,
    doctor,
    grade,
    images,
    mend,
    progress,
    site,
    start,
    stop,
)
from labs.cli.overview import overview


class Commands(TyperGroup):
    """All commands; its help is the page that `labs --help` prints without loading this program."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        formatter.write(overview() + "\n")


app = typer.Typer(
    name="labs",
    cls=Commands,
    no_args_is_help=True,
    # Its options would be in the help, and change the user's shell.
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help and errors as plain text: rich takes 0.14 s to load
)
for _module in (start, doctor, images, progress, mend, stop, build, authoring, site, grade, bench):
    _module.register(app)
