"""The diagnoses of `labs doctor`: pure functions from facts to findings. The machine is not looked at here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

State = Literal["ok", "note", "problem"]

NEEDED_CAPABILITIES = ("SYS_ADMIN", "NET_ADMIN", "MKNOD", "SETUID", "SETGID", "CHOWN")
"""Without these no engine starts in a node; without others, some commands in the node fail."""

# As `df -H` and disks are labeled, not 2**30.
_GB = 10**9


@dataclass(frozen=True)
class Diagnosis:
    """One line of the doctor's report.

    Attributes:
        subject: What was looked at.
        state: `problem` where lessons cannot run.
        seen: What is there.
        todo: The one thing to do; empty where there is none.
    """

    subject: str
    state: State
    seen: str
    todo: str = ""


@dataclass(frozen=True)
class EngineFacts:
    """The engine that was found.

    Attributes:
        version: What it calls itself.
        source: How it was found.
        address: Where it listens.
        here: Whether it runs on this machine's own kernel.
        cgroup: Version of the cgroup tree, `1` or `2`.
        security: Its security options, `name=rootless` for one.
        root: Its data folder.
    """

    version: str
    source: str
    address: str
    here: bool = True
    cgroup: str = ""
    security: tuple[str, ...] = ()
    root: str = ""


@dataclass(frozen=True)
class Facts:
    """What was seen on this machine.

    Attributes:
        engine: The engine, or None.
        engine_error: Why there is none, and what to do.
        kernel: Its release.
        ipvs: `there`, `loadable`, `missing`, or empty where it cannot be seen from here.
        capabilities_missing: Those that nodes ask for and this machine cannot give.
        isolation: What keeps nodes from the host, and how to get more; empty where no engine answers.
        free_bytes: Free space by what is stored there.
        memory_bytes: What is free for nodes.
        lab_port: State of JupyterLab's port: `free`, `ours`, `taken`.
        airplay: Whether macOS's AirPlay receiver listens on port 5000.
        images_missing: Names of images that are not there.
        images_step: What a process that makes images is at now; empty where none does.
        images_error: How the last one ended before all were there: `failed: no space left`.
        images_stale: Names of those made from other files than the catalog's.
        hub: Whether the engine reached Docker Hub; None if it was not tried.
        debian: Whether apt reached a Debian mirror; None where there is no apt.
        strays: Course folders that are gone and left objects.
        variables: Environment variables that change what Docker clients connect to or trust.
        dead_files: Those of them that name a file that does not exist.
        node: Seconds until a node answered, why it did not, or None where none was tried.
    """

    engine: EngineFacts | None = None
    engine_error: tuple[str, str] = ("", "")
    kernel: str = ""
    ipvs: str = ""
    capabilities_missing: tuple[str, ...] = ()
    isolation: tuple[str, str] = ("", "")
    free_bytes: dict[str, int] = field(default_factory=dict)
    memory_bytes: int = 0
    lab_port: str = "free"
    airplay: bool = False
    images_missing: tuple[str, ...] = ()
    images_step: str = ""
    images_error: str = ""
    images_stale: tuple[str, ...] = ()
    hub: bool | None = None
    debian: bool | None = None
    strays: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    dead_files: tuple[str, ...] = ()
    node: float | tuple[str, str] | None = None


def engine(facts: Facts) -> Diagnosis:
    """Whether there is an engine, and how it was found."""
    if facts.engine is None:
        return Diagnosis("engine", "problem", *facts.engine_error)
    one = facts.engine
    seen = f"{one.version}, {one.source}, {one.address}"
    ignored = [name for name in ("DOCKER_HOST", "DOCKER_CONTEXT") if name in facts.variables]
    # `find` falls back to the embedded engine: without this line the user would not know why their
    # own is not used.
    if one.source == "embedded" and ignored:
        seen += f"; the one that {ignored[0]} names does not answer"
        return Diagnosis("engine", "note", seen, f"unset {ignored[0]}, or start what it names")
    # A note, not a problem: some of these engines run nodes. The node that is tried decides.
    for option in ("rootless", "userns"):
        # Where nodes are known to be isolated by it, they run: the course set that engine up.
        if any(option in word for word in one.security) and (
            facts.isolation[1] or option != "userns"
        ):
            todo = "if the node below does not start, use an engine that runs as root"
            return Diagnosis("engine", "note", f"{seen}; it runs with {option}", todo)
    return Diagnosis("engine", "ok", seen)


def kernel(facts: Facts) -> Diagnosis:
    """IPVS and the cgroup version: neither keeps a lesson from running."""
    cgroup = f"cgroup v{facts.engine.cgroup}" if facts.engine and facts.engine.cgroup else ""
    words = {
        "there": "IPVS is there",
        "loadable": "IPVS loads when it is asked for",
        "missing": "no IPVS: swarm lessons put an edge in the routing mesh's place",
    }
    parts = [facts.kernel, cgroup, words.get(facts.ipvs, "IPVS cannot be seen from here")]
    state: State = "note" if facts.ipvs == "missing" else "ok"
    return Diagnosis("kernel", state, ", ".join(part for part in parts if part))


def capabilities(facts: Facts) -> Diagnosis:
    """Whether this machine can give nodes the capabilities that they need."""
    missing = facts.capabilities_missing
    if not missing:
        return Diagnosis("capabilities", "ok", "all that nodes ask for")
    fatal = [name for name in missing if name in NEEDED_CAPABILITIES]
    if fatal:
        todo = "run Docker on a machine or in a container that has them"
        return Diagnosis("capabilities", "problem", f"missing: {', '.join(fatal)}", todo)
    return Diagnosis("capabilities", "note", f"without {', '.join(missing)}; nodes run without")


def isolation(facts: Facts) -> Diagnosis:
    """What keeps root in a node from being root on the host. Lessons run without it."""
    seen, todo = facts.isolation
    if not seen:
        return Diagnosis("isolation", "note", "not looked at: there is no engine")
    return Diagnosis("isolation", "note" if todo else "ok", seen, todo)


def disk(facts: Facts) -> Iterator[Diagnosis]:
    """Free space on the disks of the engine and of the course."""
    for where, free in facts.free_bytes.items():
        seen = f"{free / _GB:.1f} GB free for {where}"
        if free < _GB:
            yield Diagnosis(
                "disk", "problem", seen, "free at least 1 GB there; 5 GB is comfortable"
            )
        elif free < 5 * _GB:
            yield Diagnosis("disk", "note", seen, "free 5 GB there before the longer lessons")
        else:
            yield Diagnosis("disk", "ok", seen)


def memory(facts: Facts) -> Diagnosis:
    """Whether nodes fit: an idle one takes about 100 MB."""
    seen = f"{facts.memory_bytes / _GB:.1f} GB free"
    if facts.memory_bytes < 0.3 * _GB:
        return Diagnosis("memory", "problem", seen, "close programs: a lesson needs 300 MB")
    if facts.memory_bytes < _GB:
        return Diagnosis("memory", "note", seen, "close programs before lessons with several nodes")
    return Diagnosis("memory", "ok", seen)


def ports(facts: Facts) -> Diagnosis:
    """Ports that students ask about; the course takes free ones by itself."""
    if facts.airplay:
        todo = "nothing: the course uses other ports (System Settings > AirDrop & Handoff frees it)"
        return Diagnosis("ports", "note", "5000 is taken by macOS's AirPlay receiver", todo)
    words = {
        "free": ("ok", "8888 is free for JupyterLab"),
        "ours": ("ok", "this course's JupyterLab runs"),
        "taken": ("note", "8888 is taken: JupyterLab will use the next free port"),
    }
    state, seen = words[facts.lab_port]
    return Diagnosis("ports", "note" if state == "note" else "ok", seen)


def images(facts: Facts) -> Diagnosis:
    """Whether the images are there and current."""
    if facts.engine is None:
        return Diagnosis("images", "note", "not looked at: there is no engine")
    if facts.images_missing:
        # No source can be reached: another start would fail too, and a bundle needs none.
        offline = facts.hub is False and not facts.debian
        todo = "`labs images load FILE` takes them from a bundle" if offline else "run `make start`"
        seen = f"missing: {', '.join(facts.images_missing)}"
        if facts.images_step:
            return _coming(facts, seen)
        if facts.images_error:
            seen += f"; the last try {facts.images_error}"
        return Diagnosis("images", "problem", seen, todo)
    if facts.images_stale:
        seen = f"out of date: {', '.join(facts.images_stale)}"
        return Diagnosis("images", "note", seen, "run `make start`")
    return Diagnosis("images", "ok", "all here and current")


def _coming(facts: Facts, seen: str) -> Diagnosis:
    """Images are being made now: those of the first lesson before a node can be tried, the others after."""
    seen += f"; they are being made now: {facts.images_step}"
    if facts.node is None:
        return Diagnosis("images", "problem", seen, "wait a minute, then look again")
    return Diagnosis(
        "images", "note", seen, "nothing: a lesson that needs one of them waits for it"
    )


def network(facts: Facts) -> Diagnosis:
    """Whether image sources can be reached; once the images are here, lessons need none."""
    words = {True: "reached", False: "not reached"}
    asked = {"Docker Hub": facts.hub, "Debian's mirror": facts.debian}
    seen = ", ".join(f"{name} {words[hit]}" for name, hit in asked.items() if hit is not None)
    if not seen:
        return Diagnosis("network", "note", "not looked at: neither an engine nor apt is here")
    if facts.hub or facts.debian:
        return Diagnosis("network", "ok", seen)
    return Diagnosis("network", "note", f"{seen}: lessons run offline once the images are here")


def python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Diagnosis:
    """The Python that runs this."""
    seen = ".".join(str(part) for part in version)
    # The oldest that pyproject.toml allows.
    if version < (3, 11):
        return Diagnosis(
            "python", "problem", seen, "install Python 3.11 or newer, then `make start`"
        )
    return Diagnosis("python", "ok", seen)


def variables(facts: Facts) -> Diagnosis:
    """Environment variables that other Docker clients and Python programs here would follow."""
    if facts.dead_files:
        seen = f"no such file: {', '.join(facts.dead_files)}"
        return Diagnosis("environment", "note", seen, f"unset {facts.dead_files[0].split('=')[0]}")
    if facts.variables:
        return Diagnosis(
            "environment", "note", f"set: {', '.join(facts.variables)}; nodes ignore them"
        )
    return Diagnosis("environment", "ok", "nothing that bends Docker clients")


def strays(facts: Facts) -> Diagnosis:
    """Objects on the engine of course folders that no longer exist."""
    if facts.strays:
        seen = f"nodes of folders that are gone: {', '.join(facts.strays)}"
        return Diagnosis("leftovers", "note", seen, "`labs reset --gone` removes them")
    return Diagnosis("leftovers", "ok", "none")


def node(facts: Facts) -> Diagnosis:
    """Whether a node came up just now."""
    if isinstance(facts.node, tuple):
        return Diagnosis("node", "problem", *facts.node)
    if facts.node is None:
        return Diagnosis("node", "note", "not tried: it needs the engine and the images")
    return Diagnosis("node", "ok", f"made, answered and removed in {facts.node:.1f} s")


def diagnose(facts: Facts) -> list[Diagnosis]:
    """All findings, in the order in which a reader wants them."""
    first: list[Callable[[Facts], Diagnosis]] = [engine, kernel, capabilities, isolation]
    last: list[Callable[[Facts], Diagnosis]] = [memory, ports, images, network, variables, strays]
    found = [*(look(facts) for look in first), *disk(facts), *(look(facts) for look in last)]
    return [*found, python(), node(facts)]


def healthy(findings: list[Diagnosis]) -> bool:
    """Whether lessons can run."""
    return all(finding.state != "problem" for finding in findings)
