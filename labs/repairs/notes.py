"""What is kept of an open repair between two commands: what the set-up noted, which hints were given."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from labs.course import state_folder
from labs.files import write_whole


@dataclass
class Notes:
    """Kept in `.labs/repairs/<slug>.json`.

    Attributes:
        node: Id of the first node's container: with another one, the playground is not the one that was broken.
        set_up: What the set-up noted for the check.
        given: Words of the hints that were given.
        hint: The hint of the last check.
    """

    node: str = ""
    set_up: dict[str, Any] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)
    hint: str = ""

    @classmethod
    def read(cls, slug: str) -> Notes:
        """What is kept of a scenario; empty notes if nothing is, or if the file cannot be read."""
        try:
            return cls(**json.loads(_path(slug).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return cls()

    def write(self, slug: str) -> None:
        """Keep them."""
        write_whole(_path(slug), json.dumps(asdict(self), indent=2))


def noted() -> list[str]:
    """Slugs of the scenarios that something is kept of."""
    return sorted(each.stem for each in _path("any").parent.glob("*.json"))


def forget(slug: str) -> None:
    """Remove what is kept of a scenario."""
    _path(slug).unlink(missing_ok=True)


def _path(slug: str) -> Path:
    return state_folder() / "repairs" / f"{slug}.json"
