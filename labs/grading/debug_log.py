"""`LABS_LOG=debug`: what each process of a grading run does and how long it takes, in one file.

Every process appends to the file by itself; a line is one write, so lines of two processes never mix. Text that a
student wrote gets in through `cut` only. Nothing is logged unless the variable is set.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labs import course

LEVEL_VARIABLE = "LABS_LOG"
# Set for the child processes of a run: where they append.
_FILE_VARIABLE = "LABS_LOG_FILE"
_FORMAT = "%(asctime)s.%(msecs)03d %(name)s[%(process)d] %(threadName)s: %(message)s"
# As much of a text of a student as tells which one it is.
_CUT_CHARS = 60

log = logging.getLogger("labs.grading")


def start_debug_log() -> None:
    """Begin the file of a run and name it on stderr, where `LABS_LOG=debug` is set."""
    if os.environ.get(LEVEL_VARIABLE, "").lower() != "debug":
        return
    path = course.state_folder() / "grade.log"
    path.write_text("")
    os.environ[_FILE_VARIABLE] = str(path)
    print(f"labs: each process of this run logs to {path}", file=sys.stderr)
    join_debug_log("grade")


def join_debug_log(process: str) -> None:
    """Append to the file of the run that this process belongs to; nothing where there is none.

    Args:
        process: What the lines of this process begin with.
    """
    named = os.environ.get(_FILE_VARIABLE)
    if not named or not Path(named).parent.is_dir():
        return
    log.name = process
    for handler in list(log.handlers):  # of an earlier run in the same process
        log.removeHandler(handler)
        handler.close()
    # backslashreplace: a student's text may hold surrogates, and a log must not raise.
    handler = logging.FileHandler(named, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter(_FORMAT, datefmt="%H:%M:%S"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    # pytest, which runs in a worker, would put the records into its report.
    log.propagate = False


@contextmanager
def timed(what: str, *values: object) -> Iterator[None]:
    """Log how long the block took, with `what % values` before it."""
    started = time.monotonic()
    try:
        yield
    finally:
        log.debug(f"{what} took %.3f s", *values, time.monotonic() - started)


def cut(text: str) -> str:
    """A text of a student for the log: one line, short, and no control character."""
    # repr escapes line breaks and control characters: no student can forge a line of the log.
    return repr(text[:_CUT_CHARS]) + ("…" if len(text) > _CUT_CHARS else "")
