"""One process of grading: submissions in, results out, a JSON line each. It runs for as long as there is work.

Only trusted code runs here. It says on stdout what the runner asked for and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from labs.engine import find
from labs.errors import LabsError
from labs.grading.desk import Desk
from labs.grading.material import Material
from labs.grading.records import Limits, Submission


def main(root: str, module: str, token: str, how: str = "isolated") -> None:
    """Serve a runner until it says no more, or SIGTERM comes."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    # Plugins that happen to be installed have nothing to say about grades.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    lessons = {lesson.slug: lesson for lesson in import_module(module).all_lessons()}
    desk = Desk(find(), Material(Path(root), lessons), token, module=module, bare=how == "bare")

    def stop(*_: Any) -> None:
        threading.Thread(target=desk.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
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


def reply(desk: Desk, lessons: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    """What came of one submission: its result, or what of the machine failed."""
    submission = Submission(
        **{**order["submission"], "remarks": tuple(order["submission"]["remarks"])}
    )
    try:
        result = desk.run(submission, lessons[submission.slug], Limits(**order["limits"]))
    except LabsError as error:
        return {"message": error.message, "hint": error.hint}
    except Exception as error:
        return {"message": f"{type(error).__name__}: {error}", "hint": ""}
    return {"result": result.to_json()}


if __name__ == "__main__":
    main(*sys.argv[1:])
