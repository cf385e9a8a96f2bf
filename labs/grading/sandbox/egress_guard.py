"""Keeps the process that judges to one playground: what answers there may send it on to any other address.

A registry redirects to wherever it likes, to another student's playground too; a client that follows would ask there,
as this machine. So every connection of the process is looked at, whoever makes it.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from labs.engine import Engine

_HERE = "127.0.0.1"


class Fence:
    """Around this process, from now to its end.

    Args:
        engine: The host's; it is always reached.
    """

    def __init__(self, engine: Engine) -> None:
        url = urlsplit(engine.address)
        self._engine = url.hostname or "", url.port or 0
        self._ports: frozenset[int] = frozenset()
        sys.addaudithook(self._look)

    def let(self, ports: Iterable[int]) -> None:
        """Let these ports of 127.0.0.1 be called, and none that were let before."""
        self._ports = frozenset(ports)

    def _look(self, event: str, details: tuple[Any, ...]) -> None:
        """Refuse a connection to anywhere else.

        Raises:
            PermissionError: It is one.
        """
        if event == "socket.connect":
            there, address = details
            allowed = there.family == socket.AF_UNIX or self._within(address)
        elif event == "socket.getaddrinfo":
            allowed = details[0] in (_HERE, self._engine[0])
        elif event == "socket.sendto":
            allowed = False
        else:
            return
        if not allowed:
            raise PermissionError(f"{event} leads out of the playground")

    def _within(self, address: Any) -> bool:
        if not isinstance(address, tuple):
            return False
        if address[1] == self._engine[1] and self._engine[0]:
            return True  # by name or by what the name stands for
        return bool(address[0] == _HERE and address[1] in self._ports)
