"""Running a lesson's source in a fresh kernel, on the engine that `labs` finds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import zmq
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

import labs
from labs.builder import outputs, source
from labs.builder.folders import BuildError
from labs.builder.sanitize import Sanitizer

# Two kernels that start at once can draw the same TCP port: unix sockets cannot collide.
TRANSPORT = "ipc" if os.name == "posix" else "tcp"
CELL_TIMEOUT_S = 300  # a check of lesson 7 switches five nodes off and on, one after the other
STARTS = 3

OnCell = Callable[[int, NotebookNode], None]


def run(
    notebook: NotebookNode,
    *,
    cwd: Path,
    sanitizer: Sanitizer,
    on_cell: OnCell = lambda index, cell: None,
) -> NotebookNode:
    """Return a copy of a notebook, executed in a kernel of its own, with normalized outputs.

    A cell tagged `raises-exception` may raise; any other that does ends the run.

    Args:
        notebook: Cells with or without outputs; outputs are thrown away.
        cwd: The kernel's folder.
        sanitizer: Masks for what differs between runs.
        on_cell: Called with the index of each cell, and the cell, before it runs.

    Raises:
        BuildError: A cell raised, hung, or killed its kernel.
    """
    # nbclient writes outputs into the notebook that it runs.
    copy = source.copy_of(notebook)
    reached = ""

    def started(index: int, cell: NotebookNode) -> None:
        nonlocal reached
        reached = cell.id
        on_cell(index, cell)

    for attempt in range(1, STARTS + 1):
        try:
            _execute(copy, cwd, started)
            return outputs.normalize(copy, sanitizer)
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise BuildError(f"run cell {reached!r}: {error}") from error
        except (zmq.ZMQError, RuntimeError) as error:
            # Nothing ran yet: starting a kernel again is safe.
            if attempt == STARTS or reached:
                raise BuildError(f"start a kernel: {error}") from error
    raise AssertionError("unreachable")


def kernel_env(state: Path) -> dict[str, str]:
    """Return the environment of a run: it finds this very `labs` and changes no one's progress.

    Args:
        state: A folder of this run alone.
    """
    home = str(Path(next(iter(labs.__path__))).parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "LABS_PROGRESS": str(state / "progress.json")}


def _execute(notebook: NotebookNode, cwd: Path, on_cell: OnCell) -> None:
    with tempfile.TemporaryDirectory(prefix="labs-kernel-") as folder:
        kernel = AsyncKernelManager(
            kernel_name="python3", transport=TRANSPORT, connection_file=f"{folder}/k.json"
        )
        client = NotebookClient(
            notebook,
            km=kernel,
            timeout=CELL_TIMEOUT_S,
            # Times and widget states differ in each run, and would make the stored notebook change
            # every time.
            record_timing=False,
            store_widget_state=False,
            on_cell_start=lambda cell, cell_index: on_cell(cell_index, cell),
            resources={"metadata": {"path": str(cwd)}},
        )
        client.execute(cleanup_kc=True, env=kernel_env(Path(folder)))
