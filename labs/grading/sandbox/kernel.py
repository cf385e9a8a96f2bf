"""A student's kernel in its container: started, given cells, listened to, paused during a check, killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import threading
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException, NotFound
from requests.exceptions import RequestException

from labs.engine import Engine
from labs.graded import protocol
from labs.grading.models import GradingError
from labs.grading.sandbox import kernel_container
from labs.grading.sandbox.channel import ExecChannel, LoopThread
from labs.playground import remove_container

if TYPE_CHECKING:
    from labs.graded import Stream

# A kernel starts in 2 s on an idle machine; several may start at once on a busy one.
_START_TIMEOUT_S = 60.0
# A cell is sent while the kernel is idle: a relay or bridge that does not take it in this time has
# stopped reading.
_SEND_TIMEOUT_S = 30.0
_STREAM_TIMEOUT_S = 10.0
# The bridge in the container cuts a cell's output at 2 MB, and a message at 1 MB. These are the grader's own limits,
# which hold even if a student's program takes over the bridge.
_MAX_RECEIVED_BYTES = 64_000_000
_MAX_LINE_BYTES = 4_000_000
_ENDED: dict[str, Any] = {"type": "ended"}


class KernelDied(Exception):
    """The student's kernel has ended, for any reason."""


class Kernel:
    """One container, with a kernel that waits for cells.

    Args:
        engine: The host's.
        loop: Serves its channel.
        name: Of the container.
        limits: How much it may use.
    """

    def __init__(
        self,
        engine: Engine,
        loop: LoopThread,
        name: str,
        limits: kernel_container.ResourceLimits | None = None,
    ) -> None:
        self._engine, self._loop, self.name = engine, loop, name
        self._serve: Any = None
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self._received_bytes = 0
        self._kill_reason = ""
        self._stream_ended = False  # no message follows
        self._lock = threading.Lock()
        self._paused = False
        self._limits = limits or kernel_container.ResourceLimits()
        self.container = self._create_container()
        try:
            self._start()
        except BaseException:
            self.remove()
            raise

    def _start(self) -> None:
        self.container.start()
        self._channel = self._open_channel()
        self.configure_relay(self._initial_config())
        self._exec_id = self._start_kernel()
        self._bridge = self._loop.run(self._channel.stream("bridge"), _STREAM_TIMEOUT_S)
        self._listener = self._loop.run(self._start_listener(), _STREAM_TIMEOUT_S)
        try:
            ready = self._messages.get(timeout=_START_TIMEOUT_S)
        except queue.Empty:
            ready = {}
        if ready.get("type") != "ready":
            reason = self._channel.stderr_tail or "no reason given"
            raise GradingError(f"a kernel does not start: {reason}")

    def _create_container(self) -> Any:
        return kernel_container.create(self._engine, self.name, self._limits)

    def _open_channel(self) -> Any:
        return ExecChannel(
            self._loop,
            self._engine.client,
            str(self.container.id),
            kernel_container.RELAY_COMMAND,
            user=kernel_container.RELAY,
            environment=kernel_container.RELAY_ENVIRONMENT,
            accept=self._accept,
        )

    def _initial_config(self) -> dict[str, Any]:
        return {
            "files": {"kernel.json": kernel_container.connection()},
            "listen": {"requests": kernel_container.REQUESTS_PORT},
        }

    def _start_kernel(self) -> str:
        return kernel_container.start_kernel(self._engine, str(self.container.id))

    async def _start_listener(self) -> Any:
        return asyncio.ensure_future(self._listen())

    def configure_relay(self, config: dict[str, Any]) -> None:
        """Have the relay write files, and listen on ports; it confirms with its version of the protocol.

        Raises:
            GradingError: It does not confirm, or is of another version.
        """

        async def send() -> bytes:
            stream = await self._channel.stream("control")
            await stream.write(json.dumps(config).encode() + b"\n")
            reply: bytes = await stream.read()
            await stream.close()
            return reply

        reply = self._loop.run(send(), _SEND_TIMEOUT_S)
        if not reply:
            reason = self._channel.stderr_tail
            raise GradingError(f"the relay of a kernel does not answer: {reason}")
        if reply != protocol.result_line({"version": protocol.VERSION}):
            raise GradingError(
                f"the kernel image speaks another protocol than this grader, which speaks version "
                f"{protocol.VERSION}: {reply[:100]!r}",
                hint="the image was made by another version of the course; run the command again",
            )

    def serve(self, accept: Any, targets: dict[str, int]) -> None:
        """Let the container reach these targets at these ports of its own; `accept` serves the connections."""
        self._serve = accept
        self.configure_relay({"listen": targets})

    async def _accept(self, stream: Stream, target: str) -> None:
        if self._serve is None:
            await stream.close()
        else:
            await self._serve(stream, target)

    async def _listen(self) -> None:
        """Receive the kernel's messages; stop, which kills it, above the limits."""
        line = b""
        while data := await self._bridge.read():
            self._received_bytes += len(data)
            line += data
            *complete, line = line.split(b"\n")
            for each in complete:
                # RecursionError: JSON nested thousands of levels deep. Such a line is dropped: no
                # message decides a grade.
                with contextlib.suppress(ValueError, RecursionError):
                    self._messages.put(_message(json.loads(each)))
            if self._received_bytes > _MAX_RECEIVED_BYTES or len(line) > _MAX_LINE_BYTES:
                self._kill_reason = "it printed more than the grader reads"
                break
        self._stream_ended = True
        self._messages.put(_ENDED)

    def execute(self, id: str, code: str) -> None:
        """Run a cell.

        Raises:
            KernelDied: It cannot be sent.
        """
        line = json.dumps({"id": id, "code": code}).encode() + b"\n"
        try:
            self._loop.run(self._bridge.write(line), _SEND_TIMEOUT_S)
        except (OSError, TimeoutError) as error:
            raise KernelDied(self.exit_reason()) from error

    def message(self, timeout_s: float) -> dict[str, Any]:
        """The next message of the kernel.

        Raises:
            queue.Empty: None came in time.
            KernelDied: None will come.
        """
        message = self._messages.get(timeout=timeout_s)
        if message["type"] == "ended":
            # Put back, so that the next call finds the end too and does not wait.
            self._messages.put(message)
            raise KernelDied(self.exit_reason())
        return message

    def alive(self) -> bool:
        """Whether the student's kernel runs.

        Raises:
            GradingError: The engine does not answer.
        """
        if self._kill_reason or self._stream_ended or not self._channel.open:
            return False  # an engine may report a container as running for a moment after its end
        api: Any = self._engine.client.api
        try:
            return bool(api.exec_inspect(self._exec_id)["Running"])
        except NotFound:
            return False
        except (DockerException, RequestException) as error:
            raise GradingError(f"the engine does not answer: {error}") from error

    @property
    def killed(self) -> bool:
        """Whether the grader killed it."""
        return bool(self._kill_reason)

    def exit_reason(self) -> str:
        """Why it ended, as far as it is known."""
        return self._kill_reason or self._channel.problem or "its kernel ended"

    @contextlib.contextmanager
    def paused(self) -> Any:
        """Pause everything in the container during the block.

        Raises:
            GradingError: It cannot be paused for certain.
        """
        with self._lock:
            # Under the lock: a `kill` by a timer must see either a running container or `_paused`.
            self._paused = self._pause()
        try:
            yield
        finally:
            with self._lock, contextlib.suppress(DockerException, RequestException):
                if self._paused:
                    self.container.unpause()
                self._paused = False
                if self._kill_reason:
                    self.container.kill()

    def _pause(self) -> bool:
        """Pause the container; False where it has ended and needs no pause."""
        try:
            self.container.pause()
            return True
        except (DockerException, RequestException) as error:
            with contextlib.suppress(DockerException, RequestException):
                self.container.reload()
                if self.container.status in ("exited", "dead"):
                    return False
            # No check beside a running kernel: it could change the playground between two looks of
            # the check.
            raise GradingError(f"a kernel cannot be paused: {error}") from error

    def kill(self, reason: str) -> None:
        """Kill everything in the container; from any thread."""
        # The first reason is the cause; those after it follow from it.
        self._kill_reason = self._kill_reason or reason
        with self._lock, contextlib.suppress(DockerException, RequestException):
            # An engine cannot kill a paused container; `paused` does it at its end.
            if not self._paused:
                self.container.kill()
        self._messages.put(_ENDED)

    def shut_down(self) -> None:
        """Take no more cells. The container is removed with its sandbox, right after, in the background."""
        self._kill_reason = self._kill_reason or "shut down"
        self._messages.put(_ENDED)

    def remove(self) -> None:
        """Remove the container."""
        self._kill_reason = self._kill_reason or "removed"
        # Missing where the start of the container failed.
        if channel := getattr(self, "_channel", None):
            channel.close()
        with contextlib.suppress(DockerException, RequestException):
            remove_container(self.container)


def _message(received: Any) -> dict[str, Any]:
    """A message in the form that nbval reads, with the fields that it uses and no others.

    Raises:
        ValueError: It is not a message of the bridge.
    """
    if not isinstance(received, dict) or not isinstance(received.get("content"), dict):
        raise ValueError("not a message")
    content, kind = received["content"], str(received.get("type"))
    clean: dict[str, Any] = {
        name: str(content.get(name, ""))
        for name in ("execution_state", "name", "text", "ename", "evalue", "status")
        if name in content
    }
    lines = content.get("traceback")
    clean["traceback"] = [str(line) for line in lines] if isinstance(lines, list) else []
    data = content.get("data")
    plain = str(data.get("text/plain", "")) if isinstance(data, dict) else ""
    # Plain text alone: HTML or JavaScript of a student does not get into a report.
    clean |= {"data": {"text/plain": plain}, "metadata": {}, "execution_count": None}
    id, channel = str(received.get("id", "")), str(received.get("channel"))
    return {
        "channel": channel,
        "type": kind,
        "msg_type": kind,
        "parent_header": {"msg_id": id},
        "content": clean,
    }


KERNEL = Kernel
"""What a worker process looks for in the module that it is told."""
