"""A playground's network on the host's engine; for a swarm, one on which nodes keep their addresses over a restart.

Managers of a swarm find each other by address only. The engine accepts a fixed address only on a network whose subnet
was given by its creator, and only the engine knows which subnets are free. So the engine chooses one for a trial
network, which is removed, and the same subnet is then requested explicitly.
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

_FIRST = 10  # below are the gateway and what the engine itself may need
_TRIES = 5  # another process may be given the subnet between the trial and the request

# Isolation: `internal` removes the route out; without an address on the bridge, services that listen on this machine
# cannot be reached from inside either.
_CLOSED: dict[str, Any] = {
    "internal": True,
    "options": {"com.docker.network.bridge.inhibit_ipv4": "true"},
}


def make_network(
    client: docker.DockerClient, names: Names, *, fixed: bool = False, closed: bool = False
) -> Network:
    """Return the playground's network; create it if necessary.

    Args:
        client: Of the host's engine.
        names: Of the playground.
        fixed: Whether its nodes keep their addresses.
        closed: Whether it is isolated, from this machine too.

    Raises:
        PlaygroundError: No subnet was free.
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
                # Left by a process that was killed while the engine created it. Nodes would be ambiguous about which
                # of two networks with one name they join.
                each.remove()
    return network


def _called(client: docker.DockerClient, names: Names) -> list[Network]:
    # The engine matches names as regular expressions, unanchored: `run` would match `run-a-registry` too. greedy:
    # without it the list lacks the containers of each network.
    return list(client.networks.list(names=[f"^{names.network}$"], greedy=True))


def _found(client: docker.DockerClient, names: Names, *, fixed: bool) -> Network | None:
    """Return the existing network, of several the one in use; remove trial networks of a process that was killed."""
    found = []
    for network in _called(client, names):
        if not fixed or _pool(network).get("IPRange"):
            found.append(network)
        else:
            network.remove()
    # Two processes that were killed can leave two networks of one name; one with containers is in use.
    return max(found, key=lambda network: len(network.attrs["Containers"]), default=None)


def address(network: Network, index: int) -> str:
    """Return the address of node `index`, in the half of the subnet from which the engine assigns none by itself."""
    return str(ipaddress.ip_network(_pool(network)["Subnet"])[_FIRST + index])


def _make_fixed(client: docker.DockerClient, names: Names, options: dict[str, Any]) -> Network:
    refused = ""
    for _ in range(_TRIES):
        probe = client.networks.create(names.network, driver="bridge", labels=names.labels())
        probe.reload()
        subnet = ipaddress.ip_network(_pool(probe)["Subnet"])
        # Removed before the next request, since two networks cannot have the same subnet: hence the race, and _TRIES.
        probe.remove()
        # The engine hands out addresses of the upper half only, so that it never gives a container, such as the
        # mirror, the address that a stopped node will ask for again.
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
        except APIError as error:  # another network got the subnet meanwhile
            refused = str(error.explanation or error)
            continue
        made.reload()
        return made
    raise PlaygroundError(
        f"cannot make the network {names.network}: {refused}", hint="run labs.open(…) once more"
    )


def _pool(network: Network) -> dict[str, str]:
    """Return the first address pool of a network."""
    pools = (network.attrs.get("IPAM") or {}).get("Config") or [{}]
    return dict(pools[0])
