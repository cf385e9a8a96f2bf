"""A network of its own for a process: two engines in one network would change the same bridges and iptables chains.

It is a Linux network namespace behind a veth pair, and reaches other networks through the host, by masquerading.
Its one interface receives what the process downloads, and nothing else that the machine does.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from labs.bench.setting import BenchError, run

# RFC 5737 reserves this network for documentation: no host has an address in it.
HOST, _INSIDE, _NET = ("198.51.100.1", "198.51.100.2", "198.51.100.0/30")
_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")


@contextlib.contextmanager
def own_network() -> Iterator[list[str]]:
    """Give the words that run a command in the network when put before it; all is removed afterwards.

    Raises:
        BenchError: It cannot be made here; the message says what is missing.
    """
    _require()
    # A Linux interface's name has 15 characters at most, so the link's is short.
    name, link = f"labs-bench-{os.getpid()}", f"lb{os.getpid()}"
    forwarded = _FORWARD.read_text()
    with contextlib.ExitStack() as undo:
        for do, revert in _steps(name, link):
            run(do)
            if revert:
                undo.callback(_quietly, revert)
        _FORWARD.write_text("1")
        # The machine's own setting is put back: forwarding may have been off on purpose.
        undo.callback(_FORWARD.write_text, forwarded)
        yield ["nsenter", f"--net=/run/netns/{name}", "--"]


def _steps(name: str, link: str) -> list[tuple[list[str], list[str]]]:
    """Commands, each with the one that reverts it, where the removal of the namespace does not."""
    inside = ["ip", "-netns", name]
    rules: tuple[tuple[list[str], list[str]], ...] = (
        (["-t", "nat"], ["POSTROUTING", "-s", _NET, "-j", "MASQUERADE"]),
        ([], ["FORWARD", "-i", link, "-j", "ACCEPT"]),
        ([], ["FORWARD", "-o", link, "-j", "ACCEPT"]),
    )
    return [
        (["ip", "netns", "add", name], ["ip", "netns", "delete", name]),
        (
            ["ip", "link", "add", link, "type", "veth", "peer", "name", "up0", "netns", name],
            ["ip", "link", "delete", link],
        ),
        (["ip", "address", "add", f"{HOST}/30", "dev", link], []),
        (["ip", "link", "set", link, "up"], []),
        ([*inside, "address", "add", f"{_INSIDE}/30", "dev", "up0"], []),
        ([*inside, "link", "set", "up0", "up"], []),
        ([*inside, "link", "set", "lo", "up"], []),
        ([*inside, "route", "add", "default", "via", HOST], []),
        *(
            (["iptables", *table, "-I", *rule], ["iptables", *table, "-D", *rule])
            for table, rule in rules
        ),
    ]


def _require() -> None:
    missing = [name for name in ("ip", "nsenter", "iptables", "dockerd") if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        raise BenchError(
            "a first start is measured in a network of its own, which needs root, "
            f"and {', '.join(missing) or 'nothing else'} is missing",
            hint="on Debian, as root: apt-get install iproute2 iptables docker.io",
        )
    # A resolver on 127.0.0.53 or the like is on the loopback of the host, and the namespace has its
    # own.
    if resolver_is_local(Path("/etc/resolv.conf").read_text()):
        raise BenchError("this machine resolves names on its loopback, out of reach from there")


def resolver_is_local(text: str) -> bool:
    """Whether a resolv.conf names only resolvers on the loopback."""
    lines = (line.split() for line in text.splitlines())
    servers = [words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1]
    return all(ipaddress.ip_address(s.partition("%")[0]).is_loopback for s in servers)


def _quietly(command: list[str]) -> None:
    with contextlib.suppress(BenchError):
        run(command)


def default_interface(routes: str) -> str:
    """The interface of the default route in a /proc/net/route.

    Raises:
        BenchError: There is none.
    """
    for line in routes.splitlines()[1:]:
        words = line.split()
        if len(words) > 7 and words[1] == "00000000" and words[7] == "00000000":
            return words[0]
    raise BenchError("this machine has no default route")


def received_bytes(counters: str, interface: str) -> int:
    """Bytes that an interface has received, in a /proc/net/dev.

    Raises:
        BenchError: It is not there.
    """
    for line in counters.splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == interface:
            return int(numbers.split()[0])
    raise BenchError(f"/proc/net/dev has no {interface}")
