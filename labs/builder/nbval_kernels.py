"""A pytest plugin that gives nbval's kernels unix sockets, and a second chance to start.

nbval has no option for either; two kernels that start at once over TCP can draw the same port.
Loaded with `-p labs.builder.nbval_kernels`, as `labs.builder.compare` does.
"""

from __future__ import annotations

import tempfile
from typing import Any

import nbval.kernel  # type: ignore[import-untyped]
import zmq
from jupyter_client.manager import KernelManager

from labs.builder.execute import STARTS, TRANSPORT

_start_once = nbval.kernel.start_new_kernel


def pytest_configure() -> None:
    # Both are module names that nbval looks up when it starts a kernel.
    nbval.kernel.KernelManager = _kernel_manager
    nbval.kernel.start_new_kernel = _start


def _kernel_manager(**traits: Any) -> KernelManager:
    # The folder of sockets goes when the manager does: it is the manager's own attribute.
    sockets = tempfile.TemporaryDirectory(prefix="labs-kernel-")
    connection_file = f"{sockets.name}/k.json"
    manager = KernelManager(transport=TRANSPORT, connection_file=connection_file, **traits)
    manager.sockets = sockets  # type: ignore[attr-defined]
    return manager


def _start(*args: Any, **kwargs: Any) -> Any:
    for _ in range(STARTS - 1):
        try:
            return _start_once(*args, **kwargs)
        except (zmq.ZMQError, RuntimeError):
            continue
    return _start_once(*args, **kwargs)
