"""Collects the facts for `labs doctor` on this machine, each with a time limit. `health` judges them."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from docker.errors import DockerException
from requests.exceptions import RequestException

from labs import course, images
from labs import playground as playgrounds
from labs.cli import notebook
from labs.cli.health import EngineFacts, Facts
from labs.engine import Embedded, Engine, EngineError, find
from labs.errors import LabsError
from labs.playground import CAPABILITIES, capabilities, isolation_of

T = TypeVar("T")

LIMIT_S = 5.0
"""Seconds until a fact counts as unknown: an engine whose socket accepts and never answers is a result too."""

VARIABLES = (
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "LABS_COURSE"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
)
_FILES = (
    "DOCKER_CERT_PATH",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
)
# What counts as "unknown"; any other exception is a mistake in this module.
_SILENT = (DockerException, RequestException, LabsError, OSError)


class Look(Generic[T]):
    """A fact that is collected in a thread of its own; after `LIMIT_S` it counts as unknown."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._seen: list[T] = []
        self._error: BaseException | None = None
        # A daemon: a call that never returns must not keep `labs doctor` from ending.
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._seen.append(self._work())
        except BaseException as error:  # raised again where the answer is asked for
            self._error = error

    def answer(self, limit_s: float = LIMIT_S) -> T:
        """What was seen.

        Raises:
            TimeoutError: Nothing came in time.
        """
        self._thread.join(limit_s)
        if self._error is not None:
            raise self._error
        if not self._seen:
            raise TimeoutError(f"no answer within {limit_s:g} s")
        return self._seen[0]

    def or_else(self, default: T) -> T:
        """What was seen, or `default` where looking failed."""
        try:
            return self.answer()
        except _SILENT:
            return default


def gather() -> Facts:
    """Look at everything; a node is made and removed where the engine and the images are there."""
    debian = Look(debian_answers)
    seen: dict[str, Any] = {"kernel": platform.release(), **_machine()}
    try:
        engine = Look(lambda: find(timeout_s=2)).answer()
        # One second less than `Look` waits, so that the client's own error, which says more, comes
        # first.
        _limit(engine, LIMIT_S - 1)
        seen |= Look(lambda: _engine(engine)).answer()
    except _SILENT as error:
        return Facts(**seen, engine_error=_silence(error), debian=debian.or_else(False))
    # Started here and read at the end: the network is tried while images are looked at.
    hub = Look(lambda: hub_answers(engine))
    seen |= Look(lambda: _stored(engine)).or_else({})
    if seen.pop("can_serve", False):
        seen["node"] = try_node(engine)
    return Facts(**seen, hub=hub.or_else(False), debian=debian.or_else(False))


def _limit(engine: Engine, seconds: float) -> None:
    api: Any = engine.client.api
    api.timeout = seconds


def _silence(error: Exception) -> tuple[str, str]:
    """Why there is no engine, and the one thing to do."""
    if isinstance(error, EngineError):
        return error.message, Embedded().why_not() or error.hint
    if isinstance(error, TimeoutError):
        return f"the engine gives no answer within {LIMIT_S:g} s", "restart Docker, then try again"
    return str(error).splitlines()[0], "restart Docker, then try again"


def _machine() -> dict[str, Any]:
    ours = Look(notebook.find).or_else(None)
    lab_port = "ours" if ours else ("taken" if listens(8888) else "free")
    return {
        "memory_bytes": memory_bytes(),
        "free_bytes": {"the course": shutil.disk_usage(course.course_root()).free},
        "lab_port": lab_port,
        "airplay": platform.system() == "Darwin" and listens(5000),
        "variables": tuple(name for name in VARIABLES if os.environ.get(name)),
        "dead_files": tuple(
            f"{name}={os.environ[name]}"
            for name in _FILES
            if os.environ.get(name) and not Path(os.environ[name]).exists()
        ),
    }


