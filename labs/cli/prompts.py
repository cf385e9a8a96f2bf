"""Output and questions of commands: lines with the time, and yes-or-no questions."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import typer


def say_with_time() -> Callable[[str], None]:
    """Return a `say` that puts the seconds since this call before each line."""
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    return say


def asker(yes: bool) -> Callable[[str], bool]:
    """Return a function that asks before something is installed or started.

    Args:
        yes: `--yes` was given: the question is printed, and the answer is yes.
    """

    def ask(question: str) -> bool:
        if yes:
            print(question, "yes (--yes)")
            return True
        # In CI or a pipe a question would wait forever, or be answered by data that is meant for
        # something else.
        if not sys.stdin.isatty():
            print(f"{question} no (there is no terminal to ask; --yes answers yes)")
            return False
        return typer.confirm(question, default=True)

    return ask
