"""How a command talks: timed lines while something takes long, and yes-or-no questions."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import typer


def say_with_time() -> Callable[[str], None]:
    """A `say` that puts the seconds since its making before each line."""
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    return say


def asker(yes: bool) -> Callable[[str], bool]:
    """What asks before something is installed or started.

    Args:
        yes: `--yes` was given: the question is printed and taken as answered.
    """

    def ask(question: str) -> bool:
        if yes:
            print(question, "yes (--yes)")
            return True
        if not sys.stdin.isatty():
            print(f"{question} no (there is no terminal to ask; --yes answers yes)")
            return False
        return typer.confirm(question, default=True)

    return ask
