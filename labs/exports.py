"""What a room offers in its `__init__`, loaded at the first use of each name (PEP 562).

Importing a room costs nothing until a name of it is used: `labs --help` needs no Docker SDK.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def on_first_use(room: str, homes: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """Return the `__getattr__` of a room's `__init__`.

    Args:
        room: The package, `__name__` of its `__init__`.
        homes: Names by the module that has them. Under the room itself: submodules that it offers as a whole.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def load(name: str) -> Any:
        home = home_of.get(name)
        if home is None:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        if home == room:
            return import_module(f"{room}.{name}")
        value = getattr(import_module(home), name)
        setattr(sys.modules[room], name, value)  # the next use finds it without this function
        return value

    return load
