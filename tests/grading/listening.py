"""A port that closed-in code must not reach."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def listening(family: socket.AddressFamily = socket.AF_INET) -> Iterator[tuple[int, list[str]]]:
    """A port on every address of this machine, and who called there; with AF_INET6 on those of both families."""
    called: list[str] = []
    both = family == socket.AF_INET6
    with socket.create_server(("", 0), family=family, dualstack_ipv6=both) as server:

        def take() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                called.append(address[0])
                connection.close()

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1], called
