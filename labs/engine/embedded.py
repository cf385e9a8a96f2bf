"""The embedded engine: Debian's docker.io, run as a private daemon with its own data, socket and log.

One machine has one, shared by every folder of the course on it, so that images are built once.
It never touches a system-wide Docker: `/var/lib/docker` and `/var/run/docker.sock` stay as they are.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs.engine import user_namespace
from labs.engine.engine_error import EngineError
from labs.engine.sdk_client import EngineClient
from labs.waiting import WaitTimeout, wait_until

Say = Callable[[str], None]


class Embedded:
    """The embedded engine of this machine.

    Args:
        data: Folder for images, volumes and the log.
        run: Folder for the socket and the process id.
        arguments: More arguments for dockerd: a second one beside it must leave bridge and iptables alone.
        user_namespace: Whether its containers get one, where the machine can give it.
    """

    def __init__(
        self,
        data: Path = Path("/var/lib/registry-course"),
        run: Path = Path("/run/registry-course"),
        arguments: tuple[str, ...] = (),
        *,
        user_namespace: bool = True,
    ) -> None:
        self.arguments = arguments
        self.user_namespace = user_namespace
        self.data = data
        self.run = run
        self.socket = run / "docker.sock"
        self.pid_file = run / "docker.pid"
        self.log = data / "dockerd.log"

    @property
    def address(self) -> str:
        """The address for DOCKER_HOST."""
        return f"unix://{self.socket}"

    def pid(self) -> int | None:
        """The daemon's process id, or None if the recorded id is not one of our dockerd."""
        try:
            pid = int(self.pid_file.read_text())
            # The kernel gives the id of a dead process to another one: only a command line that names this pid file
            # is our daemon.
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if str(self.pid_file).encode() in words else None

    def running(self) -> bool:
        """Whether the daemon is there and has opened its socket."""
        return self.pid() is not None and self.socket.exists()

    def why_not(self) -> str:
        """Why an engine cannot be started here, and what to do; empty where it can."""
        if platform.system() != "Linux":
            return "install and start Docker Desktop, or another Docker engine, then run `make start` again"
        if os.geteuid() != 0:
            return "start Docker, or run `make start` as root: an engine needs root to start"
        if not shutil.which("dockerd") and not shutil.which("apt-get"):
            return "install Docker with this system's packages, then run `make start` again"
        return ""

    def plan(self) -> list[str]:
        """What `start` will do, a line a step."""
        steps = []
        if not shutil.which("dockerd"):
            steps.append("install Debian's docker.io package (about 70 MB)")
        steps.append(f"run a private Docker engine with its data in {self.data}")
        if user_namespace.first_id() is None and not user_namespace.why_not():
            user = user_namespace.USER
            steps.append(f"add the user {user}, whose ids root has in the engine's containers")
        steps.append("stop it again with `labs stop`")
        return steps

    def start(self, say: Say) -> None:
        """Install the engine if it is missing and start the daemon.

        Raises:
            EngineError: A package cannot be installed, or the daemon does not come up; the message ends with its log.
        """
        reason = self.why_not()
        if reason:
            raise EngineError("no engine can be started here", hint=reason)
        with self._lock():
            if self.running():
                return
            if not shutil.which("dockerd"):
                install_packages(["docker.io", "iptables"], say)
            say("starting a private Docker engine")
            self._spawn(say)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one process at a time start it; another one waits and finds it running."""
        self.run.mkdir(parents=True, exist_ok=True)
        with (self.run / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _configure(self, say: Say) -> Path:
        """Write its daemon.json, which also keeps /etc/docker/daemon.json of another engine out."""
        settings, reason = user_namespace.settings(self.data) if self.user_namespace else ({}, "")
        if reason:
            say(f"its containers get no user namespace: {reason}")
        elif settings and (self.data / "data" / "image").exists():
            # dockerd keeps images and containers of each mapping of ids in a folder of its own.
            say(f"{self.data / 'data'} also holds what an engine without a user namespace left")
        config = self.run / "daemon.json"
        config.write_text(json.dumps(settings))
        return config

    def _spawn(self, say: Say) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        # A socket left by a killed daemon would look like a ready one.
        for stale in (self.pid_file, self.socket):
            stale.unlink(missing_ok=True)
        config = self._configure(say)
        command = [
            shutil.which("dockerd") or "/usr/sbin/dockerd",
            f"--host={self.address}",
            # A data root, an exec root and a pid file of its own: with the defaults it would use those of a
            # system-wide Docker.
            f"--data-root={self.data / 'data'}",
            f"--exec-root={self.run / 'exec'}",
            "--pidfile",
            str(self.pid_file),
            f"--config-file={config}",
            # Root of a container that is given the socket, as a job of `labs grade --swarm` is.
            *([f"--group={first}"] if (first := user_namespace.first_id()) else []),
            *self.arguments,
        ]
        with self.log.open("ab") as log:
            daemon = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: Ctrl+C in the terminal that started it must not end the engine.
                start_new_session=True,
                # DOCKER_* variables are for clients, and some change what dockerd does.
                env={k: v for k, v in os.environ.items() if not k.startswith("DOCKER_")},
            )
        self._await(daemon)

    def _await(self, daemon: subprocess.Popen[bytes]) -> None:
        """Wait for an answer, and give up at once when the daemon ended: its socket is there long before."""
        # 1.41 is the API of engine 20.10, the oldest that the course takes; asking for the version would fail while
        # it starts.
        client = EngineClient(self.address, timeout_s=2, version="1.41")

        def ready_or_dead() -> bool:
            with contextlib.suppress(DockerException, RequestException):
                return daemon.poll() is not None or bool(client.ping())
            return False

        try:
            wait_until(
                ready_or_dead, "the engine's answer", timeout_s=60, last_words=self.last_words
            )
        except WaitTimeout as error:
            # A daemon that hangs would keep the data folder, and the next start would fail too.
            daemon.kill()
            raise EngineError(str(error), hint=f"read {self.log}") from error
        if daemon.poll() is not None:
            raise EngineError(
                f"dockerd ended with status {daemon.returncode}:\n{self.last_words()}",
                hint=f"read {self.log}; `labs doctor` tells what this machine lacks",
            )

    def last_words(self, lines: int = 5) -> str:
        """The end of the daemon's log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def stop(self, timeout_s: float = 30.0) -> bool:
        """Stop the daemon by its process id; return whether it ran."""
        pid = self.pid()
        if pid is None:
            return False
        # SIGTERM, so that it stops its containers and unmounts their file systems; a killed dockerd leaves both
        # behind.
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: _ended(pid), f"dockerd ({pid}) to end", timeout_s=timeout_s)
        self.socket.unlink(missing_ok=True)
        return True


