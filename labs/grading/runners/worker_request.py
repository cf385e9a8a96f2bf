"""An order, one submission to grade, on its way to the process that does it, and what came of it on the way back."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

from labs.errors import LabsError
from labs.grading.models import GradingError, Limits, Result, Submission

if TYPE_CHECKING:
    from labs.grading.sandbox.submission_grader import Desk


KERNEL = "labs.grading.sandbox.kernel"
"""The module whose KERNEL runs a student's code unless a runner names another."""


def as_order(submission: Submission, limits: Limits) -> dict[str, Any]:
    """What to do, as plain data."""
    return {"submission": asdict(submission), "limits": asdict(limits)}


def reply(desk: Desk, lessons: dict[str, Any], order: dict[str, Any]) -> dict[str, Any]:
    """What came of one submission, as plain data: its result, or what of the machine failed."""
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


def result_of(reply: dict[str, Any]) -> Result:
    """The result in a reply.

    Raises:
        GradingError: The machine failed.
    """
    if "result" not in reply:
        raise GradingError(reply["message"], hint=reply["hint"])
    return Result.from_json(reply["result"])


def take_stdout() -> IO[bytes]:
    """This process's stdout, for answers alone: what a library or a check prints goes to stderr from here on."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def stop_at_sigterm(desk: Desk) -> None:
    """Have SIGTERM end what the desk does, in a thread: a handler must not wait."""

    def stop(*_: Any) -> None:
        threading.Thread(target=desk.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
