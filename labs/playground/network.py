"""A playground's network on the host's engine: for a swarm, one whose nodes keep their addresses over a restart.

Managers of a swarm find each other by address alone. The engine fixes an address only on a network whose subnet
somebody chose, and only the engine knows which are free: so it chooses one, and that one is then asked for.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.networks import Network
from docker.types import IPAMConfig, IPAMPool

from labs.playground.labels import Names
from labs.playground.node_errors import PlaygroundError

_FIRST = 10
_TRIES = 5


# A bridge without an address of this machine's: inside, nobody can call what listens here.
_CLOSED: dict[str, Any] = {
    "internal": True,
    "options": {"com.docker.network.bridge.inhibit_ipv4": "true"},
}


def make_network(
    client: docker.DockerClient, names: Names, *, fixed: bool = False, closed: bool = False
) -> Network:
    """The playground's network, made if it is not there.

    Args:
        client: Of the host's engine.
        names: Of the playground.
        fixed: Whether its nodes are to keep their addresses.
        closed: Whether it leads nowhere, not to this machine either.

    Raises:
        PlaygroundError: No subnet could be had.
    """
    options = _CLOSED if closed else {}
    network = _found(client, names, fixed=fixed)
    if network is None and fixed:
        network = _make_fixed(client, names, options)
    elif network is None:
        network = client.networks.create(
            names.network, driver="bridge", labels=names.labels(), **options
        )
    for each in _called(client, names):
        if each.id != network.id:
            with suppress(NotFound):
                each.remove()  # of a process that was killed while it waited for the engine to make it
    return network


def _called(client: docker.DockerClient, names: Names) -> list[Network]:
    return list(client.networks.list(names=[f"^{names.network}$"], greedy=True))


def _found(client: docker.DockerClient, names: Names, *, fixed: bool) -> Network | None:
    """The network that is there, of several the one in use; one whose maker was ended between two steps is removed."""
    found = []
    for network in _called(client, names):
        if not fixed or _pool(network).get("IPRange"):
            found.append(network)
        else:
            network.remove()
    return max(found, key=lambda network: len(network.attrs["Containers"]), default=None)


def address(network: Network, index: int) -> str:
    """The address of node `index`, in the half that the engine gives to nobody by itself."""
    return str(ipaddress.ip_network(_pool(network)["Subnet"])[_FIRST + index])


def _make_fixed(client: docker.DockerClient, names: Names, options: dict[str, Any]) -> Network:
    refused = ""
    for _ in range(_TRIES):
        probe = client.networks.create(names.network, driver="bridge", labels=names.labels())
        probe.reload()
        subnet = ipaddress.ip_network(_pool(probe)["Subnet"])
        probe.remove()
        upper = list(subnet.subnets(prefixlen_diff=1))[1]
        pool = IPAMPool(subnet=str(subnet), iprange=str(upper), gateway=str(subnet[1]))
        try:
            made = client.networks.create(
                names.network,
                driver="bridge",
                labels=names.labels(),
                ipam=IPAMConfig(pool_configs=[pool]),
                **options,
            )
        except APIError as error:  # another network was given the subnet meanwhile
            refused = str(error.explanation or error)
            continue
        made.reload()
        return made
    raise PlaygroundError(
        f"cannot make the network {names.network}: {refused}", hint="run labs.open(…) once more"
    )


def _pool(network: Network) -> dict[str, str]:
    """The first of its address pools."""
    pools = (network.attrs.get("IPAM") or {}).get("Config") or [{}]
    return dict(pools[0])
