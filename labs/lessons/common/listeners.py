"""Ports of a node that other machines may reach, by a listener or by a rule of the network."""

from __future__ import annotations

import re
from collections.abc import Iterable

from labs.playground import ENGINE_PORT, RELAY_OFFSET, Node

# Lines of /proc/net/tcp, in hexadecimal; state 0A is LISTEN.
_LISTENS = re.compile(r"^\s*\d+: (?P<host>[0-9A-F]+):(?P<port>[0-9A-F]{4}) \S+ 0A ", re.MULTILINE)
_LOOPBACK = re.compile(r"7F$|^0{24}01000000$")  # words of an address, each with its bytes reversed
# A rule may lead a port to another one where nothing listens itself: `--dport 5001`, `--dports 80,443`.
_REDIRECTS = re.compile(r"--dports? (\S+)")


def open_ports(node: Node, published: Iterable[int]) -> set[int]:
    """The ports of a node that other machines may reach; those of the playground itself are left out.

    Args:
        node: Where to look.
        published: Ports of the lesson: each has a relay, which leads to it.
    """
    table = node.read_output(["cat", "/proc/net/tcp", "/proc/net/tcp6"]).stdout
    found = {
        int(line["port"], 16)
        for line in _LISTENS.finditer(table)
        if not _LOOPBACK.search(line["host"])
    }
    rules = node.read_output(["iptables-save", "-t", "nat"]).stdout
    for named in _REDIRECTS.findall(rules):
        found |= {int(each) for each in re.findall(r"\d+", named)}
    # The engine's port asks for a client certificate.
    return found - {ENGINE_PORT, *(RELAY_OFFSET + port for port in published)}
