"""What nbval takes for a kernel's manager and client, over a `Kernel` in its container. No socket, no process."""

from __future__ import annotations

import queue
import time
from collections import deque
from typing import Any
from uuid import uuid4

from labs.grading.sandbox.kernel import Kernel, KernelDied

_LOOK_S = 0.5


class Manager:
    """A kernel's manager, as far as nbval calls it."""

    kernel_spec = None

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def is_alive(self) -> bool:
        """Whether the kernel runs."""
        return self._kernel.alive()

    def interrupt_kernel(self) -> None:
        """End it: a cell that took too long gets no second chance to take its time."""
        self._kernel.kill("a cell took too long")

    def shutdown_kernel(self, *, now: bool = False) -> None:
        """End it."""
        self._kernel.kill("shut down")


class Client:
    """A kernel's client, as far as nbval calls it."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._waiting: dict[str, deque[dict[str, Any]]] = {"shell": deque(), "iopub": deque()}

    def execute(self, code: str, **_kwargs: Any) -> str:
        """Have a cell run; the id of its request."""
        id = uuid4().hex
        self._kernel.execute(id, code)
        return id

    def kernel_info(self) -> str:
        """Ask nothing: that the kernel is ready is known."""
        id = uuid4().hex
        header = {"msg_id": id}
        ready = {"status": "ok"}
        idle = {"execution_state": "idle"}
        self._waiting["shell"].append({"parent_header": header, "content": ready})
        self._waiting["iopub"].append(
            {"parent_header": header, "content": idle, "msg_type": "status"}
        )
        return id

    def get_shell_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next reply; queue.Empty where none comes in time."""
        return self._next("shell", timeout)

    def get_iopub_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next output; queue.Empty where none comes in time."""
        return self._next("iopub", timeout)

    def stop_channels(self) -> None:
        """There are none."""

    def _next(self, channel: str, timeout_s: float | None) -> dict[str, Any]:
        deadline = time.monotonic() + (timeout_s or 0)
        mine = self._waiting[channel]
        while not mine:
            left = deadline - time.monotonic()
            if left <= 0:
                raise queue.Empty
            try:
                message = self._kernel.message(min(left, _LOOK_S))
            except queue.Empty:
                if not self._kernel.alive():
                    raise KernelDied(self._kernel.why_dead()) from None
                continue
            if message["channel"] in self._waiting:
                self._waiting[message["channel"]].append(message)
        return mine.popleft()
