"""A task of a swarm that needs the host's network, on an engine that gives it to no container in a user namespace.

No option of a service takes a container out of the engine's user namespace, so the task starts a second container
beside itself, which may be: same image, same input. The task passes on its output and its end.
"""

from __future__ import annotations

import io
import os
import secrets
import signal
import sys
import tarfile
import threading
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from labs import course
from labs.engine import Engine
from labs.playground import COURSE, FOLDER, RUNTIME, remove_container

BESIDE = "LABS_TASK_BESIDE"
"""Variable that tells a task to do its work in a container beside it."""
STOP_WITH_STDIN = "--stop-with-stdin"
"""Argument of the program in the container beside a task."""
_COMMAND = ("python3", "-m", "labs.grading.runners.swarm_task")
_PASSED_ON = ("LABS_COURSE", RUNTIME)


def run_beside(engine: Engine, token: str, folder: Path) -> int:
    """Do this task's work in a container beside it.

    Args:
        engine: This node's.
        token: The run's: a sweep finds the container by it if this task is killed.
        folder: The task's input.

    Returns:
        The exit status of the container.
    """
    container = _create(engine, token, folder)
    try:
        api: Any = engine.client.api
        # Held open: it ends with this process, however that ends, and the other one stops when its stdin does.
        stdin = api.attach_socket(container.id, params={"stdin": 1, "stream": 1})
        streams = container.attach(stdout=True, stderr=True, stream=True, logs=True, demux=True)
        signal.signal(signal.SIGTERM, lambda *_: container.kill("SIGTERM"))
        container.start()
        for out, error in streams:
            _write(sys.stdout, out)
            _write(sys.stderr, error)
        status = int(container.wait()["StatusCode"])
        stdin.close()
        return status
    finally:
        remove_container(container)


def stop_with_stdin() -> None:
    """Have the end of stdin do what SIGTERM does, in the container beside a task."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def _create(engine: Engine, token: str, folder: Path) -> Container:
    own = engine.client.containers.get(os.uname().nodename)
    socket = "/var/run/docker.sock"
    container = engine.client.containers.create(
        own.attrs["Image"],
        name=f"labs-{course.course_id()}-{token}-0-beside-{secrets.token_hex(3)}",
        labels={COURSE: course.course_id(), FOLDER: str(course.course_root())},
        environment=[f"{name}={os.environ[name]}" for name in _PASSED_ON if name in os.environ],
        command=[*_COMMAND, STOP_WITH_STDIN],
        network_mode="host",
        userns_mode="host",
        cap_add=["ALL"],  # as the task: nodes get those that this process has
        volumes={socket: {"bind": socket, "mode": "rw"}},
        stdin_open=True,
    )
    container.put_archive("/", _packed(folder))
    return container


def _packed(folder: Path) -> bytes:
    """A folder as a tar, at its own path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add(folder, arcname=str(folder).lstrip("/"))
    return buffer.getvalue()


def _write(stream: Any, chunk: bytes | None) -> None:
    if chunk:
        stream.buffer.write(chunk)
        stream.buffer.flush()
