"""The user namespace of the embedded engine: root in its containers is a user of the host who owns nothing there.

dockerd's `--userns-remap` needs a user with 65536 subordinate ids (subuid(5)). The course has one of its own, so that
neither another engine's containers nor a rootless user's have the same ids.
"""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

USER = "registry-course"
"""The user in /etc/subuid and /etc/subgid whose subordinate ids the containers have."""
NODE_RUNTIME = "registry-course-node"
"""The runtime by which an engine with a user namespace starts nodes; see `node-runtime` beside this module."""
_IDS = 65536
# Below are the ids of people, services and systemd's dynamic users.
_FIRST = 100_000
_FILES = ("subuid", "subgid")
# Of keyrings(7), by sysctl. A swarm lesson of a class of ten has some 500 containers, with those in the nodes.
_KEYS = {"maxkeys": 20_000, "maxbytes": 2_000_000}


def settings(data: Path, etc: Path = Path("/etc")) -> tuple[dict[str, object], str]:
    """What daemon.json needs for a user namespace; ids and user are made if they are missing.

    Args:
        data: The engine's folder, in which the runtime is put: a checkout may be removed while the engine runs.
        etc: Where subuid and subgid are.

    Returns:
        The settings, and why there is no user namespace: one of the two is empty.
    """
    if reason := why_not() or _closed(data) or _make_ids(etc):
        return {}, reason
    runtime = data / "node-runtime"
    shutil.copyfile(Path(__file__).with_name("node-runtime"), runtime)
    runtime.chmod(0o755)
    _allow_keys()
    return {"userns-remap": USER, "runtimes": {NODE_RUNTIME: {"path": str(runtime)}}}, ""


def first_id(etc: Path = Path("/etc")) -> int | None:
    """The host's id of root in the containers, the same for users and groups; None where there is none yet."""
    firsts = set()
    for name in _FILES:
        own = [start for user, start, count in _ranges(etc / name) if (user, count) == (USER, _IDS)]
        firsts.add(own[0] if own else None)
    return firsts.pop() if len(firsts) == 1 else None


def why_not() -> str:
    """Why this machine has no user namespace for containers; empty where it has."""
    if missing := [name for name in ("useradd", "usermod", "unshare") if not shutil.which(name)]:
        return f"{', '.join(missing)} missing"
    # Tried, for there are several switches: sysctls, security modules, what a container may do.
    tried = subprocess.run(
        ["unshare", "--user", "--map-root-user", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode:
        return f"the kernel gives no user namespace: {tried.stderr.strip()}"
    return ""


def maps(first: int, table: str) -> bool:
    """Whether a user namespace's table, as in /proc/self/uid_map, has `first` and the ids after it."""
    for line in table.splitlines():
        inside, _outside, count = map(int, line.split())
        if inside <= first and first + _IDS <= inside + count:
            return True
    return False


def _allow_keys(limits: Path = Path("/proc/sys/kernel/keys")) -> None:
    """Let the mapped root have more keys: runc makes a keyring for each container, and 200 are a user's by default.

    Root itself may have a million. Where the limits cannot be written, some 200 containers run at the same time.
    """
    for name, least in _KEYS.items():
        file = limits / name
        with suppress(OSError, ValueError):
            if int(file.read_text()) < least:
                file.write_text(str(least))


def _closed(data: Path) -> str:
    """Why root in the containers could not reach its images below `data`: dockerd refuses to start then."""
    for folder in (data, *data.resolve().parents):
        if folder.exists() and not folder.stat().st_mode & 0o001:
            return f"{folder} is closed to other users: `chmod o+x {folder}` opens it"
    return ""


def _make_ids(etc: Path) -> str:
    """Make the user and its ids if they are missing; return why that failed."""
    first = first_id(etc) or _free(etc)
    for name in ("uid_map", "gid_map"):
        # This machine may itself be a container with few ids.
        if not maps(first, Path(f"/proc/self/{name}").read_text()):
            return f"this machine has no ids from {first} on: it is in a user namespace itself"
    if first_id(etc):
        return ""
    last = first + _IDS - 1
    ranges = ["--add-subuids", f"{first}-{last}", "--add-subgids", f"{first}-{last}", USER]
    nobody = ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--user-group"]
    nobody += ["--shell", "/usr/sbin/nologin", USER]
    # 9: the user is there already.
    for command, fine in ((["useradd", *nobody], (0, 9)), (["usermod", *ranges], (0,))):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in fine:
            return f"{command[0]} failed: {done.stderr.strip()}"
    return ""


def _free(etc: Path) -> int:
    """The first id after all that are given away."""
    ends = [start + count for name in _FILES for _, start, count in _ranges(etc / name)]
    return max([_FIRST, *ends])


def _ranges(file: Path) -> list[tuple[str, int, int]]:
    """User, first id and count of each line that has these."""
    try:
        lines = [line.split(":") for line in file.read_text().splitlines()]
    except FileNotFoundError:
        return []
    whole = [line for line in lines if len(line) == 3 and line[1].isdigit() and line[2].isdigit()]
    return [(user, int(start), int(count)) for user, start, count in whole]
