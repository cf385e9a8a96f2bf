"""Ways to run many submissions: worker processes on this machine, or replicated-job services on a swarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.grading.runners.local_runner import LocalRunner, open_runner
    from labs.grading.runners.swarm_runner import SwarmRunner
    from labs.grading.runners.worker_request import KERNEL
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.grading.runners.local_runner": (
                "LocalRunner",
                "open_runner",
            ),
            "labs.grading.runners.swarm_runner": ("SwarmRunner",),
            "labs.grading.runners.worker_request": ("KERNEL",),
        },
    )

__all__ = [
    "KERNEL",
    "LocalRunner",
    "SwarmRunner",
    "open_runner",
]
