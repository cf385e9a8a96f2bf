"""Lets one process at a time make images on an engine; the others can read its last step.

A process that prunes after its build would remove images that another one has not tagged yet. The file that is locked
holds the step, and after a failure the reason, for `labs doctor` and for the next process that makes images.
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

_POLL_S = 0.3  # flock with LOCK_NB cannot wait, and a blocking one could not report steps meanwhile
_MAX_BYTES = 4096  # of a file in a folder where every user may write
_MAX_STEP = 120  # characters; step and reason together stay below _MAX_BYTES


@dataclass(frozen=True)
class Work:
    """State of the work on an engine's images.

    Attributes:
        step: The last step; empty if the work was finished.
        error: Why it failed.
        running: Whether a process works now. If not, and without an `error`, the process was killed.
    """

    step: str = ""
    error: str = ""
    running: bool = False


class WorkFile:
    """The file with the lock and the state of the work on one engine.

    Args:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, client: docker.DockerClient) -> WorkFile:
        """The file of this user for `client`'s engine."""
        # With the user's id: the file of another user could not be opened. With the engine's: its images are what is
        # locked.
        name = f"registry-course-{os.getuid()}-{engine_key(client)}.lock"
        return cls(Path(tempfile.gettempdir()) / name)

    def read(self) -> Work:
        """Return the state of the work; callable while another process works."""
        with self._open() as file:
            running = not _try_lock(file)
            told = _read(file)
        return Work(told.step, told.error, running)

    @contextmanager
    def turn(self, say: Say, until: Callable[[], bool]) -> Iterator[Say | None]:
        """Wait until no other process makes images, reporting its steps, then hold the lock.

        Args:
            say: Receives what is waited for, and what was left unfinished before.
            until: Whether nothing is left to do: the other process has made it.

        Yields:
            A function that receives each step; None if `until` came true first.
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
        # The temporary folder is writable for every user: one of them may put a symbolic link there, which O_NOFOLLOW
        # refuses, so that no file of this user is overwritten through it.
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(self.path, flags, 0o600)
        try:
            yield file
        finally:
            os.close(file)  # and with it the lock


def engine_key(client: docker.DockerClient) -> str:
    """Eight hexadecimal digits for `client`'s engine, in names of files."""
    return hashlib.sha256(str(client.info()["ID"]).encode()).hexdigest()[:8]


def _wait(file: int, say: Say, until: Callable[[], bool]) -> bool:
    """Wait for the lock; return False if `until` came true first."""
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
    """Keep each step in the file; after a failure its reason, after success nothing."""
    step = ""

    def tell(line: str) -> None:
        nonlocal step
        step = line
        _write(file, Work(line[:_MAX_STEP]))
        say(line)

    try:
        yield tell
    except Exception as error:
        # Exception only: a run that was interrupted keeps its last step, which the next process reports.
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
    """Read the file; an empty state if it is empty or is being written now."""
    with suppress(ValueError, TypeError):
        data = json.loads(os.pread(file, _MAX_BYTES, 0) or b"{}")
        return Work(str(data.get("step", "")), str(data.get("error", "")))
    return Work()


def _write(file: int, work: Work) -> None:
    told = asdict(work)
    del told["running"]
    os.ftruncate(file, 0)
    os.pwrite(file, json.dumps(told).encode(), 0)
