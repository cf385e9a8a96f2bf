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
from labs.views import error_words
from labs.views.html import Html, View, code_block, in_notebook, tag

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
    hint = error_words.hint(error, trace, namespace)
    lines.append(f"{_RED}{type(error).__name__}{_PLAIN}: {error_words.message(error)}")
    return [*lines, *([f"Hint: {hint}"] if hint else [])]


def is_folded(error: BaseException, trace: TracebackType | None, namespace: dict[str, Any]) -> bool:
    """Whether frames are hidden: of what the packages raise, or have raised, and of an interrupt."""
    import httpx
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    known = (LabsError, DockerException, RequestException, httpx.HTTPError, KeyboardInterrupt)
    if isinstance(error, known) or error_words.unset_answer(error, trace, namespace):
        return True
    # What the student's last line has called, whatever has called that line.
    called = ""
    for frame, _ in traceback.walk_tb(trace):
        module = str(frame.f_globals.get("__name__", ""))
        called = "" if frame.f_globals is namespace else called or module
    return called.partition(".")[0] in _FOLDED


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
    yield f"{type(error).__name__}: {error_words.message(error)}\n"


def _short(path: str) -> str:
    path = _PACKAGES.sub("", path)
    if path.startswith(f"{_LABS}/"):
        return path.removeprefix(f"{_LABS}/")
    return re.sub(r".*/python3[^/]*/", "", path)
