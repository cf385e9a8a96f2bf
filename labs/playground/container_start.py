"""Starts a container whose ports on the host the engine picks, where another engine may have them already."""

from __future__ import annotations

from docker.errors import APIError
from docker.models.containers import Container

_TRIES = 20
"""An engine tries ten ports at each start and goes on from there at the next: 200 ports in a row are rarely taken."""

_TAKEN = ("address already in use", "port is already allocated")


def start_container(container: Container) -> None:
    """Start it, again where every port that the engine tried belongs to another engine or program.

    An engine knows the ports that it gave out itself, and no others: where a second engine runs playgrounds on the same
    machine, it tries theirs.

    Raises:
        APIError: The engine refuses for another reason, or finds no free port.
    """
    for left in reversed(range(_TRIES)):
        try:
            container.start()
        except APIError as error:
            said = str(error.explanation or error)
            if not left or not any(words in said for words in _TAKEN):
                raise
        else:
            return
