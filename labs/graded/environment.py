"""Whether this process is the kernel of a submission that is graded. Cheap to import: each `labs.open` asks."""

from __future__ import annotations

import os

VARIABLE = "LABS_GRADED"


def is_graded() -> bool:
    """Whether this kernel runs a submission that is graded."""
    return bool(os.environ.get(VARIABLE))