def _engine(engine: Engine) -> dict[str, Any]:
    info = engine.client.info()
    here = (
        platform.system() == "Linux"
        and engine.address.startswith("unix://")
        # Docker Desktop on Linux also has a socket here, and its engine is in a virtual machine.
        and info.get("KernelVersion") == platform.release()
    )
    facts = EngineFacts(
        version=engine.version,
        source=engine.source,
        address=engine.address,
        here=here,
        cgroup=info.get("CgroupVersion", ""),
        security=tuple(info.get("SecurityOptions") or ()),
        root=info["DockerRootDir"],
    )
    nodes = isolation_of(engine)
    seen: dict[str, Any] = {
        "engine": facts,
        "kernel": info.get("KernelVersion", ""),
        "isolation": (nodes.words, nodes.todo),
    }
    if not here:  # a virtual machine or another host: its memory, as the engine reports
        return {**seen, "memory_bytes": info["MemTotal"]}
    given = capabilities(engine)
    missing = tuple(name for name in CAPABILITIES if name not in given)
    free = {what: shutil.disk_usage(path).free for what, path in _places(facts).items()}
    return {**seen, "ipvs": ipvs(), "capabilities_missing": missing, "free_bytes": free}


def _places(engine: EngineFacts) -> dict[str, Path]:
    """Where space is needed, once where it is the same file system."""
    root, here = Path(engine.root), course.course_root()
    while not root.exists():
        root = root.parent
    if root.stat().st_dev == here.stat().st_dev:
        return {"the engine and the course": root}
    return {"the engine": root, "the course": here}


def _stored(engine: Engine) -> dict[str, Any]:
    stock = images.stock(engine.client)
    return {
        "can_serve": images.can_serve(engine.client, ()),
        **_image_work(images.WorkFile.of(engine.client).read()),
        "strays": tuple(playgrounds.strays(engine).values()),
        "images_missing": tuple(s.image.name for s in stock if not s.present and not s.image.late),
        "images_stale": tuple(s.image.name for s in stock if s.present and not s.current),
    }


def _image_work(work: images.Work) -> dict[str, str]:
    """Whether images are being made now, or how the last try ended."""
    step = work.step.strip().partition(" : ")[0]  # `nginx: Step 5/14`, without the command
    if work.running:
        return {"images_step": step or "beginning"}
    if work.error:
        return {"images_error": f"failed: {work.error}"}
    return {"images_error": f"was ended at {step}"} if step else {}


def ipvs(proc: Path = Path("/proc/net/ip_vs")) -> str:
    """`there`, `loadable` or `missing`."""
    if proc.exists():
        return "there"
    modprobe = shutil.which("modprobe")
    if modprobe is None:
        return "missing"
    # --dry-run: looking must not change the machine.
    asked = [modprobe, "--dry-run", "--quiet", "ip_vs"]
    return "loadable" if subprocess.run(asked, check=False).returncode == 0 else "missing"


def memory_bytes(path: Path = Path("/proc/meminfo")) -> int:
    """Memory that is available to programs; all memory where the kernel does not report that."""
    if not path.exists():
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    lines = path.read_text().splitlines()
    return next(int(x.split()[1]) * 1024 for x in lines if x.startswith("MemAvailable:"))


def listens(port: int) -> bool:
    """Whether something on this machine takes connections on that port."""
    with socket.socket() as client:
        # On loopback an answer comes at once; a firewall that drops packets gives none.
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def hub_answers(engine: Engine) -> bool:
    """Ask the engine to look an image up: it is the one that pulls, so its network counts."""
    reference = images.Catalog.read().base.hub.partition("@")[0]
    try:
        engine.client.api.inspect_distribution(reference)
    except _SILENT:
        return False
    return True


def debian_answers() -> bool | None:
    """Let apt fetch a list's first file the way it would for a build: its own addresses and proxies."""
    helper = Path("/usr/lib/apt/apt-helper")
    if not helper.exists():
        return None
    asked = ["apt-get", "update", "--print-uris"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    address = listed.stdout.partition("'")[2].partition("'")[0]
    # Short, and one try: within the time of `Look`.
    patience = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=3"]
    with tempfile.TemporaryDirectory(prefix="registry-course-") as folder:
        fetch = [str(helper), *patience, "download-file", address, f"{folder}/list"]
        try:
            done = subprocess.run(fetch, capture_output=True, check=False, timeout=LIMIT_S - 1)
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0


def try_node(engine: Engine) -> float | tuple[str, str]:
    """Make a node, wait for its engine, remove it: seconds that it took, or why not and what to do."""
    _limit(engine, 30)  # making takes longer than looking
    started = time.monotonic()
    playground = None
    try:
        playground = playgrounds.open_playground("doctor", engine=engine)
        return time.monotonic() - started
    except _SILENT as error:
        words = error.message if isinstance(error, LabsError) else str(error)
        hint = error.hint if isinstance(error, LabsError) else ""
        return words.splitlines()[0], hint or "restart Docker, then try again"
    finally:
        if playground is not None:
            playground.close()
