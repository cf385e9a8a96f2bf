"""The container of a student's kernel, and what runs in it: no network, no capabilities, no file of this machine.

Two users run processes in it. The relay's holds the channel to the grader; the student's runs the kernel, and can
neither read nor signal the relay's processes. Files are on tmpfs, so they count as memory.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError
from docker.models.containers import Container
from docker.types import LogConfig

from labs import course
from labs.engine import Engine
from labs.grading.models import GradingError
from labs.images import Catalog
from labs.playground import COURSE, FOLDER, cgroup_name, cgroup_of

STUDENT, RELAY = "1000:1000", "990:990"
# The container has a loopback of its own, so fixed ports are free. All are above 1023: no
# capability is needed.
REQUESTS_PORT, FIRST_PORT = 7000, 7001
_KERNEL_PORTS = {"shell_port": 6001, "iopub_port": 6002, "stdin_port": 6003}
_KERNEL_PORTS |= {"control_port": 6004, "hb_port": 6005}
RELAY_COMMAND = ["python3", "-m", "labs.graded.container.relay", "/run/labs"]
# Holds the relay's modules alone: the course's package imports more than a relay needs.
RELAY_ENVIRONMENT = {"PYTHONPATH": "/opt/relay"}
# Imported before any cell runs: a prewarmed kernel does this while another submission runs.
_LAUNCH = """
import os
os.makedirs(os.environ["LABS_COURSE"], exist_ok=True)
import labs, labs.graded, labs.lessons, labs.playground, labs.registry, labs.views, docker, httpx
for room in (labs, labs.graded, labs.playground, labs.registry, labs.views):
    for name in room.__all__:
        getattr(room, name)
labs.lessons.all_lessons()
from labs.graded.container import kernel_output
kernel_output.limit_prints()
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""


@dataclass(frozen=True)
class ResourceLimits:
    """What a student's kernel may use: enough for any lesson, and for a fork bomb to end soon.

    Attributes:
        memory_mb: Of all its processes and files together; files are in memory.
        processes: Threads count too.
        cpus: Of the machine's.
        files_mb: In its home, and as much in /tmp.
        files: In its home, and as many in /tmp; empty ones use memory too.
    """

    memory_mb: int = 512
    processes: int = 192
    cpus: float = 1.0
    files_mb: int = 64
    files: int = 20_000


def create(engine: Engine, name: str, size: ResourceLimits) -> Container:
    """Create the container, not started; its name ends in `-kernel-` and the label of its sandbox.

    Raises:
        GradingError: The engine refused.
    """
    labels = {COURSE: course.course_id(), FOLDER: str(course.course_root())}
    cgroup = cgroup_name(course.course_id(), name.rpartition("-kernel-")[2])
    memory = f"{size.memory_mb}m"
    try:
        return engine.client.containers.create(
            Catalog.read().extra["kernel"].name,
            name=name,
            hostname="notebook",
            labels=labels,
            # What a submission can reach is what the grader forwards, and nothing else.
            network_mode="none",
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            # A layer would be on the engine's disk, which has no quota; tmpfs counts as memory.
            read_only=True,
            mem_limit=memory,
            # Memory and swap together: without it, Docker adds as much swap again.
            memswap_limit=memory,
            shm_size="16m",  # Docker's default is 64 MB; no lesson needs it
            pids_limit=size.processes,
            nano_cpus=_nano_cpus(engine, size),
            # Its own share of the CPU time is that of the submission: nodes are under the same parent.
            cgroup_parent=cgroup_of(engine.client, cgroup).parent,
            log_config=LogConfig(type=LogConfig.types.NONE),  # a log would fill the host's disk
            tmpfs=_folders(size),
        )
    except APIError as error:
        raise GradingError(
            f"cannot make the container of a kernel: {error.explanation or error}",
            hint="`labs images list` tells whether its image is there",
        ) from error


def _nano_cpus(engine: Engine, size: ResourceLimits) -> int | None:
    """The limit of CPU time; None on a machine without it, whose engine would refuse the container."""
    return int(size.cpus * 1e9) if engine.client.info().get("CpuCfsQuota", True) else None


def _folders(size: ResourceLimits) -> dict[str, str]:
    """The folders that can be written, with their mount options."""
    disk = f"rw,nosuid,nodev,size={size.files_mb}m,nr_inodes={size.files}"
    return {
        "/tmp": f"{disk},mode=1777",
        "/home/student": f"{disk},mode=700,uid=1000,gid=1000",
        # The student's user can read the connection file there, and write nothing.
        "/run/labs": "rw,nosuid,nodev,noexec,size=1m,mode=755,uid=990,gid=990",
    }


def kernel_command(connection_file: str) -> list[str]:
    """The command that runs the student's kernel."""
    # The history would be a SQLite file in the student's home, which is memory.
    options = ["-f", connection_file, "--HistoryManager.enabled=False"]
    options.append("--Session.packer=labs.graded.container.kernel_output.pack")
    return ["python3", "-c", _LAUNCH, *options]


def connection() -> str:
    """The kernel's connection file, with a new key."""
    info = {
        **_KERNEL_PORTS,
        "ip": "127.0.0.1",
        "transport": "tcp",
        # The student can read it. It only keeps the protocol as Jupyter defines it; see
        # `labs.graded.container.bridge`.
        "key": secrets.token_hex(16),
        "signature_scheme": "hmac-sha256",
    }
    return json.dumps(info)


def start_kernel(engine: Engine, id: str) -> str:
    """Start the student's kernel in a container whose relay runs; returns the id of the exec."""
    environment = {
        "HOME": "/home/student",
        "LABS_COURSE": "/home/student/course",
        "LABS_GRADED": str(REQUESTS_PORT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    api: Any = engine.client.api
    run = api.exec_create(
        id,
        kernel_command("/run/labs/kernel.json"),
        user=STUDENT,
        environment=environment,
        workdir="/home/student",
    )
    api.exec_start(run["Id"], detach=True)
    return str(run["Id"])
