"""What an engine says last of a pull that fails."""

from __future__ import annotations

import docker
from docker.errors import APIError


def last_words(engine: docker.DockerClient, image: str) -> str:
    """Pull an image; return "pulled", or the engine's last words. It raises nothing: here a pull may fail.

    Args:
        engine: The one that pulls.
        image: A reference with a tag: `node1:5000/team/app:both`.
    """
    try:
        *_, last = engine.api.pull(image, stream=True, decode=True)
    except APIError as error:
        return str(error.explanation)
    # A pull that fails later answers 200 first; the error is in the stream.
    return str(last.get("error") or "pulled")
