"""A repair in a terminal: how the program is called there, and the ways into the nodes."""

from __future__ import annotations

from shutil import which
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labs.playground import Playground

_ROLES = ("the server", "the user's machine")


def called() -> str:
    """The program as it can be typed in the course's folder."""
    return "labs" if which("labs") else ".venv/bin/labs"


def ways_in(slug: str, playground: Playground) -> str:
    """How to get into the nodes of a repair, and what to call then, in lines."""
    from labs.engine import find

    engine = find()
    # An engine that the course started is not the one that `docker` speaks to by itself.
    docker = f"docker --host {engine.address}" if engine.embedded else "docker"
    shells = (
        f"  {docker} exec -it {node.container.name} bash   # {node.name}, {role}"
        for node, role in zip(playground.nodes, _ROLES, strict=False)
    )
    call = f"{called()} mend {slug}"
    return "\n".join(
        (
            "A shell in a node, with `docker` and the files of that machine:",
            *shells,
            "A node has no editor: `echo … >> file` adds a line, `cat > file` writes one (Ctrl-D ends it).",
            "Then:",
            f"  {call} --reproduce   the error as the user gets it",
            f"  {call} --check       is it mended?",
            f"  {call} --hint        or --solution, --reset, --close",
        )
    )
