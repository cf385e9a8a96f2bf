"""Creates the containers of a playground on the host's engine: the nodes, each with its volume, and the mirror."""

from __future__ import annotations

import platform
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from docker.types import LogConfig, Mount

from labs.engine import Engine, log_of_last_run
from labs.images import Catalog
from labs.playground.archive import archive
from labs.playground.cgroups import cgroup_of
from labs.playground.container_start import start_container
from labs.playground.deletion import remove_container
from labs.playground.isolation import RUNTIME, isolation_of
from labs.playground.labels import Names
from labs.playground.network import address
from labs.playground.node import ENGINE_PORT, RELAY_OFFSET
from labs.playground.node_errors import PlaygroundError
from labs.playground.spec import PlaygroundSpec
from labs.waiting import WaitTimeout, wait_until

CAPABILITIES = {
    # What an engine in a container needs, with the kernel's numbers (linux/capability.h).
    "CHOWN": 0,
    "DAC_OVERRIDE": 1,
    "DAC_READ_SEARCH": 2,
    "FOWNER": 3,
    "FSETID": 4,
    "KILL": 5,
    "SETGID": 6,
    "SETUID": 7,
    "SETPCAP": 8,
    "NET_BIND_SERVICE": 10,
    "NET_ADMIN": 12,
    "NET_RAW": 13,
    "IPC_LOCK": 14,
    "SYS_CHROOT": 18,
    "SYS_PTRACE": 19,
    "SYS_ADMIN": 21,
    "SYS_NICE": 23,
    "SYS_RESOURCE": 24,
    "MKNOD": 27,
    "LEASE": 28,
    "AUDIT_WRITE": 29,
    "SETFCAP": 31,
}

T = TypeVar("T")
_CONFLICT = 409
REGISTRY_HOST = "registry.lab"
SWARM_HOST = "swarm.lab"

# An engine inside a container mounts, unshares and loads profiles itself, which the default profiles forbid.
_SECURITY = ("seccomp=unconfined", "apparmor=unconfined")
# DNS can carry data out too: an engine would forward queries to this machine's name server, so a closed node has none.
# dockerd resolves Docker Hub's names before it asks the mirror, and waits ten seconds for a missing answer; the
# addresses below fail at once.
_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io")
_UNREACHABLE = "255.255.255.255"
# Limits of a node that runs untrusted code: enough for every lesson, and one submission cannot exhaust the machine.
# memswap_limit counts memory and swap together: equal to mem_limit, it means no swap.
SHORT_LOG = LogConfig(type=LogConfig.types.JSON, config={"max-size": "5m", "max-file": "2"})
"""The log of a container that untrusted code can make write."""
_CLOSED_NODE: dict[str, Any] = {
    "dns": ["127.0.0.1"],
    "extra_hosts": dict.fromkeys(_HUB, _UNREACHABLE),
    "mem_limit": "2g",
    "memswap_limit": "2g",
    "pids_limit": 4096,
    # Root in a node can write to its log without end, and no size of a container or volume includes that file.
    "log_config": SHORT_LOG,
}
_CLOSED_MIRROR: dict[str, Any] = {"mem_limit": "512m", "pids_limit": 256, "log_config": SHORT_LOG}


def capabilities(engine: Engine, status: Path = Path("/proc/1/status")) -> list[str]:
    """Return those of `CAPABILITIES` that the host can grant.

    If the host's own bounding set lacks one, the container fails at its start with "unable to apply caps".
    An engine elsewhere (in a virtual machine, on another host) is assumed to have them all.
    """
    if not engine.address.startswith("unix://") or platform.system() != "Linux":
        return list(CAPABILITIES)
    lines = status.read_text().splitlines()
    bounding = next(int(line.split()[1], 16) for line in lines if line.startswith("CapBnd:"))
    return [name for name, bit in CAPABILITIES.items() if bounding >> bit & 1]


def make_mirror(client: docker.DockerClient, names: Names, catalog: Catalog) -> Container:
    """Start the mirror, which the nodes ask instead of Docker Hub; it publishes no port."""
    # types-docker cannot tell, in a partial, that `detach` decides what is returned.
    run: Callable[[], Any] = partial(
        client.containers.run,
        catalog.mirror.name,
        detach=True,
        name=names.mirror,
        hostname="mirror",
        network=names.network,
        networking_config={
            names.network: client.api.create_endpoint_config(aliases=["mirror"]),
        },
        labels=names.labels(node="mirror"),
        # distribution 3 exports traces by default and logs an error for each one that no collector takes.
        environment={"OTEL_TRACES_EXPORTER": "none"},
        # In a closed playground untrusted code sends requests to the mirror: no capability, no write, no way to gain
        # privileges.
        cap_drop=["ALL"],
        read_only=True,
        security_opt=["no-new-privileges"],
        **(_CLOSED_MIRROR if names.cgroup else {}),
        cgroup_parent=cgroup_of(client, names.cgroup).parent,
    )
    made: Container = _despite_leftover(client, names.mirror, run)
    return made


def wait_for_mirror(container: Container) -> None:
    """Wait until the mirror listens: a node that asks too early falls back to Docker Hub.

    Raises:
        PlaygroundError: It exited, or does not listen in time; the message ends with its log.
    """
    try:
        wait_until(lambda: b"listening on" in log_of_last_run(container), "the mirror to listen")
    except (APIError, WaitTimeout) as error:
        log = container.logs(tail=5).decode(errors="replace")
        raise PlaygroundError(f"the mirror does not serve: {error}\n{log}".rstrip()) from error


