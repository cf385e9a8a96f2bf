"""Removes this machine's address from a bridge, so that nothing on an isolated network can connect to the machine.

The engine creates the bridge without an IPv4 address, but the kernel adds a link-local IPv6 address, and answers on it
for its other addresses too. This runs once for each network with CAP_NET_ADMIN alone, changes that one bridge and
ends. It uses netlink (RFC 3549), because the sysctl files are read-only in a container.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from pathlib import Path

# Numbers of linux/rtnetlink.h, linux/netlink.h and linux/if_link.h, and of linux/ip.h for the two settings.
_SETLINK, _DELADDR, _ERROR = 19, 21, 2
_REQUEST_AND_ACK = 0x5
_AF_SPEC, _INET_CONF, _ADDR_GEN_MODE, _LOCAL = 26, 1, 8, 2
_RP_FILTER, _ARP_IGNORE = 8, 19
_NO_ADDRESS, _STRICT, _FOR_NO_ADDRESS = 1, 1, 8


def attribute(kind: int, payload: bytes) -> bytes:
    """A netlink attribute, padded to four bytes."""
    length = 4 + len(payload)
    return struct.pack("=HH", length, kind) + payload + b"\0" * (-length % 4)


def settings(index: int) -> bytes:
    """Generate no IPv6 address, answer no ARP request, drop packets without a route back to their sender."""
    four = attribute(_RP_FILTER, struct.pack("=I", _STRICT))
    four += attribute(_ARP_IGNORE, struct.pack("=I", _FOR_NO_ADDRESS))
    every = attribute(socket.AF_INET, attribute(_INET_CONF, four))
    six = attribute(_ADDR_GEN_MODE, bytes([_NO_ADDRESS]))
    every += attribute(socket.AF_INET6, six)
    return struct.pack("=BBHiII", 0, 0, 0, index, 0, 0) + attribute(_AF_SPEC, every)


def without(index: int, address: bytes, prefix: int) -> bytes:
    """Remove one IPv6 address."""
    return struct.pack("=BBBBI", socket.AF_INET6, prefix, 0, 0, index) + attribute(_LOCAL, address)


def request(kind: int, body: bytes) -> None:
    """Request one change from the kernel.

    Raises:
        OSError: It refused.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        head = struct.pack("=IHHII", 16 + len(body), kind, _REQUEST_AND_ACK, 1, 0)
        kernel.send(head + body)
        # One datagram: an answer with NLM_F_ACK is an nlmsgerr, whose code is 0 where all went
        # well.
        reply = kernel.recv(65536)
    _, kind, _, _, _, code = struct.unpack("=IHHIIi", reply[:20])
    if kind == _ERROR and code:
        raise OSError(-code, os.strerror(-code))


def addresses(bridge: str) -> list[tuple[bytes, int]]:
    """The bridge's IPv6 addresses and prefix lengths; none where the kernel has no IPv6."""
    table = Path("/proc/net/if_inet6")
    rows = [line.split() for line in table.read_text().splitlines()] if table.exists() else []
    return [(bytes.fromhex(row[0]), int(row[2], 16)) for row in rows if row[5] == bridge]


def isolate(bridge: str) -> None:
    """Remove the addresses of one bridge, and keep it from getting others."""
    index = socket.if_nametoindex(bridge)
    # First, so that no address is generated after the existing ones are removed.
    request(_SETLINK, settings(index))
    for address, prefix in addresses(bridge):
        request(_DELADDR, without(index, address, prefix))


if __name__ == "__main__":
    isolate(sys.argv[1])
