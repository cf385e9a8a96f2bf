"""One process of grading: submissions in, results out, a JSON line each. It runs for as long as there is work.

Only trusted code runs here. It says on stdout what the runner asked for and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from importlib import import_module
from pathlib import Path

from labs.engine import find
from labs.grading.runners.worker_request import KERNEL, reply, stop_at_sigterm, take_stdout
from labs.grading.sandbox.submission_grader import Desk
from labs.grading.submissions.handout import Material


def main(root: str, module: str, token: str, kernel: str = KERNEL) -> None:
    """Serve a runner until it says no more, or SIGTERM comes."""
    out = take_stdout()
    # Plugins that happen to be installed have nothing to say about grades.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    lessons = {lesson.slug: lesson for lesson in import_module(module).all_lessons()}
    kind = import_module(kernel).KERNEL
    desk = Desk(find(), Material(Path(root), lessons), token, module=module, kernel=kind)
    stop_at_sigterm(desk)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's goes to the runner
    try:
        for line in sys.stdin.buffer:
            said = reply(desk, lessons, json.loads(line))
            out.write(json.dumps(said).encode() + b"\n")
            out.flush()
            if desk.stopped:
                break
    finally:
        desk.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
