"""The addresses of the hub itself."""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def own_addresses() -> set[Address]:
    """The IPv4 addresses by which this container is known on its networks; without a name, none."""
    try:
        found = socket.gethostbyname_ex(socket.gethostname())[2]
    except OSError:
        return set()
    return {ipaddress.ip_address(each) for each in found}
