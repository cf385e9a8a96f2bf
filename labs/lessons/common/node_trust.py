"""Verifies a registry's certificate from a node, with the authorities that the node's engine trusts."""

from __future__ import annotations

import ipaddress
from typing import Any

from labs.lesson import Finding, not_yet
from labs.lessons.common.registry_state import listed
from labs.playground import Node
from labs.registry import Served

CERTS_D = "/etc/docker/certs.d"
# Exit codes of openssl without output, and of `timeout`: a machine under load sometimes loses a command's output.
_UNDECIDED = (0, 124)
_TRIES = 3
# The engine takes any certificate in certs.d as an authority (-partial_chain), beside those of the system. Dates are
# judged by the checks, with messages of their own (-no_check_time). ADDRESS comes from the environment: in the script's
# text, a name could be shell code. timeout: a port that accepts and says nothing would hold the check.
_HANDSHAKE = """
set -- /etc/docker/certs.d/"$ADDRESS"/*.crt
cat "$@" >/run/course-trust.pem 2>/dev/null
grep -q CERTIFICATE /run/course-trust.pem && trust="-CAfile /run/course-trust.pem"
exec timeout 5 openssl s_client -connect "$ADDRESS" -servername "$HOST" -showcerts \
    -partial_chain -no_check_time -CApath /etc/ssl/certs $trust </dev/null
"""


def served(node: Node, address: str) -> Served:
    """Return what a client on `node` is served at `address` (`registry.lab:5000`), and whether it trusts that.

    Raises:
        NodeUnavailable: The node's container is not running.
    """
    host = address.rpartition(":")[0]
    for _ in range(_TRIES):
        done = node.exec(["env", f"ADDRESS={address}", f"HOST={host}", "sh", "-c", _HANDSHAKE])
        found = Served.read(address, done.stdout, done.stderr)
        if found.chain or done.exit_code not in _UNDECIDED:
            break
    return found


def wrong_certificate(met: Served) -> Finding | None:
    """Return None if what is served first is for the address's host and valid today; otherwise what is wrong."""
    own = met.chain[0]
    if not own.covers(met.host):
        has = f"the names {listed(own.names)}" if own.names else "no names (SAN)"
        return not_yet(
            f"the certificate of {met.address} has {has}, wanted {met.host}",
            hint="lesson 5: the subject's CN does not count",
        )
    if not own.valid_now:
        return not_yet(
            f"the certificate of {met.address} is not valid today", hint="look at its two dates"
        )
    return None


def is_insecure(node: Node, address: str) -> bool:
    """Whether a node's engine accepts plain HTTP or any certificate at `address`, listed by host or by range."""
    config: dict[str, Any] = node.docker.info()["RegistryConfig"]
    if not config["IndexConfigs"].get(address, {}).get("Secure", True):
        return True
    found = node.read_output(["getent", "hosts", address.rpartition(":")[0]]).stdout.split()
    # A range applies to the address that a name resolves to on the node, so the node is asked.
    ranges = [ipaddress.ip_network(each) for each in config["InsecureRegistryCIDRs"] or ()]
    return any(ipaddress.ip_address(found[0]) in each for each in ranges) if found else False