def _ended(pid: int) -> bool:
    """Whether a process is gone. If it is a child of this process it is reaped, else it would stay a zombie."""
    # Raised for a daemon that another process started: init reaps that one.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return not Path(f"/proc/{pid}").exists()


def install_packages(names: list[str], say: Say) -> None:
    """Install Debian packages without starting their services.

    Raises:
        EngineError: apt-get failed; its last lines are in the message.
    """
    say(f"installing {', '.join(names)} with apt-get")
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:  # invoke-rc.d asks this script; 101 means: do not start anything
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        # A new container has no package lists, and old lists name packages that the mirror has replaced.
        _apt(["update", "-qq"], say)
        _apt(["install", "-y", "--no-install-recommends", *names], say)
    finally:
        if ours:
            policy.unlink(missing_ok=True)


def _apt(arguments: list[str], say: Say) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # By default apt-get fails at once if another process, such as unattended upgrades, holds dpkg's lock.
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=120", *arguments]
    with subprocess.Popen(
        command,
        env=environment,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        tail: list[str] = []
        for line in process.stdout or []:
            # The last five lines: apt-get prints the reason at its end.
            tail = [*tail[-4:], line.rstrip()]
            if line.startswith(("Get:", "Need to get", "Setting up")):
                say(f"  {line.rstrip()}"[:100])
    if process.returncode:
        raise EngineError(
            f"apt-get {arguments[0]} failed with status {process.returncode}:\n" + "\n".join(tail),
            hint="run the same command by hand to see more, then `make start` again",
        )
