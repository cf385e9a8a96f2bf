"""Running nbval over a stored notebook: its command line, and the environment of its kernels.

nbval is a tool of the course's developers and runs as a process of its own: it is not imported.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from labs.builder.execute import CELL_TIMEOUT_S, kernel_env

PLUGIN = "labs.builder.nbval_kernels"


def command(notebook: Path, *, sanitizers: Path, junit: Path | None = None) -> list[str]:
    """Return the command that compares a notebook's stored outputs with those of a new run."""
    return [
        *(sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, "-p", "no:cacheprovider"),
        *("--nbval", "--nbval-current-env", f"--nbval-sanitize-with={sanitizers}"),
        # A killed kernel would hang nbval for 2000 s.
        f"--nbval-cell-timeout={CELL_TIMEOUT_S}",
        *([f"--junitxml={junit}"] if junit else []),
        # The course's own pytest settings are not for this run.
        *("-c", "/dev/null", f"--rootdir={notebook.parent}", "--color=no", str(notebook)),
    ]


def compare(
    notebook: Path, *, sanitizers: Path, junit: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run nbval over a notebook; status 0 when every cell gave its stored output."""
    with tempfile.TemporaryDirectory(prefix="labs-nbval-") as state:
        return subprocess.run(
            command(notebook, sanitizers=sanitizers, junit=junit),
            # A progress file of its own: the checks of the notebook would mark exercises as passed
            # for the user.
            env=kernel_env(Path(state)),
            text=True,
            capture_output=True,
            check=False,
        )
