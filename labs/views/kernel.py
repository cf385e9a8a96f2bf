"""Tells whether a notebook's kernel runs this code; anything else gets text alone."""

from __future__ import annotations

import sys


def in_notebook() -> bool:
    """Whether what is displayed reaches a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")
