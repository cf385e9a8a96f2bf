"""Why a service does not come up: what its tasks report, and what its containers listen on. Parsing alone."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from labs.playground.swarm.state import TaskState

NO_IMAGE = "No such image"
"""How an engine begins when a task names an image that it can neither find nor pull."""

_LISTEN = "0A"  # TCP_LISTEN of the kernel (include/net/tcp_states.h)


def obstacles(tasks: Iterable[TaskState]) -> list[TaskState]:
    """Return, for each slot without a running task, its newest task that reports a reason.

    Args:
        tasks: Of one service, as `Swarm.tasks` gives them: by slot, in each the newest first.
    """

    def place(task: TaskState) -> tuple[int, str]:
        return task.slot, "" if task.slot else task.node

    found = []
    for _, group in groupby(tasks, key=place):
        slot = list(group)
        if slot[0].state == "running":
            continue
        # The newest may be waiting for its turn; why the one before it ended is what matters.
        found += [task for task in slot if task.error][:1]
    return found


def reasons(tasks: Iterable[TaskState]) -> list[str]:
    """One line for each different reason, with the nodes that report it."""
    nodes: dict[str, list[str]] = {}
    for task in tasks:
        nodes.setdefault(f"{task.state}: {task.error}", []).append(task.node or "no node")
    return [f"{', '.join(sorted(set(where)))}: {said}" for said, where in nodes.items()]


def listening(table: str) -> list[int]:
    """The ports on which others are answered, in the text of /proc/…/net/tcp and tcp6; loopback is left out."""
    ports = set()
    for fields in map(str.split, table.splitlines()):
        if len(fields) > 3 and fields[3] == _LISTEN:
            address, _, port = fields[1].partition(":")
            # Little-endian: 127.0.0.1 ends in 7F, and ::1 in 01000000. The engine's DNS is at 127.0.0.11.
            if not (address.endswith("7F") or address == f"{'0' * 24}01000000"):
                ports.add(int(port, 16))
    return sorted(ports)
