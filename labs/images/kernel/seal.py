"""Takes this machine's own address off a bridge, so that nothing inside a closed network can call the machine by it.

An engine leaves a bridge without an IPv4 address, but the kernel gives it a link-local one of IPv6, and answers on it
for its other addresses too. This runs once for a network, with the right to configure networks and no other, changes
that one bridge and ends. It speaks netlink (RFC 3549): the sysctl files cannot be written where it runs.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from pathlib import Path

_SETLINK, _DELADDR, _ERROR = 19, 21, 2
_REQUEST_AND_ACK = 0x5
_AF_SPEC, _INET_CONF, _ADDR_GEN_MODE, _LOCAL = 26, 1, 8, 2
_RP_FILTER, _ARP_IGNORE = 8, 19
_NO_ADDRESS, _STRICT, _FOR_NO_ADDRESS = 1, 1, 8


def attribute(kind: int, payload: bytes) -> bytes:
    """An attribute of netlink, filled up to four bytes."""
    length = 4 + len(payload)
    return struct.pack("=HH", length, kind) + payload + b"\0" * (-length % 4)


def settings(index: int) -> bytes:
    """Make no address of IPv6; answer to no question for an address; take no packet that no route leads back to."""
    four = attribute(_RP_FILTER, struct.pack("=I", _STRICT))
    four += attribute(_ARP_IGNORE, struct.pack("=I", _FOR_NO_ADDRESS))
    every = attribute(socket.AF_INET, attribute(_INET_CONF, four))
    six = attribute(_ADDR_GEN_MODE, bytes([_NO_ADDRESS]))
    every += attribute(socket.AF_INET6, six)
    return struct.pack("=BBHiII", 0, 0, 0, index, 0, 0) + attribute(_AF_SPEC, every)


def without(index: int, address: bytes, prefix: int) -> bytes:
    """Remove one address of IPv6."""
    return struct.pack("=BBBBI", socket.AF_INET6, prefix, 0, 0, index) + attribute(_LOCAL, address)


def ask(kind: int, body: bytes) -> None:
    """Ask the kernel for one change.

    Raises:
        OSError: It refused.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        head = struct.pack("=IHHII", 16 + len(body), kind, _REQUEST_AND_ACK, 1, 0)
        kernel.send(head + body)
        reply = kernel.recv(65536)
    _, kind, _, _, _, code = struct.unpack("=IHHIIi", reply[:20])
    if kind == _ERROR and code:
        raise OSError(-code, os.strerror(-code))


def addresses(bridge: str) -> list[tuple[bytes, int]]:
    """The bridge's addresses of IPv6 with their prefixes; none where the kernel has no IPv6."""
    table = Path("/proc/net/if_inet6")
    rows = [line.split() for line in table.read_text().splitlines()] if table.exists() else []
    return [(bytes.fromhex(row[0]), int(row[2], 16)) for row in rows if row[5] == bridge]


def seal(bridge: str) -> None:
    """Seal one bridge."""
    index = socket.if_nametoindex(bridge)
    ask(_SETLINK, settings(index))
    for address, prefix in addresses(bridge):
        ask(_DELADDR, without(index, address, prefix))


if __name__ == "__main__":
    seal(sys.argv[1])
