"""What root in a node, and in a privileged container inside it, can do to the host.

Each value is one that would be harmless if it went through.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import ContainerError

from labs.engine import NODE_RUNTIME, Engine
from labs.playground import RUNTIME, Playground, isolation_of


def engine_that_says(source: str = "embedded", **info: Any) -> Engine:
    client: Any = SimpleNamespace(info=lambda: info)
    return Engine(client, source, "unix:///run/docker.sock", "26.1")


USERNS = ["name=seccomp,profile=builtin", "name=userns"]


@pytest.fixture(autouse=True)
def no_runtime(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(RUNTIME, raising=False)


def test_an_engine_with_ids_and_the_runtime_isolates():
    found = isolation_of(engine_that_says(SecurityOptions=USERNS, Runtimes={NODE_RUNTIME: {}}))
    assert (found.kind, found.strong) == ("user namespace", True)
    assert found.options == {"runtime": NODE_RUNTIME}


def test_an_engine_with_ids_alone_runs_nodes_as_the_host_and_says_so():
    found = isolation_of(engine_that_says("context", SecurityOptions=USERNS, Runtimes={"runc": {}}))
    assert (found.kind, found.options) == ("none", {"userns_mode": "host"})
    assert "sysbox-runc" in found.todo


def test_a_plain_engine_isolates_nothing_and_says_what_does():
    found = isolation_of(engine_that_says("context", SecurityOptions=USERNS[:1], Runtimes={}))
    assert (found.kind, found.options, found.strong) == ("none", {}, False)
    assert "`labs start` as root" in found.todo
    assert "labs stop" in isolation_of(engine_that_says(SecurityOptions=None)).todo


def test_a_rootless_engine_and_a_runtime_isolate(monkeypatch: pytest.MonkeyPatch):
    rootless = engine_that_says(SecurityOptions=["name=rootless"])
    assert (isolation_of(rootless).kind, isolation_of(rootless).options) == ("rootless", {})
    monkeypatch.setenv(RUNTIME, "sysbox-runc")
    found = isolation_of(rootless)
    assert (found.kind, found.options) == ("sysbox-runc", {"runtime": "sysbox-runc"})


@pytest.fixture
def isolated(engine: Engine, playground: Playground) -> Playground:
    if isolation_of(engine).kind != "user namespace":
        pytest.skip(f"this engine isolates nodes by: {isolation_of(engine).kind}")
    return playground


CORE = "/proc/sys/kernel/core_pattern"
WRITES = {
    "core_pattern": f"cat {CORE} >/tmp/c && cat /tmp/c >{CORE}",
    "panic_on_oops": "echo 0 >/proc/sys/kernel/panic_on_oops",
    "sysrq": "echo h >/proc/sysrq-trigger",
    "uevent_helper": "echo >/sys/kernel/uevent_helper",
    "devices": "echo 'c 1:3 rwm' >/sys/fs/cgroup/devices/devices.allow",
    "cpu weight": "for f in cpu/cpu.shares cpu.weight; do [ -e /sys/fs/cgroup/$f ] && "
    "{ cat /sys/fs/cgroup/$f >/tmp/w; cat /tmp/w >/sys/fs/cgroup/$f; exit; }; done; exit 3",
    "memory limit": "for f in memory/memory.limit_in_bytes memory.max; do [ -e /sys/fs/cgroup/$f ] && "
    "{ cat /sys/fs/cgroup/$f >/tmp/w; cat /tmp/w >/sys/fs/cgroup/$f; exit; }; done; exit 3",
    "a disk": "mknod /tmp/disk b 7 250",
    "the host's modules": "mount -t debugfs none /mnt || mount -t tracefs none /mnt || mount -t bpf none /mnt",
}
HOST_FILES = ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/pid_max")


@pytest.mark.engine
@pytest.mark.parametrize("what", WRITES)
def test_root_of_a_node_cannot(isolated: Playground, what: str):
    done = isolated.node(1).exec(["sh", "-c", WRITES[what]])
    assert done.exit_code, done


@pytest.mark.engine
@pytest.mark.parametrize("what", [*WRITES, "all of the node"])
def test_a_privileged_container_in_a_node_cannot(isolated: Playground, what: str):
    script = WRITES.get(what, f"cat /host{CORE} >/tmp/c && cat /tmp/c >/host{CORE}")
    # The node's own folder of each limit: the container's own is below it and is the node's to set.
    script = script.replace("/sys/fs/cgroup", "/host/sys/fs/cgroup")
    run = isolated.node(1).docker.containers.run
    options = {
        "remove": True,
        "privileged": True,
        "volumes": {"/": {"bind": "/host", "mode": "rw"}},
    }
    assert run("busybox", ["echo", "it runs"], **options) == b"it runs\n"
    with pytest.raises(ContainerError):
        run("busybox", ["sh", "-c", script], **options)


@pytest.mark.engine
def test_what_a_node_may_write_stays_in_it(isolated: Playground):
    before = {path: Path(path).read_text() for path in HOST_FILES}
    number = int(before["/proc/sys/kernel/pid_max"]) - 1
    isolated.node(1).exec(["sh", "-c", f"echo {number} >/proc/sys/kernel/pid_max"])
    assert {path: Path(path).read_text() for path in HOST_FILES} == before


@pytest.mark.engine
def test_root_of_a_node_is_nobody_on_the_host(isolated: Playground):
    container = isolated.node(1).container
    container.reload()
    assert Path(f"/proc/{container.attrs['State']['Pid']}").stat().st_uid >= 100_000


@pytest.mark.engine
def test_a_node_has_limits_of_its_own_for_containers(isolated: Playground):
    if not isolated.node(1).docker.info()["CpuCfsQuota"]:
        pytest.skip("the cgroups of this engine have no controllers")
    run = isolated.node(1).docker.containers.run
    script = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true"
    said = run("busybox", ["sh", "-c", script], remove=True, mem_limit="64m", nano_cpus=500_000_000)
    assert said.strip() == str(64 << 20).encode()
