"""Runs and checks one submission in isolation. The parts, from the outside in:

    submission_grader   one submission after another: sandbox, run, marks, a second run where something failed
      pool              creates the next sandbox in advance, removes used ones
        kernel            a student's kernel: start, cells, messages, pause, kill
          kernel_container  its container: no network, two users, limits
          channel           streams in and out of a container, over one exec of the engine
        isolated_playground the lesson's nodes, on a network without a route out
          gateway           the only way in: a container on that network, ports on 127.0.0.1
      nbval_plugin      all that depends on nbval and pytest: runs the cells, checks at each check cell
      kernel_api        carries out the requests of the kernel (`labs.graded.protocol`), within limits
      check_process     runs checks in a process with limits of its own
      disk_quota        measures disks while the notebook runs, ends it above the limit
    orphans             removes what a killed grader left

What a student controls: every byte from the kernel's container, and everything inside the nodes. What decides a
grade: a check's look at the playground, from a process that no student code shares, while the kernel is paused.

Names are imported at their first use: the process that runs `labs grade` needs neither pytest nor nbval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.grading.sandbox import kernel_container
    from labs.grading.sandbox.channel import Accept, Channel, LoopThread
    from labs.grading.sandbox.check_process import CHECK_TIMEOUT_S
    from labs.grading.sandbox.kernel import Kernel
    from labs.grading.sandbox.orphans import remove_created_by
    from labs.grading.sandbox.submission_grader import SubmissionGrader
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.grading.sandbox": ("kernel_container",),
            "labs.grading.sandbox.channel": (
                "Accept",
                "Channel",
                "LoopThread",
            ),
            "labs.grading.sandbox.check_process": ("CHECK_TIMEOUT_S",),
            "labs.grading.sandbox.kernel": ("Kernel",),
            "labs.grading.sandbox.orphans": ("remove_created_by",),
            "labs.grading.sandbox.submission_grader": ("SubmissionGrader",),
        },
    )

__all__ = [
    "CHECK_TIMEOUT_S",
    "Accept",
    "Channel",
    "Kernel",
    "LoopThread",
    "SubmissionGrader",
    "kernel_container",
    "remove_created_by",
]
