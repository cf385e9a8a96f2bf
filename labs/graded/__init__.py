"""What runs inside the container of a graded submission: the lesson and its playground, by way of the grader.

    kernel container (no network)                        grader
    student's kernel   GradedLab, RemotePlayground       KernelApi: answers requests
        | TCP on 127.0.0.1, lines of `protocol`              |
    relay (own user)   forwards connections  ==========  Channel: the same frames of `mux`
        | pipe                                 exec of       |
    bridge             speaks Jupyter with     the engine  Kernel: sends cells, receives messages
                       the kernel, JSON lines with the grader

`protocol` is the one module that both ends import: verbs, fields, version. The student can change everything that
runs as their user, so nothing here decides a grade: the grader checks every request and looks at the playground
itself. In the container the relay has this package with an empty `__init__`, and imports nothing else of the course.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.graded import protocol
    from labs.graded.environment import is_graded
    from labs.graded.graded_lab import GradedLab
    from labs.graded.mux import Mux, ProtocolError, Reader, Stream, join
    from labs.graded.remote_playground import GraderClient, RemotePlayground
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.graded": ("protocol",),
            "labs.graded.mux": ("Mux", "ProtocolError", "Reader", "Stream", "join"),
            "labs.graded.environment": ("is_graded",),
            "labs.graded.graded_lab": ("GradedLab",),
            "labs.graded.remote_playground": ("GraderClient", "RemotePlayground"),
        },
    )

__all__ = [
    "GradedLab",
    "GraderClient",
    "Mux",
    "ProtocolError",
    "Reader",
    "RemotePlayground",
    "Stream",
    "is_graded",
    "join",
    "protocol",
]
