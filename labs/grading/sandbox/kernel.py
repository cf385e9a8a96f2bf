"""A student's kernel in its container: started, given cells, listened to, paused while the referee looks, killed."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
from typing import TYPE_CHECKING, Any

from docker.errors import DockerException, NotFound
from requests.exceptions import RequestException

from labs.engine import Engine
from labs.grading.models import GradingError
from labs.grading.sandbox import container
from labs.grading.sandbox.channel import Loop, Pipe
from labs.playground import remove_container

if TYPE_CHECKING:
    from labs.images.kernel.mux import Stream

_START_S = 60.0
_SAID_MOST = 64_000_000
_LINE_MOST = 4_000_000


class KernelDied(Exception):
    """The student's kernel has ended, by whatever it did."""


class Kernel:
    """One container, with a kernel that waits for cells.

    Args:
        engine: The host's.
        loop: Serves its pipe.
        name: Of the container.
        size: How much it may use.
    """

    def __init__(
        self, engine: Engine, loop: Loop, name: str, size: container.Size | None = None
    ) -> None:
        self._engine, self._loop, self.name = engine, loop, name
        self._serve: Any = None
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self._heard_bytes = 0
        self._killed = ""
        self._silent = False  # nothing more can come of it
        self._lock = threading.Lock()
        self._held = False
        self._size = size or container.Size()
        self.container = self._make_container()
        try:
            self._start()
        except BaseException:
            self.remove()
            raise

    def _start(self) -> None:
        self.container.start()
        self._pipe = self._open_pipe()
        self.order(self._first_order())
        self._run = self._start_kernel()
        self._bridge = self._loop.run(self._pipe.stream("bridge"), 10)
        self._listening = self._loop.run(self._spawn(), 10)
        try:
            ready = self._said.get(timeout=_START_S)
        except queue.Empty:
            ready = {}
        if ready.get("type") != "ready":
            raise GradingError(f"a kernel does not start: {self._pipe.words or 'no reason given'}")

    def _make_container(self) -> Any:
        return container.make(self._engine, self.name, self._size)

    def _open_pipe(self) -> Any:
        return Pipe(
            self._loop,
            self._engine.client,
            str(self.container.id),
            container.RELAY_COMMAND,
            user=container.RELAY,
            environment=container.RELAY_ENVIRONMENT,
            accept=self._accept,
        )

    def _first_order(self) -> dict[str, Any]:
        return {
            "files": {"kernel.json": container.connection()},
            "listen": {"requests": container.REQUESTS_PORT},
        }

    def _start_kernel(self) -> str:
        return container.start_kernel(self._engine, str(self.container.id))

    async def _spawn(self) -> Any:
        import asyncio

        return asyncio.ensure_future(self._listen())

    def order(self, order: dict[str, Any]) -> None:
        """Have the relay write files, and listen."""

        async def give() -> bytes:
            stream = await self._pipe.stream("control")
            await stream.write(json.dumps(order).encode() + b"\n")
            said: bytes = await stream.read()
            await stream.close()
            return said

        if self._loop.run(give(), 30) != b"done\n":
            raise GradingError(f"the relay of a kernel does not answer: {self._pipe.words}")

    def serve(self, accept: Any, targets: dict[str, int]) -> None:
        """Let the container reach these targets, at these ports of its own; `accept` serves them."""
        self._serve = accept
        self.order({"listen": targets})

    async def _accept(self, stream: Stream, target: str) -> None:
        if self._serve is None:
            await stream.close()
        else:
            await self._serve(stream, target)

    async def _listen(self) -> None:
        """Take the kernel's messages in. Who says far too much is killed."""
        line = b""
        while data := await self._bridge.read():
            self._heard_bytes += len(data)
            line += data
            *whole, line = line.split(b"\n")
            for each in whole:
                with contextlib.suppress(ValueError, RecursionError):
                    self._said.put(_message(json.loads(each)))
            if self._heard_bytes > _SAID_MOST or len(line) > _LINE_MOST:
                self._killed = "it printed more than the grader reads"
                break
        self._silent = True
        self._said.put({"type": "ended"})

    def execute(self, id: str, code: str) -> None:
        """Have a cell run."""
        line = json.dumps({"id": id, "code": code}).encode() + b"\n"
        try:
            self._loop.run(self._bridge.write(line), 30)
        except (OSError, TimeoutError) as error:
            raise KernelDied(self.why_dead()) from error

    def message(self, timeout_s: float) -> dict[str, Any]:
        """The next message of the kernel.

        Raises:
            queue.Empty: It said nothing for so long.
            KernelDied: It says nothing any more.
        """
        said = self._said.get(timeout=timeout_s)
        if said["type"] == "ended":
            self._said.put(said)
            raise KernelDied(self.why_dead())
        return said

    def alive(self) -> bool:
        """Whether the student's kernel runs.

        Raises:
            GradingError: The engine that would know does not answer.
        """
        if self._killed or self._silent or not self._pipe.open:
            return False  # while its container ends, the engine may call it running a moment longer
        api: Any = self._engine.client.api
        try:
            return bool(api.exec_inspect(self._run)["Running"])
        except NotFound:
            return False
        except (DockerException, RequestException) as error:
            raise GradingError(f"the engine does not answer: {error}") from error

    @property
    def killed(self) -> bool:
        """Whether the grader itself ended it."""
        return bool(self._killed)

    def why_dead(self) -> str:
        """What ended it, as far as it is known."""
        return self._killed or self._pipe.problem or "its kernel ended"

    @contextlib.contextmanager
    def paused(self) -> Any:
        """Nothing in the container runs meanwhile.

        Raises:
            GradingError: That cannot be made sure.
        """
        with self._lock:
            self._held = self._pause()
        try:
            yield
        finally:
            with self._lock, contextlib.suppress(DockerException, RequestException):
                if self._held:
                    self.container.unpause()
                self._held = False
                if self._killed:
                    self.container.kill()

    def _pause(self) -> bool:
        """Whether it is paused now; one that has ended needs no pause."""
        try:
            self.container.pause()
            return True
        except (DockerException, RequestException) as error:
            with contextlib.suppress(DockerException, RequestException):
                self.container.reload()
                if self.container.status in ("exited", "dead"):
                    return False
            raise GradingError(f"a kernel cannot be paused: {error}") from error

    def kill(self, why: str) -> None:
        """End everything in it, now; from any thread."""
        self._killed = self._killed or why
        with self._lock, contextlib.suppress(DockerException, RequestException):
            if not self._held:  # else when the referee has looked
                self.container.kill()
        self._said.put({"type": "ended"})

    def remove(self) -> None:
        """Remove the container."""
        self._killed = self._killed or "removed"
        if pipe := getattr(self, "_pipe", None):
            pipe.close()
        with contextlib.suppress(DockerException, RequestException):
            remove_container(self.container)


def _message(said: Any) -> dict[str, Any]:
    """A message in the form that nbval reads, with nothing in it but what that form has.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(said, dict) or not isinstance(said.get("content"), dict):
        raise ValueError("no message")
    content, kind = said["content"], str(said.get("type"))
    clean: dict[str, Any] = {
        name: str(content.get(name, ""))
        for name in ("execution_state", "name", "text", "ename", "evalue", "status")
        if name in content
    }
    lines = content.get("traceback")
    clean["traceback"] = [str(line) for line in lines] if isinstance(lines, list) else []
    data = content.get("data")
    plain = str(data.get("text/plain", "")) if isinstance(data, dict) else ""
    clean |= {"data": {"text/plain": plain}, "metadata": {}, "execution_count": None}
    id, channel = str(said.get("id", "")), str(said.get("channel"))
    return {
        "channel": channel,
        "type": kind,
        "msg_type": kind,
        "parent_header": {"msg_id": id},
        "content": clean,
    }


KERNEL = Kernel
"""What a worker process looks for in the module that it is told."""
