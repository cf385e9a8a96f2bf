"""Meeting a registry's certificate from a node, with what that node's engine trusts."""

from __future__ import annotations

import ipaddress
from typing import Any

from labs.playground import Node
from labs.registry import Served

CERTS_D = "/etc/docker/certs.d"
# The engine takes any certificate in certs.d as an authority (-partial_chain), beside those of the system.
_UNDECIDED = (
    0,
    124,
)  # said nothing, or took too long: a machine under load loses output of a command
_TRIES = 3
_MEET = """
set -- /etc/docker/certs.d/"$ADDRESS"/*.crt
cat "$@" >/run/course-trust.pem 2>/dev/null
grep -q CERTIFICATE /run/course-trust.pem && trust="-CAfile /run/course-trust.pem"
exec timeout 5 openssl s_client -connect "$ADDRESS" -servername "$HOST" -showcerts \
    -partial_chain -no_check_time -CApath /etc/ssl/certs $trust </dev/null
"""


def served(node: Node, address: str) -> Served:
    """What a client on `node` is served at `address` (`registry.lab:5000`), and whether it may trust it.

    Raises:
        NodeUnavailable: The node's container is not running.
    """
    host = address.rpartition(":")[0]
    for _ in range(_TRIES):
        met = node.exec(["env", f"ADDRESS={address}", f"HOST={host}", "sh", "-c", _MEET])
        found = Served.read(address, met.stdout, met.stderr)
        if found.chain or met.exit_code not in _UNDECIDED:
            break
    return found


def is_insecure(node: Node, address: str) -> bool:
    """Whether a node's engine would do without a certificate at `address`, named by host or by range."""
    config: dict[str, Any] = node.docker.info()["RegistryConfig"]
    if not config["IndexConfigs"].get(address, {}).get("Secure", True):
        return True
    found = node.exec(["getent", "hosts", address.rpartition(":")[0]]).stdout.split()
    ranges = [ipaddress.ip_network(each) for each in config["InsecureRegistryCIDRs"] or ()]
    return any(ipaddress.ip_address(found[0]) in each for each in ranges) if found else False