def _closed_node(spec: PlaygroundSpec) -> dict[str, Any]:
    """Limits of one node; fewer processes each where there are many nodes: a machine may have 32768 in all."""
    return {**_CLOSED_NODE, **({"pids_limit": 2048} if spec.size > 2 else {})}


def make_node(
    engine: Engine,
    names: Names,
    index: int,
    *,
    spec: PlaygroundSpec,
    network: Network,
    files: dict[str, bytes],
) -> Container:
    """Create and start the container of one node.

    Args:
        engine: The host's engine.
        names: Of the playground.
        index: From 1.
        spec: Of the playground.
        network: The playground's.
        files: PEM files by name, for /certs in the node.

    Raises:
        PlaygroundError: The host's engine refused; the message has its error.
    """
    name = names.node(index)
    # Created by hand, so that it has the labels: a volume that the engine creates has none, and `labs reset` removes
    # only what carries them.
    engine.client.volumes.create(name, labels=names.labels())
    try:
        create = partial(_create_node, engine, names, index, spec, network)
        made = _despite_leftover(engine.client, name, create)
        container = engine.client.containers.get(made)
        # Before the start: dockerd reads them as it starts. Not a bind mount: the host's engine may be in a virtual
        # machine or on another host, where this machine's paths do not exist.
        container.put_archive("/certs", archive(files))
        start_container(container)
    except APIError as error:
        raise PlaygroundError(
            f"cannot make {name}: {error.explanation or error}",
            hint=_hint(error),
        ) from error
    return container


def _despite_leftover(client: docker.DockerClient, name: str, create: Callable[[], T]) -> T:
    """Create a container, after removing one that has its name.

    A process that was killed may have asked for it: the engine goes on, and its container comes up after `Repair`
    looked at what is there.

    Raises:
        WaitTimeout: The name does not become free.
    """

    def created() -> T | None:
        try:
            return create()
        except APIError as error:
            if error.status_code != _CONFLICT:
                raise
            # The name is taken before the container can be found by it.
            with suppress(NotFound):
                remove_container(client.containers.get(name))
            return None

    made = wait_until(created, f"the name {name} to be free")
    assert made is not None  # `wait_until` returns what is true alone
    return made


def _hint(error: APIError) -> str:
    if "runtime" in str(error.explanation):
        return f"the engine's daemon.json names the runtimes that {RUNTIME} may ask for"
    return "`labs doctor` tells what this machine lacks"


def _create_node(
    engine: Engine, names: Names, index: int, spec: PlaygroundSpec, network: Network
) -> str:
    """Create a node's container, not started; return its id."""
    api: Any = engine.client.api  # types-docker lacks networking_config here
    name = names.node(index)
    fixed = {"ipv4_address": address(network, index)} if spec.swarm else {}
    made = api.create_container(
        Catalog.read().images["node"].name,
        command=[str(port) for port in spec.ports],
        name=name,
        hostname=f"node{index}",
        labels=names.labels(node=f"node{index}", spec=spec.label),
        ports=[(port, "tcp") for port in _published(spec)],
        host_config=_host_config(engine, names, name, spec),
        networking_config=api.create_networking_config(
            {names.network: api.create_endpoint_config(aliases=_names(index, spec), **fixed)}
        ),
    )
    return str(made["Id"])


def _names(index: int, spec: PlaygroundSpec) -> list[str]:
    """Host names of a node on the network. The first has one more for the lessons on TLS and login.

    Docker exempts 127.0.0.0/8 from TLS, so nothing would be verified on a loopback address. All nodes of a swarm share
    a name: the engine's DNS gives the addresses of those that are on and connected.
    """
    first = [REGISTRY_HOST] if index == 1 else []
    return [f"node{index}", *first, *([SWARM_HOST] if spec.swarm else [])]


def _published(spec: PlaygroundSpec) -> tuple[int, ...]:
    """Ports that the node's container publishes: the engine's, and one relay for each port of the specification."""
    return () if spec.closed else (ENGINE_PORT, *(RELAY_OFFSET + port for port in spec.ports))


def _host_config(engine: Engine, names: Names, volume: str, spec: PlaygroundSpec) -> dict[str, Any]:
    api: Any = engine.client.api  # types-docker does not take settings from a dict
    config: dict[str, Any] = api.create_host_config(
        network_mode=names.network,  # engines from 25 on would join the default bridge too, which all playgrounds share
        # A volume: overlay2, the usual storage driver, cannot be used on top of a container's own overlay file
        # system.
        mounts=[Mount("/var/lib/docker", volume, type="volume")],
        # 127.0.0.1 only: an engine's port is root on the node. None: the engine picks a free port, so lessons do not
        # collide with what runs on this machine.
        port_bindings=dict.fromkeys(_published(spec), ("127.0.0.1", None)),
        # Instead of `--privileged`, which fails if the host lacks a single capability, and which gives all devices.
        cap_drop=["ALL"],
        cap_add=capabilities(engine),
        security_opt=list(_SECURITY),
        **isolation_of(engine).options,
        **(_closed_node(spec) if spec.closed else {}),
        cgroup_parent=cgroup_of(engine.client, names.cgroup).parent,
    )
    # `--security-opt systempaths=unconfined` and `--cgroupns private` of the CLI: the SDK has no parameters for them.
    # The node's engine writes sysctls such as net.ipv4.ip_forward, and by default a container's /proc/sys is
    # read-only.
    return {**config, "MaskedPaths": [], "ReadonlyPaths": [], "CgroupnsMode": "private"}
