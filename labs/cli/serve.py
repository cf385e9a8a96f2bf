"""`labs images serve`: this machine gives the course's images to those of a class, until Ctrl-C."""

from __future__ import annotations

import platform
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labs.errors import LabsError

if TYPE_CHECKING:
    import docker

    from labs.images import ClassRegistry

_EVERY = "0.0.0.0"
_TOLD_EVERY_S = 10


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = 5005,
    address: Annotated[
        str, typer.Option(help="Listen on this address of the machine alone, not on every one.")
    ] = _EVERY,
) -> None:
    """Serve them, read-only, to a class in the same network, until Ctrl-C.

    Gets what is missing first, then shows what students type. Anyone in the network can read the images, which are
    public, and nothing else of this machine.
    """
    from labs import images
    from labs.cli.prompts import say_with_time
    from labs.engine import find

    _check(address)
    say = say_with_time()
    # A closed terminal ends it as Ctrl-C does; a shell that starts it in the background has SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    engine = find()
    images.require_free(address, port)  # before images are made
    images.ensure(engine.client, say, late=None)  # students may ask for any of them
    say("images: all here; copying them into a registry of their own")
    sent: list[int] = []
    try:
        with images.serve_class(engine.client, say, address=address, port=port) as registry:
            addresses = [address] if address != _EVERY else own_addresses(engine.client)
            print(announcement(registry, addresses), flush=True)
            _watch(registry, sent, say)
    except KeyboardInterrupt:
        say(f"ended after {_total(sent)}: nothing listens any more, and the registry is removed")


def _check(address: str) -> None:
    try:
        IPv4Address(address)
    except AddressValueError as error:
        raise LabsError(
            f"--address {address}: {error}", hint="an IPv4 address of this machine, as 192.168.1.7"
        ) from error


def announcement(registry: ClassRegistry, addresses: list[str]) -> str:
    """What the instructor shows to the class, and has to know."""
    command = "make start ARGS=--images-from=http://{}:{}/{}".format
    lines = [f"    {command(each, registry.port, registry.code)}" for each in addresses]
    if not lines:
        lines = ["    (this machine has no address in a network: connect it, then serve again)"]
    if "microsoft" in platform.release().lower():
        # WSL 2 is a virtual machine: its addresses are reachable from this computer only.
        lines.append(
            "    This is WSL: put the address that `ipconfig.exe` shows for your Wi-Fi in its place."
        )
    which = "one of these, whichever network they are in" if len(addresses) > 1 else "this"
    return "\n".join(
        (
            "",
            f"Students type {which}:",
            "",
            *lines,
            "",
            f"Each machine downloads up to {registry.size_bytes / 1e6:.0f} MB. "
            "The end of the address is the code of these images: give it",
            "to the class by a way that others in the network cannot change, as a projector or a mail.",
            f"WARNING: port {registry.port} is open on the addresses above: anyone who reaches them can read "
            "the course's images,",
            "nobody can change them, and nothing else of this machine is served. Ctrl-C ends it.",
            "",
        )
    )


def own_addresses(client: docker.DockerClient) -> list[str]:
    """IPv4 addresses of this machine that others can reach, that of the default route first."""
    from jupyter_client.localinterfaces import public_ips

    networks = [network.attrs for network in client.networks.list()]
    return reachable([*_of_default_route(), *public_ips()], networks)


def reachable(addresses: Iterable[str], networks: Iterable[dict[str, Any]]) -> list[str]:
    """Those that are neither loopback nor the engine's own address in one of its networks, each once."""
    bridges = set()
    for network in networks:
        for config in (network.get("IPAM") or {}).get("Config") or ():
            # An engine that was not asked for a gateway takes the first address of the network.
            subnet = config.get("Subnet", "")
            first = str(next(IPv4Network(subnet).hosts())) if "." in subnet else ""
            bridges.add(config.get("Gateway") or first)
    return [
        each
        for each in dict.fromkeys(addresses)
        if each and not IPv4Address(each).is_loopback and each not in bridges
    ]


def _of_default_route() -> list[str]:
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # An address for documentation (RFC 5737). For UDP this sends nothing: it only chooses a route.
            probe.connect(("203.0.113.1", 9))
        except OSError:
            return []
        return [str(probe.getsockname()[0])]


def _watch(registry: ClassRegistry, sent: list[int], say: Callable[[str], None]) -> None:
    """Put the bytes of each answer into `sent` and say now and then how many there are, until Ctrl-C.

    Raises:
        LabsError: The registry ended by itself.
    """
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    def read() -> None:
        with suppress(DockerException, RequestException):  # an engine that is stopped
            for size in registry.sent():
                sent.append(size)

    reader = Thread(target=read, daemon=True)
    reader.start()
    told, last = 0, time.monotonic()
    while reader.is_alive():
        reader.join(0.5)
        if len(sent) != told and time.monotonic() - last >= _TOLD_EVERY_S:
            told, last = len(sent), time.monotonic()
            say(_total(sent))
    raise LabsError(
        "the class registry ended: its container was removed, or the engine was stopped",
        hint="`labs images serve` starts it again; what students have got already stays",
    )


def _total(sent: list[int]) -> str:
    return f"{sum(sent) / 1e6:.0f} MB in {len(sent)} answers"
