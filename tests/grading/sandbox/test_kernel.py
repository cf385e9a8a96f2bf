"""A kernel as far as it needs no container: the version of its relay."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from labs.graded import protocol
from labs.grading import GradingError
from labs.grading.sandbox.kernel import Kernel


class Relay:
    """A relay that confirms every configuration with the same bytes."""

    stderr_tail = "Traceback: no module"

    def __init__(self, reply: bytes) -> None:
        self._reply = reply

    async def stream(self, _target: str) -> Relay:
        return self

    async def write(self, _data: bytes) -> None:
        """Take it."""

    async def read(self) -> bytes:
        return self._reply

    async def close(self) -> None:
        """Nothing to close."""


def kernel_with(reply: bytes) -> Kernel:
    kernel = Kernel.__new__(Kernel)
    kernel._channel = Relay(reply)
    kernel._loop = SimpleNamespace(run=lambda work, _timeout_s: asyncio.run(work))
    return kernel


def test_relay_of_the_same_version_is_accepted():
    kernel_with(protocol.result_line({"version": protocol.VERSION})).configure_relay({})


@pytest.mark.parametrize("reply", [protocol.result_line({"version": 0}), b"done\n"])
def test_relay_of_another_version_is_a_failure_of_the_machine(reply):
    with pytest.raises(GradingError, match=f"speaks version {protocol.VERSION}"):
        kernel_with(reply).configure_relay({})


def test_relay_that_ended_is_told_with_its_stderr():
    with pytest.raises(GradingError, match="does not answer: Traceback: no module"):
        kernel_with(b"").configure_relay({})
