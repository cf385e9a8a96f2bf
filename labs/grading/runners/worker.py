"""A worker process of the local runner: requests on stdin, responses on stdout, a JSON line each.

Only trusted code runs here.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

from labs.engine import find
from labs.grading.debug_log import join_debug_log
from labs.grading.runners.worker_request import (
    KERNEL,
    allow_open_files,
    close_quietly,
    respond,
    stop_at_sigterm,
)
from labs.grading.sandbox import SubmissionGrader
from labs.grading.stdio import take_stdout
from labs.grading.submissions import Handout


def main(root: str, module: str, token: str, kernel: str = KERNEL) -> None:
    """Answer requests until stdin ends or SIGTERM comes."""
    out = take_stdout()
    allow_open_files()
    join_debug_log("worker")
    # Pytest plugins that happen to be installed must not change grades.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    lessons = {lesson.slug: lesson for lesson in import_module(module).all_lessons()}
    kind = import_module(kernel).KERNEL
    grader = SubmissionGrader(
        find(), Handout(Path(root), lessons), token, module=module, kernel=kind
    )
    stop_at_sigterm(grader)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the runner handles Ctrl-C
    try:
        for line in sys.stdin.buffer:
            response = respond(grader, lessons, json.loads(line))
            out.write(json.dumps(response).encode() + b"\n")
            out.flush()
            # After the response: the runner waits for one line, also from a run that was stopped.
            if grader.stopped:
                break
    finally:
        close_quietly(grader)


if __name__ == "__main__":
    main(*sys.argv[1:])
