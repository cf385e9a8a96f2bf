"""Running a command in a node whose answer may be endless: what is read of it ends somewhere."""

from __future__ import annotations

import time
from typing import Any

from docker.errors import APIError, DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from labs.errors import LabsError
from labs.playground import NodeUnavailable

MOST_BYTES = 16_000_000
MOST_S = 300.0


class TooMuchError(LabsError):
    """A command in a node said more than is read, or took longer than anybody waits."""


def run_bounded(
    container: Container, argv: list[str], *, most_bytes: int = MOST_BYTES, most_s: float = MOST_S
) -> tuple[int, bytes, bytes]:
    """Exit code, stdout and stderr of a command.

    Raises:
        TooMuchError: It went on too long, or said too much.
        NodeUnavailable: The node's container does not run.
    """
    api: Any = container.client.api if container.client else None
    deadline, said, out, err = time.monotonic() + most_s, 0, [], []
    try:
        run = api.exec_create(container.id, argv)["Id"]
        stream = api.exec_start(run, stream=True, demux=True)
        for first, second in stream:
            out.append(first or b"")
            err.append(second or b"")
            said += len(first or b"") + len(second or b"")
            if said > most_bytes or time.monotonic() > deadline:
                stream.close()
                raise TooMuchError(
                    f"{argv[0]} said more than {most_bytes // 1_000_000} MB, or took more than "
                    f"{most_s:g} s",
                    hint="leave the output in the node: write it to a file there",
                )
        code = api.exec_inspect(run)["ExitCode"]
    except APIError as error:
        if error.status_code == 400:  # no such program, as `docker exec` says it
            raise NodeUnavailable(str(error.explanation)) from error
        raise NodeUnavailable(f"a node does not answer: {error.explanation}") from error
    except (DockerException, RequestException) as error:
        raise NodeUnavailable(f"a node does not answer: {error}") from error
    return int(code or 0), b"".join(out), b"".join(err)
