"""The `labs` command: one module a command. Each loads what it needs when it runs, so a command starts at once."""

from __future__ import annotations

import io
import sys

from labs.errors import LabsError


def main() -> None:
    """Run the command; an error of the course is one message and exit status 1, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A student's locale may have no `…`; a test's stream may be another class.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        _run(sys.argv[1:])
    except LabsError as error:
        print(f"labs: {error}", file=sys.stderr)
        raise SystemExit(1) from error
    except KeyboardInterrupt:
        print("labs: stopped", file=sys.stderr)
        # 128 + SIGINT, as shells report it.
        raise SystemExit(130) from None


def _run(words: list[str]) -> None:
    """Help, version and progress need no parser, whose import takes five times as long as the start of Python."""
    if words == ["--help"]:
        from labs.cli.overview import overview

        print(overview())
    elif words == ["--version"]:
        from labs.course import VERSION

        print(f"labs {VERSION}")
    elif words == ["progress"]:
        from labs.cli.progress import progress

        progress()
    else:
        from labs.cli.program import app

        app()
