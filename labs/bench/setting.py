"""The setting of measurements: a course folder of their own, whose playgrounds are always removed at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.errors import DockerException

import labs
from labs.engine import Engine, find
from labs.errors import LabsError
from labs.playground import temporary_course

BASELINES = Path(__file__).parent / "baselines"

FindServer = Callable[[], "dict[str, Any] | None"]
"""Gives the JupyterLab of the course folder once it answers, with its `pid`."""


class BenchError(LabsError):
    """Something cannot be measured here."""


FAILURES = (LabsError, DockerException, OSError, subprocess.SubprocessError)
"""What ends one measurement and not the others; any other exception is a mistake in the bench."""


@dataclass(frozen=True)
class Setting:
    """What every measurement gets.

    Attributes:
        root: The checkout that is measured.
        folder: The bench's own course folder; LABS_COURSE names it.
        engine: The host's engine.
        rounds: How often each thing is done.
        say: Called with what is being done.
        find_server: See `FindServer`; a room above this one knows how.
    """

    root: Path
    folder: Path
    engine: Engine
    rounds: int
    say: Callable[[str], None]
    find_server: FindServer

    def docker_environment(self) -> dict[str, str]:
        """For the `docker` command: the host's engine, and no credential helper of the user's.

        Raises:
            BenchError: There is no such command here.
        """
        if not shutil.which("docker"):
            raise BenchError("the baseline needs the `docker` command", hint="install docker-cli")
        config = self.folder / "docker-config"
        config.mkdir(exist_ok=True)
        # With TLS, the user's own variables name the host and its certificates together.
        known = {} if "DOCKER_TLS_VERIFY" in os.environ else {"DOCKER_HOST": self.engine.address}
        return {**os.environ, **known, "DOCKER_CONFIG": str(config)}


def run(
    command: list[str], environment: dict[str, str] | None = None, folder: Path | None = None
) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        BenchError: It failed; the end of its output is in the message.
    """
    done = subprocess.run(
        command, env=environment, cwd=folder, text=True, capture_output=True, check=False
    )
    if done.returncode:
        # The end: a build prints pages before its error.
        words = (done.stdout + done.stderr).strip()[-800:]
        raise BenchError(f"{' '.join(command[:2])}: exit status {done.returncode}: {words}")
    return done.stdout


def find_uv(root: Path) -> str:
    """Where uv is, on PATH or below the checkout.

    Raises:
        BenchError: It is nowhere.
    """
    uv = shutil.which("uv") or shutil.which("uv", path=str(root / ".uv" / "bin"))
    if uv is None:
        raise BenchError("uv is not here", hint="`make venv` gets it")
    return uv


def code_home() -> Path:
    """The folder around the `labs` that runs here, so that a child process imports the same one."""
    return Path(labs.__file__).resolve().parent.parent


@contextmanager
def setting(
    root: Path, *, rounds: int, say: Callable[[str], None], find_server: FindServer
) -> Iterator[Setting]:
    """Make the course folder of the bench and set LABS_COURSE to it; afterwards remove its playgrounds.

    Raises:
        EngineNotFound: No engine answers.
    """
    with temporary_course(root) as folder:
        yield Setting(root, folder, find(), rounds, say, find_server)
