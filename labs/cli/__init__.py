"""The `labs` command: one module a command. Each loads what it needs when it runs, so `labs --help` is quick."""

from __future__ import annotations

import sys

import typer

from labs.cli import bench, doctor, grade, images, progress, release, site, start, stop
from labs.errors import LabsError

app = typer.Typer(
    name="labs",
    help="Container Registries, Hands On: playgrounds, images, lessons, grading, site.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _module in (start, doctor, images, progress, stop, release, site, grade, bench):
    _module.register(app)


def main() -> None:
    """Run the command; an error of the course is one message and exit status 1, not a traceback."""
    try:
        app()
    except LabsError as error:
        print(f"labs: {error}", file=sys.stderr)
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        print("labs: stopped", file=sys.stderr)
        raise SystemExit(130) from None
