"""Runs a check and turns its result into a verdict, for the notebook and for the grader.

A failure around a check is never a wrong answer: a dead engine and a broken check are both `unavailable`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import docker.errors
import httpx
import requests

from labs.errors import LabsError
from labs.lesson.exercise import JSON, Answers, Finding, Task
from labs.lesson.lesson import LessonError
from labs.lesson.verdict import Verdict
from labs.registry import InvalidReference, RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labs.playground import Playground

# Answers of a proxy in front of an engine that is gone.
_GATEWAY_STATUSES = (502, 503, 504)


def judge(task: Task, playground: Playground, answers: Mapping[str, Any]) -> Verdict:
    """Check one exercise or question.

    Args:
        task: What to check.
        playground: Where it was done.
        answers: Values that the exercise asks for, as plain JSON.

    Raises:
        LessonError: A value is not plain JSON.
    """
    plain = _Asked(plain_json(answers, task.id))
    try:
        finding = task.check(playground, plain)
    except Exception as error:
        # Any exception: a check reads what a student made, and a notebook must show a verdict, not a traceback.
        return _without_finding(task, playground, error)
    if not isinstance(finding, Finding):
        return _broken(task, f"it returned {type(finding).__name__}, not a Finding")
    if finding.outcome != "passed" and (wrong := plain.misnamed()):
        return Verdict(task.id, finding.outcome, f'lab.check("{task.id}", …): {wrong}')
    return Verdict(task.id, finding.outcome, finding.message, finding.hint)


class _Asked(dict[str, JSON]):
    """Answers that note which of them a check asks for: nothing else tells what the arguments are called."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(answers)
        self._asked: set[str] = set()

    def __getitem__(self, name: str) -> JSON:
        self._asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._asked.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: JSON = None) -> JSON:  # type: ignore[override]
        self._asked.add(name)
        return super().get(name, default)

    def misnamed(self) -> str:
        """Say of an argument that was not asked for what it should be called; empty if none is missing."""
        unknown = sorted(self.keys() - self._asked)
        missing = sorted(name for name in self._asked if super(_Asked, self).get(name) is None)
        if not unknown or not missing:
            return ""
        names = " and ".join(f"{name}=…" for name in missing)
        return f"there is no argument {unknown[0]}=…; it takes {names}"


def plain_json(answers: Mapping[str, Any], exercise: str) -> Answers:
    """The answers after a round trip through JSON, so that a check sees the same in every process.

    Raises:
        LessonError: A value does not survive that; the message names the argument.
    """
    plain: dict[str, JSON] = {}
    for name, value in answers.items():
        try:
            # allow_nan: NaN and Infinity are not JSON (RFC 8259, 6), and other parsers reject them.
            plain[name] = json.loads(json.dumps(value, allow_nan=False))
            # json.dumps turns keys such as 1 into text without an error.
            if isinstance(value, dict) and plain[name] != value:
                raise TypeError("keys are not text")
        # RecursionError: a list that contains itself is a ValueError, one that is nested too deep is this.
        except (TypeError, ValueError, RecursionError) as error:
            kind = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
            raise LessonError(
                f'lab.check("{exercise}", {name}=…): no plain JSON but {kind} ({error})',
                hint="give text, numbers, lists or dicts: image.id or image.tags, not image",
            ) from error
    return plain


def _without_finding(task: Task, playground: Playground, error: Exception) -> Verdict:
    """Distinguish a dead engine, an error of the registry, and a mistake in the check."""
    failure = _is_engine_failure(error)
    # Asked only now: a node that was stopped on purpose explains an error, and is not a failure of the engine.
    faults = _faults(playground)
    if not _engines_answer(playground, faults) or (failure and not faults):
        todo = f'labs.open("{playground.slug}") repairs it; then check again'
        return Verdict(task.id, "unavailable", f"the playground's engine does not answer; {todo}")
    # What a check asks by itself, a port of a node that is off, fails with the words of its own client.
    if failure or (faults and isinstance(error, (httpx.TransportError, OSError))):
        return Verdict(task.id, "not yet", _why(error, faults), _mend(faults))
    if isinstance(error, (RegistryError, InvalidReference)):
        return Verdict(task.id, "not yet", error.message, error.hint)
    return _broken(task, f"{type(error).__name__}: {error}")


def _faults(playground: Playground) -> dict[str, str]:
    """Return the nodes that were stopped or cut on purpose, by name, as lessons ask for."""
    try:
        return {node.name: node.fault for node in playground.nodes if node.fault}
    except Exception:  # not even the host's engine answers
        return {}


def _why(error: Exception, faults: Mapping[str, str]) -> str:
    if isinstance(error, LabsError):
        return error.message
    # An HTTP client's words are addresses and numbers of connections.
    if isinstance(error, (httpx.TransportError, OSError)) and not hasattr(error, "explanation"):
        return f"{' and '.join(faults)} {'does' if len(faults) == 1 else 'do'} not answer"
    return str(getattr(error, "explanation", None) or error)


def _mend(faults: Mapping[str, str]) -> str:
    """Say which calls bring back the nodes that are off or cut."""
    verbs = {"stopped": "start", "cut": "heal"}
    calls = (f"lab.node({name[4:]}).{verbs[how]}()" for name, how in faults.items())
    return f"{', '.join(faults)} cannot be looked at now: {', '.join(calls)}"


def _broken(task: Task, what: str) -> Verdict:
    message = (
        f"the check itself failed: {what}. This is a mistake in the course, not in your answer"
    )
    return Verdict(task.id, "unavailable", message)


def _is_engine_failure(error: Exception) -> bool:
    from labs.playground import NodeUnavailable

    if isinstance(error, docker.errors.APIError):
        return error.status_code in _GATEWAY_STATUSES
    return isinstance(error, (NodeUnavailable, requests.RequestException))


def _engines_answer(playground: Playground, faults: Mapping[str, str]) -> bool:
    """Whether every engine answers, except those of nodes that were stopped on purpose, be it all of them."""
    try:
        # A node that is cut from the others still has to answer: this machine reaches it.
        running = [node for node in playground.nodes if faults.get(node.name) != "stopped"]
        return bool(running or faults) and all(node.answers() for node in running)
    except Exception:
        return False
