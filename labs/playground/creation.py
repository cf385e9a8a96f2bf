"""Making a playground's objects on the host's engine: volumes, node and mirror containers."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from docker.types import Mount

from labs.engine import Engine
from labs.images import Catalog
from labs.playground.archive import archive
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

REGISTRY_HOST = "registry.lab"
RUNTIME = "LABS_NODE_RUNTIME"
"""Variable that names the engine's runtime for nodes, where runc's isolation is too little: `sysbox-runc`, `runsc`."""

_SECURITY = ("seccomp=unconfined", "apparmor=unconfined")
# A name that is asked for inside leads nowhere either: some engines would ask this machine's name server for it.
# An engine looks Docker Hub's names up before it asks the mirror, and would wait ten seconds for no answer.
_HUB = ("docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io")
_NOWHERE = "255.255.255.255"
_STRANGERS: dict[str, Any] = {
    "dns": ["127.0.0.1"],
    "extra_hosts": dict.fromkeys(_HUB, _NOWHERE),
    "mem_limit": "2g",
    "memswap_limit": "2g",
    "pids_limit": 4096,
}


def capabilities(engine: Engine, status: Path = Path("/proc/1/status")) -> list[str]:
    """The capabilities to ask for: those of `CAPABILITIES` that the host may give.

    A host whose own bounding set lacks one makes the container fail at its start with "unable to apply caps".
    An engine elsewhere (a virtual machine, another host) is taken to have them all.
    """
    if not engine.address.startswith("unix://") or platform.system() != "Linux":
        return list(CAPABILITIES)
    lines = status.read_text().splitlines()
    bounding = next(int(line.split()[1], 16) for line in lines if line.startswith("CapBnd:"))
    return [name for name, bit in CAPABILITIES.items() if bounding >> bit & 1]


def make_mirror(client: docker.DockerClient, names: Names, catalog: Catalog) -> Container:
    """Start the container that the nodes ask before Docker Hub; it publishes nothing."""
    return client.containers.run(
        catalog.mirror.name,
        detach=True,
        name=names.mirror,
        hostname="mirror",
        network=names.network,
        networking_config={
            names.network: client.api.create_endpoint_config(aliases=["mirror"]),
        },
        labels=names.labels(node="mirror"),
        environment={"OTEL_TRACES_EXPORTER": "none"},
        cap_drop=["ALL"],
        read_only=True,
        security_opt=["no-new-privileges"],
    )


def wait_for_mirror(container: Container) -> None:
    """Wait until the mirror listens: a node that asks too early turns to Docker Hub.

    Raises:
        PlaygroundError: It ended, or does not listen in time; the last lines of its log are in the message.
    """
    try:
        wait_until(lambda: b"listening on" in container.logs(), "the mirror to listen")
    except (APIError, WaitTimeout) as error:
        words = container.logs(tail=5).decode(errors="replace")
        raise PlaygroundError(f"the mirror does not serve: {error}\n{words}".rstrip()) from error


def make_node(
    engine: Engine,
    names: Names,
    index: int,
    *,
    plan: PlaygroundSpec,
    network: Network,
    files: dict[str, bytes],
) -> Container:
    """Make and start the container of one node.

    Args:
        engine: The host's engine.
        names: Of the playground.
        index: From 1.
        plan: Of the playground: what the node is made for.
        network: The playground's.
        files: PEM files by name, for /certs in the node.

    Raises:
        PlaygroundError: The host's engine refused; its words are in the message.
    """
    name = names.node(index)
    engine.client.volumes.create(name, labels=names.labels())
    try:
        made = _create_node(engine, names, index, plan, network)
        container = engine.client.containers.get(made)
        container.put_archive("/certs", archive(files))
        container.start()
    except APIError as error:
        raise PlaygroundError(
            f"cannot make {name}: {error.explanation or error}",
            hint=_hint(error),
        ) from error
    return container


def _hint(error: APIError) -> str:
    if "runtime" in str(error.explanation):
        return f"the engine's daemon.json names the runtimes that {RUNTIME} may ask for"
    return "`labs doctor` tells what this machine lacks"


def _create_node(
    engine: Engine, names: Names, index: int, plan: PlaygroundSpec, network: Network
) -> str:
    """Create a node's container, not started; return its id."""
    api: Any = engine.client.api  # its types know no networking_config of several networks
    name = names.node(index)
    fixed = {"ipv4_address": address(network, index)} if plan.swarm else {}
    made = api.create_container(
        Catalog.read().images["node"].name,
        command=[str(port) for port in plan.ports],
        name=name,
        hostname=f"node{index}",
        labels=names.labels(node=f"node{index}", plan=plan.label),
        ports=[(port, "tcp") for port in _published(plan)],
        host_config=_host_config(engine, names.network, name, plan),
        networking_config=api.create_networking_config(
            {names.network: api.create_endpoint_config(aliases=_names(index), **fixed)}
        ),
    )
    return str(made["Id"])


def _names(index: int) -> list[str]:
    """What other nodes call this one; the first also goes by a name that is not loopback, for TLS and login."""
    return [f"node{index}", *([REGISTRY_HOST] if index == 1 else [])]


def _published(plan: PlaygroundSpec) -> tuple[int, ...]:
    """Ports that the node's container publishes: the engine's, and a relay for each of the plan's."""
    return () if plan.closed else (ENGINE_PORT, *(RELAY_OFFSET + port for port in plan.ports))


def _host_config(engine: Engine, network: str, volume: str, plan: PlaygroundSpec) -> dict[str, Any]:
    api: Any = engine.client.api  # its types take no settings by a dict
    runtime = os.environ.get(RUNTIME)
    config: dict[str, Any] = api.create_host_config(
        network_mode=network,  # else engines from 25 on join the default bridge too, where all nodes meet
        mounts=[Mount("/var/lib/docker", volume, type="volume")],
        port_bindings=dict.fromkeys(_published(plan), ("127.0.0.1", None)),
        cap_drop=["ALL"],
        cap_add=capabilities(engine),
        security_opt=list(_SECURITY),
        **({"runtime": runtime} if runtime else {}),
        **(_STRANGERS if plan.closed else {}),
    )
    # The CLI's `--security-opt systempaths=unconfined` and `--cgroupns private`: the SDK has no words for them.
    return {**config, "MaskedPaths": [], "ReadonlyPaths": [], "CgroupnsMode": "private"}


def remove_container(container: Container) -> None:
    """Remove a container and its anonymous volumes; one that is gone already is fine."""
    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except APIError as error:  # 409: its removal is under way already
        if error.status_code != 409:
            raise
