"""Shows an error that came out of the course, Docker's SDK or an HTTP client: line, message, hint; frames folded.

An interrupted cell too. IPython would print 26 to 165 lines of frames, of which one is the student's. Errors of the
student's own lines, and of what else they call, are printed as ever.
"""

from __future__ import annotations

import linecache
import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from labs.errors import LabsError
from labs.views.html import Html, View, code_block, in_notebook, tag

_ENGINE_HINT = "run the cell with labs.open(…) again: it repairs the node; then docker = lab.docker"
_LONGEST = 1000
"""Characters of a message of others, which may quote a whole answer."""

_RED, _PLAIN = "\x1b[31m", "\x1b[39m"  # as IPython colors the name of an error
_PACKAGES = re.compile(r".*/(?:site|dist)-packages/")
_FOLDED = ("labs", "docker", "requests", "urllib3", "httpx", "httpcore")
"""Packages whose frames tell a student nothing."""
_LABS = Path(__file__).parent.parent.parent


def short_tracebacks() -> None:
    """Show those errors in short from now on, in a notebook."""
    if not in_notebook():
        return
    from IPython import get_ipython

    shell: Any = get_ipython()
    if getattr(shell, "custom_exceptions", ()):  # done before, or the student's own
        return
    # All of them: an error of any kind can come out of a package. `_show` leaves the student's own to IPython.
    shell.set_custom_exc((BaseException,), _show)


def _show(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> list[str]:
    """What IPython calls instead of its own; it returns the lines that were shown."""
    from IPython.display import display

    if not is_folded(error, trace, shell.user_ns):
        shell.showtraceback((kind, error, trace), tb_offset, running_compiled_code=True)
        return list(shell._last_traceback or ())
    # For %tb and %debug.
    sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
    lines = brief(error, trace, shell.user_ns)
    # The message of kind `error` that every front end, nbclient and nbval wait for.
    shell._showtraceback(kind, error, lines)
    display(frames_view(error, shell.user_ns))
    return lines


def brief(
    error: BaseException, trace: TracebackType | None, namespace: dict[str, Any]
) -> list[str]:
    """The student's lines, then name and message of the error, then its hint.

    Args:
        error: What was raised.
        trace: Where.
        namespace: The global names of the notebook, by which its frames are known.
    """
    lines: list[str] = []
    this = ""
    for frame, number in traceback.walk_tb(trace):
        if frame.f_globals is namespace:
            name, file = frame.f_code.co_name, frame.f_code.co_filename
            # Each run of a cell is a file of its own; the cell that runs is the first.
            this = this or file
            cell = "Your cell" if file == this else "An earlier cell"
            inside = "" if name.startswith("<") else f", in {name}"
            lines.append(
                f"{cell}, line {number}{inside}:\n    {linecache.getline(file, number).strip()}"
            )
    message, hint = said(error)
    lines.append(f"{_RED}{type(error).__name__}{_PLAIN}: {message}")
    return [*lines, *([f"Hint: {hint}"] if hint else [])]


def is_folded(error: BaseException, trace: TracebackType | None, namespace: dict[str, Any]) -> bool:
    """Whether frames are hidden: of what the packages raise, or have raised, and of an interrupt."""
    import httpx
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    known = (LabsError, DockerException, RequestException, httpx.HTTPError, KeyboardInterrupt)
    if isinstance(error, known):
        return True
    # What her last line has called, whatever has called that line.
    called = ""
    for frame, _ in traceback.walk_tb(trace):
        module = str(frame.f_globals.get("__name__", ""))
        called = "" if frame.f_globals is namespace else called or module
    return called.partition(".")[0] in _FOLDED


def said(error: BaseException) -> tuple[str, str]:
    """Message and hint of an error."""
    if isinstance(error, LabsError):
        return error.message, error.hint
    if isinstance(error, KeyboardInterrupt):
        return "this cell was stopped", _left_running(error)
    # Docker's own words; the SDK puts the URL of the request before them.
    words = str(getattr(error, "explanation", None) or error) or type(error).__name__
    shown = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
    return shown, _ENGINE_HINT if _is_silence(error) else ""


def _left_running(error: BaseException) -> str:
    """What to do about what an interrupted cell has started."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
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


def _is_silence(error: BaseException) -> bool:
    """Whether an engine did not answer."""
    from requests import exceptions

    return isinstance(error, (exceptions.ConnectionError, exceptions.Timeout))


def frames_view(error: BaseException, namespace: dict[str, Any]) -> View:
    """All frames, folded; as text the command that prints them."""
    text = "".join(_frames(error, namespace))
    summary = tag("summary", "Where it was raised")
    html: Html = tag("details", summary, code_block(text))
    return View("%tb prints where it was raised", html)


def _frames(error: BaseException, namespace: dict[str, Any]) -> Iterator[str]:
    """The lines of the traceback, the causes first; file names are the same on every machine."""
    if cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _frames(cause, namespace)
        yield "\n"
    for frame, number in traceback.walk_tb(error.__traceback__):
        path = frame.f_code.co_filename
        code = linecache.getline(path, number).strip()
        where = "your cell" if frame.f_globals is namespace else _short(path)
        yield f"{where}, line {number}, in {frame.f_code.co_name}\n    {code}\n"
    yield f"{type(error).__name__}: {said(error)[0]}\n"


def _short(path: str) -> str:
    path = _PACKAGES.sub("", path)
    if path.startswith(f"{_LABS}/"):
        return path.removeprefix(f"{_LABS}/")
    return re.sub(r".*/python3[^/]*/", "", path)
