"""Runs checks in a process of its own, which reads what a student's playground answers and may be killed for it.

A registry that never stops answering, or a program in a node that prints endlessly, ends this process and no other.
One JSON line in is a request, one JSON line out its reply. Three walls: a memory limit, a time limit that the parent
holds, and an audit hook that blocks connections outside the playground.
"""

from __future__ import annotations

import json
import os
import resource
import select
import socket
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from labs.engine import Engine, find
from labs.errors import LabsError
from labs.grading.debug_log import join_debug_log, timed
from labs.grading.models import GradingError
from labs.grading.sandbox.isolated_playground import GatewayPlayground, names_of
from labs.grading.stdio import take_stdout
from labs.lesson import Verdict, judge
from labs.playground import Playground, PlaygroundSpec

if TYPE_CHECKING:
    from labs.grading.sandbox.pool import Sandbox
    from labs.lesson import Lesson, Task

# Data segment of the process. A check needs some 100 MB; an answer that does not fit is not one of a registry.
_MEMORY_BYTES = 500_000_000
CHECK_TIMEOUT_S = 180.0
"""For one check: the slowest of a lesson waits a minute for a swarm to converge."""
# A hint or message is a few lines; a check may quote what a student's server sent.
# It is stored with each grade and shown in a feedback page.
_MAX_MESSAGE = 2000
_LOOPBACK = "127.0.0.1"


class CheckProcess:
    """The child process, started when it is needed and kept for the next check.

    Args:
        module: Where the lessons are: a module with `all_lessons`.
    """

    def __init__(self, module: str = "labs.lessons") -> None:
        self._module = module
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the child, unless one runs."""
        if self._child is None or self._child.poll() is not None:
            command = [sys.executable, "-m", __name__, self._module]
            pipe = subprocess.PIPE
            self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe)

    def verdict(
        self, lesson: Lesson, task: Task, sandbox: Sandbox, answers: dict[str, Any]
    ) -> Verdict:
        """Check one exercise in the playground of `sandbox`.

        Raises:
            GradingError: The child cannot check anything.
        """
        self.start()
        child = self._child
        assert child
        assert child.stdin
        assert child.stdout
        request = {
            "slug": lesson.slug,
            "task": task.id,
            "answers": answers,
            **_playground_of(sandbox),
        }
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            reply = json.loads(_read_line(child.stdout))
        # A broken pipe, no reply in time, or none: most likely caused by what a student's server
        # sent. That is a verdict, and the next check gets a new process.
        except (OSError, ValueError) as error:
            self.close()
            return Verdict(
                task.id, "unavailable", f"what answers there is more than can be read ({error})"
            )
        if "error" in reply:
            # `judge` turns errors of a check into verdicts, so this is an error of the grader: "not
            # graded", never zero points.
            raise GradingError(str(reply["error"]))
        message, hint = reply["message"][:_MAX_MESSAGE], reply["hint"][:_MAX_MESSAGE]
        return Verdict(task.id, reply["outcome"], message, hint)

    def close(self) -> None:
        """Kill the child."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None


def _playground_of(sandbox: Sandbox) -> dict[str, Any]:
    """How the child finds the playground: its label, and the ports that the gateway serves."""
    if sandbox.playground is None:
        return {"label": ""}
    ports, gateway = sandbox.playground.endpoints
    pairs = {name: list(each.items()) for name, each in ports.items()}  # JSON keys are text
    return {"label": sandbox.label, "ports": pairs, "gateway": gateway}


def _read_line(out: IO[bytes]) -> bytes:
    """One line, if it comes in time.

    Raises:
        ValueError: It does not.
    """
    # Only the first byte is waited for: the child is trusted code, and writes its whole reply at
    # once.
    ready, _, _ = select.select([out], [], [], CHECK_TIMEOUT_S)
    if not ready:
        raise ValueError(f"nothing in {CHECK_TIMEOUT_S:g} s")
    line = out.readline()
    if not line:
        # End of file: the child exits when its memory limit is reached, see `main`.
        raise ValueError("too much")
    return line


class EgressGuard:
    """Audit hook that blocks every connection of this process outside one playground, from now to its end.

    A student's registry may redirect a client anywhere, to another student's playground too, and a client that
    follows would ask there as this machine. An audit hook sees every connection, whichever library makes it, and
    cannot be removed.

    Args:
        engine: The host's; it may always be reached.
    """

    def __init__(self, engine: Engine) -> None:
        url = urlsplit(engine.address)
        self._engine = url.hostname or "", url.port or 0
        self._ports: frozenset[int] = frozenset()
        sys.addaudithook(self._audit)

    def allow(self, ports: Iterable[int]) -> None:
        """Allow these ports of 127.0.0.1, and none that were allowed before."""
        self._ports = frozenset(ports)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Block a connection elsewhere.

        Raises:
            PermissionError: The event is one.
        """
        if event == "socket.connect":
            sock, address = arguments
            # A redirect cannot name a Unix socket: it is the engine's.
            allowed = sock.family == socket.AF_UNIX or self._is_allowed(address)
        # A lookup alone would already leave this machine, as a DNS query.
        elif event == "socket.getaddrinfo":
            allowed = arguments[0] in (_LOOPBACK, self._engine[0])
        elif event == "socket.sendto":  # no check sends datagrams, and one needs no connect
            allowed = False
        else:
            return
        if not allowed:
            raise PermissionError(f"{event} leads out of the playground")

    def _is_allowed(self, address: Any) -> bool:
        if not isinstance(address, tuple):
            return False
        if address[1] == self._engine[1] and self._engine[0]:
            return True  # by its name or by the address that the name resolved to
        return bool(address[0] == _LOOPBACK and address[1] in self._ports)


def _check(engine: Engine, lessons: dict[str, Lesson], request: dict[str, Any]) -> dict[str, Any]:
    lesson = lessons[request["slug"]]
    task = lesson.task(request["task"])
    playground = Playground(engine, names_of(lesson.slug, "none"), PlaygroundSpec(nodes=0))
    if request["label"]:
        playground = GatewayPlayground(engine, lesson, request["label"])
        ports = {name: dict(pairs) for name, pairs in request["ports"].items()}
        playground.use_gateway(ports, request["gateway"])
        try:
            playground.find()
        except LabsError as error:
            return Verdict(task.id, "unavailable", str(error)).to_json()
    playground.slug = lesson.slug
    return judge(task, playground, request["answers"]).to_json()


def main(module: str) -> None:
    """Answer requests until stdin ends."""
    out = take_stdout()
    join_debug_log("check")
    # RLIMIT_DATA counts private writable memory; RLIMIT_AS would count mapped libraries too.
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))
    lessons = {lesson.slug: lesson for lesson in import_module(module).all_lessons()}
    engine = find()
    guard = EgressGuard(engine)
    for line in sys.stdin.buffer:
        try:
            request = json.loads(line)
            # Before the check runs: the ports of the last submission are closed to this one.
            guard.allow(at for each in request.get("ports", {}).values() for _, at in each)
            with timed("check process: %s", request["task"]):
                reply = _check(engine, lessons, request)
        except MemoryError:
            os._exit(1)  # at once: an orderly exit may need memory as well
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(reply).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    main(sys.argv[1])
