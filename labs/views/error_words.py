"""Message and hint of an error that a notebook shows in short."""

from __future__ import annotations

import linecache
import traceback
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from labs.errors import LabsError

# Not "run the first cell again": that may remove what exercises have made.
_ENGINE_HINT = "in a new cell, lab = labs.open(…) repairs the node; then docker = lab.docker"
_LONGEST = 1000
"""Characters of a message of others, which may quote a whole answer."""


def message(error: BaseException) -> str:
    """What was seen, without the hint."""
    if isinstance(error, LabsError):
        return error.message
    if isinstance(error, KeyboardInterrupt):
        return "this cell was stopped"
    if _is_silence(error) and not _is_slow(error):
        # The words of requests are addresses, counts and classes; those of the cause are among the folded frames.
        request = getattr(error, "request", None)
        where = f" at {urlsplit(str(request.url)).netloc}" if request is not None else ""
        return f"the engine{where} does not answer"
    # Docker's own words; the SDK puts the URL of the request before them.
    words = str(getattr(error, "explanation", None) or error) or type(error).__name__
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def hint(error: BaseException, trace: TracebackType | None, namespace: dict[str, Any]) -> str:
    """What to do about it; empty where nothing that is known was observed.

    Args:
        error: What was raised.
        trace: Where.
        namespace: The global names of the notebook, in which its lab is.
    """
    if isinstance(error, KeyboardInterrupt):
        return _left_running(trace)
    if name := unset_answer(error, trace, namespace):
        return f"no cell that was run has set {name}: run the cell above this one first"
    told = error.hint if isinstance(error, LabsError) else ""
    if told and getattr(error, "status", 0) is not None:
        return told
    return _explained(error, namespace) or told or (_ENGINE_HINT if _is_silence(error) else "")


def unset_answer(
    error: BaseException, trace: TracebackType | None, namespace: dict[str, Any]
) -> str:
    """The name that a check's cell gives and no cell has set; empty for any other error."""
    if not isinstance(error, NameError) or not error.name or error.name in namespace:
        return ""
    *_, (frame, number) = traceback.walk_tb(trace)
    line = linecache.getline(frame.f_code.co_filename, number)
    is_check = frame.f_globals is namespace and f"={error.name}" in line.replace(" ", "")
    return error.name if is_check and "lab.check(" in line else ""


def _explained(error: BaseException, namespace: dict[str, Any]) -> str:
    """What the lesson whose engine or port was asked says of it."""
    from labs.lesson import Lab

    # Each name once: a notebook may have the lab of an earlier lesson too, or two names for one.
    labs = {id(value): value for value in list(namespace.values()) if isinstance(value, Lab)}
    return next(filter(None, (lab.explain(error) for lab in labs.values())), "")


def _left_running(trace: TracebackType | None) -> str:
    """What to do about what an interrupted cell has started."""
    for frame, _ in traceback.walk_tb(trace):
        if frame.f_globals.get("__name__") != "labs.engine.attended_run":
            continue
        # Only this frame knows what `run` waits for.
        made = getattr(frame.f_locals.get("self"), "made", None)
        if made is not None and not frame.f_locals.get("settings", {}).get("detach"):
            return (
                f"container {made.name} may still run: "
                f'docker.containers.get("{made.name}").remove(force=True) removes it; '
                "with detach=True, run does not wait for its end"
            )
    return "what it started may still run: docker.containers.list() shows it"


def _is_slow(error: BaseException) -> bool:
    """Whether a connection was there, and the answer took longer than the call may take."""
    from requests.exceptions import ReadTimeout

    # Where the body is late, requests wraps urllib3's ReadTimeoutError into a ConnectionError.
    inside = type(next(iter(error.args), None)).__name__
    return isinstance(error, ReadTimeout) or inside == "ReadTimeoutError"


def _is_silence(error: BaseException) -> bool:
    """Whether an engine did not answer."""
    from requests import exceptions

    if not isinstance(error, (exceptions.ConnectionError, exceptions.Timeout)):
        return False
    # requests itself speaks with any server; only the SDK speaks with engines.
    modules = (str(f.f_globals.get("__name__")) for f, _ in traceback.walk_tb(error.__traceback__))
    return any(name.startswith("docker.") for name in modules)
