"""The stdout of a process that answers its parent in JSON lines: kept for replies alone."""

from __future__ import annotations

import os
from typing import IO


def take_stdout() -> IO[bytes]:
    """Return this process's stdout, for replies; what a library or a check prints goes to stderr from here on."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out
