"""A kernel without a container, for `labs bench` alone: what isolation costs is the difference.

Student code runs here with the rights of the user who grades, so `labs grade` has no option for it. The rest is the
same: the relay, the bridge, the checks that run while the kernel is paused.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from labs.engine import Engine
from labs.graded import Mux
from labs.grading import Accept, Channel, Kernel, LoopThread, kernel_container

_ROOT = Path(__file__).resolve().parent.parent.parent


class UnisolatedKernel(Kernel):
    """A kernel in a process of this machine, without a playground."""

    def __init__(self, engine: Engine, loop: LoopThread, name: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="labs-unisolated-"))
        self._processes = _Processes()
        super().__init__(engine, loop, name)

    def _create_container(self) -> Any:
        return self._processes

    def _open_channel(self) -> Any:
        return ProcessChannel(self._loop, self._folder, self._accept)

    def _initial_config(self) -> dict[str, Any]:
        info = {
            **{f"{name}_port": at for at, name in enumerate(_CHANNELS, start=1)},
            "ip": str(self._folder / "kernel"),
            # Unix sockets in a folder of this kernel: several run on one machine, where fixed ports
            # would collide.
            "transport": "ipc",
            "key": secrets.token_hex(16),
            "signature_scheme": "hmac-sha256",
        }
        self._requests_port = _free_port()
        return {
            "files": {"kernel.json": json.dumps(info)},
            "listen": {"requests": self._requests_port},
        }

    def _start_kernel(self) -> str:
        home = self._folder / "home"
        home.mkdir()
        environment = {
            "HOME": str(home),
            "LABS_COURSE": str(home / "course"),
            "LABS_GRADED": str(self._requests_port),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(_ROOT),
        }
        command = kernel_container.kernel_command(str(self._folder / "kernel.json"))
        self._processes.begin([sys.executable, *command[1:]], environment, home)
        return ""

    def alive(self) -> bool:
        """Whether the kernel runs."""
        # No engine to ask: the process is a child of this one.
        return not self._kill_reason and self._channel.open and self._processes.run

    def remove(self) -> None:
        """End it, and remove its files."""
        self._kill_reason = self._kill_reason or "removed"
        if pipe := getattr(self, "_channel", None):
            pipe.close()
        self._processes.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class _Processes:
    """The kernel's process with all that it starts in its group, as far as a container's calls are needed."""

    id = ""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        # As a container's, which goes on when its kernel has ended.
        self.attrs = {"State": {"Status": "running", "OOMKilled": False}}

    def begin(self, command: list[str], environment: dict[str, str], folder: Path) -> None:
        nothing = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command,
            env=environment,
            cwd=folder,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            # A process group of its own: `pause` and `kill` reach what the student's code starts
            # too.
            start_new_session=True,
        )

    def start(self) -> None:
        """Nothing is there before the kernel."""

    def reload(self) -> None:
        """What there is to know is asked each time."""

    @property
    def run(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def unpause(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process:
            self._process.wait()

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._process:
                os.killpg(self._process.pid, number)


class ProcessChannel(Channel):
    """The relay as a process of this machine; as the `Channel` into a container."""

    stderr_tail = ""

    def __init__(self, loop: LoopThread, folder: Path, accept: Accept) -> None:
        super().__init__(loop)
        self._mux = loop.run(self._begin(folder, accept), 30)

    async def _begin(self, folder: Path, accept: Accept) -> Mux:
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        command = [sys.executable, *kernel_container.RELAY_COMMAND[1:-1], str(folder)]
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, env=environment
        )
        assert self._process.stdin
        assert self._process.stdout
        return self._start_mux(self._process.stdout, self._process.stdin, accept)

    async def _close(self) -> None:
        await super()._close()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


_CHANNELS = ("shell", "iopub", "stdin", "control", "hb")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


KERNEL = UnisolatedKernel
"""What a worker process looks for in the module that it is told."""
