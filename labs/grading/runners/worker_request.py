"""The JSON between a runner and the process that grades: a request is one submission, a response its result."""

from __future__ import annotations

import resource
import signal
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from labs.errors import LabsError
from labs.grading.debug_log import cut, log, timed
from labs.grading.models import GradingError, Limits, Result, Submission

if TYPE_CHECKING:
    from labs.grading.sandbox import SubmissionGrader


KERNEL = "labs.grading.sandbox.kernel"
"""The module whose KERNEL runs a student's code unless a runner names another."""


def request_for(submission: Submission, limits: Limits) -> dict[str, Any]:
    """The request to grade one submission."""
    return {"submission": asdict(submission), "limits": asdict(limits)}


def respond(
    grader: SubmissionGrader, lessons: dict[str, Any], request: dict[str, Any]
) -> dict[str, Any]:
    """Grade one submission; the response is its result, or the failure of the machine."""
    submission = Submission(
        **{**request["submission"], "remarks": tuple(request["submission"]["remarks"])}
    )
    try:
        with timed("submission %s %s", cut(submission.student), submission.slug):
            result = grader.run(submission, lessons[submission.slug], Limits(**request["limits"]))
    except LabsError as error:
        return {"message": error.message, "hint": error.hint}
    # One submission that the grader cannot handle must not end the worker, which has others to
    # grade.
    except Exception as error:
        return {"message": f"{type(error).__name__}: {error}", "hint": ""}
    return {"result": result.to_json()}


def result_of(response: dict[str, Any]) -> Result:
    """The result in a response.

    Raises:
        GradingError: The machine failed.
    """
    if "result" not in response:
        raise GradingError(response["message"], hint=response["hint"])
    return Result.from_json(response["result"])


def allow_open_files() -> None:
    """Let this process open as many files as it may: a student can open hundreds of connections at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS says "no limit" and takes no such number.
    if hard != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def close_quietly(grader: SubmissionGrader) -> None:
    """Remove what the grader created; the runner removes what is left, and tells what it cannot."""
    try:
        grader.close()
    except Exception as error:
        log.debug("a grader left something: %s", cut(str(error)))


def stop_at_sigterm(grader: SubmissionGrader) -> None:
    """Have SIGTERM stop the grader, in a thread: a signal handler must not wait for a lock."""

    def stop(*_: Any) -> None:
        # A daemon: the process ends without waiting for an engine that does not answer.
        threading.Thread(target=grader.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
