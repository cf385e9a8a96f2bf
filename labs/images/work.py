"""Whose turn it is to make images on an engine: one process at a time, whose last step the others can read.

Who tidies up after a build would remove what another process has not named yet. The file that is locked holds the
step, and after a failure its reason, so that `labs doctor` and the next one who makes images can tell.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import docker

Say = Callable[[str], None]

_POLL_S = 0.3
_MAX_BYTES = 4096  # of a file in a folder where every user may write
_MAX_STEP = 120


@dataclass(frozen=True)
class Work:
    """How far the making of images is.

    Attributes:
        step: The last step that was told; empty where all that was begun is finished.
        error: Why it ended before it was finished.
        running: Whether a process is at it now; else it was ended from outside, unless there is an `error`.
    """

    step: str = ""
    error: str = ""
    running: bool = False


class WorkFile:
    """The file that says who makes images on one engine.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, client: docker.DockerClient) -> WorkFile:
        """The file of this user for `client`'s engine."""
        engine = hashlib.sha256(str(client.info()["ID"]).encode()).hexdigest()[:8]
        name = f"registry-course-{os.getuid()}-{engine}.lock"
        return cls(Path(tempfile.gettempdir()) / name)

    def read(self) -> Work:
        """How far the work is, as seen from beside."""
        with self._open() as file:
            running = not _try_lock(file)
            told = _read(file)
        return Work(told.step, told.error, running)

    @contextmanager
    def turn(self, say: Say, until: Callable[[], bool]) -> Iterator[Say | None]:
        """Wait until no other process makes images, telling its steps, then keep others waiting.

        Args:
            say: Told what is waited for, and what was left unfinished before.
            until: Whether there is nothing to do any more: the other process has made it.

        Yields:
            What to tell each step to; None where `until` came true first.
        """
        with self._open() as file:
            if not _wait(file, say, until):
                yield None
                return
            before = _read(file)
            if before.error:
                say(f"the last time it failed: {before.error}")
            elif before.step:
                say(f"the last time it was ended at: {before.step.strip()}")
            with _told(file, say) as tell:
                yield tell

    @contextmanager
    def _open(self) -> Iterator[int]:
        # Anyone may put a link there: it is not followed.
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(self.path, flags, 0o600)
        try:
            yield file
        finally:
            os.close(file)  # and with it the lock


def _wait(file: int, say: Say, until: Callable[[], bool]) -> bool:
    """Wait for the lock; False where `until` came true first."""
    heard = None
    while not _try_lock(file):
        if until():
            return False
        step = _read(file).step
        if step != heard:
            say(f"waiting for another process: {step.strip() or 'it makes images'}")
            heard = step
        time.sleep(_POLL_S)
    return True


@contextmanager
def _told(file: int, say: Say) -> Iterator[Say]:
    """Keep each step in the file, at the end nothing, after a failure its reason."""
    step = ""

    def tell(line: str) -> None:
        nonlocal step
        step = line
        _write(file, Work(line[:_MAX_STEP]))
        say(line)

    try:
        yield tell
    except Exception as error:
        _write(file, Work(step[:_MAX_STEP], _reason(error)))
        raise
    _write(file, Work())


def _reason(error: Exception) -> str:
    first, _, _ = str(error).partition("\n")
    return (first or type(error).__name__)[: 4 * _MAX_STEP]


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(file: int) -> Work:
    """What the file says; nothing where it is empty, or being written this moment."""
    with suppress(ValueError, TypeError):
        data = json.loads(os.pread(file, _MAX_BYTES, 0) or b"{}")
        return Work(str(data.get("step", "")), str(data.get("error", "")))
    return Work()


def _write(file: int, work: Work) -> None:
    told = asdict(work)
    del told["running"]
    os.ftruncate(file, 0)
    os.pwrite(file, json.dumps(told).encode(), 0)
