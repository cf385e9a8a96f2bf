"""The kernel as nbval sees it: a cell has ended when either of its two last messages came."""

from __future__ import annotations

import queue
from typing import Any

import pytest

from labs.grading.sandbox import nbval_plugin
from labs.grading.sandbox.nbval_plugin import KernelClient


class Kernel:
    """A kernel that sends these messages, each with the id of the cell, and then nothing."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self._messages, self._id = list(messages), ""

    def execute(self, id: str, _code: str) -> None:
        self._id = id

    def message(self, timeout_s: float) -> dict[str, Any]:
        if not self._messages:
            raise queue.Empty
        message = self._messages.pop(0)
        return {"parent_header": {"msg_id": self._id}, **message}

    def alive(self) -> bool:
        return True


REPLY = {"channel": "shell", "msg_type": "execute_reply", "content": {"status": "ok"}}
IDLE = {"channel": "iopub", "msg_type": "status", "content": {"execution_state": "idle"}}
BUSY = {**IDLE, "content": {"execution_state": "busy"}}


@pytest.fixture(autouse=True)
def short_grace(monkeypatch):
    monkeypatch.setattr(nbval_plugin, "_GRACE_S", 0.05)


def client_of(*messages: dict[str, Any]) -> tuple[KernelClient, str]:
    client = KernelClient(Kernel(*messages))
    return client, client.execute("1")


def test_lost_reply_is_replaced_once_the_kernel_is_idle():
    client, id = client_of(BUSY, IDLE)
    reply = client.get_shell_msg(timeout=5)
    assert (reply["parent_header"]["msg_id"], reply["content"]["status"]) == (id, "error")
    states = [client.get_iopub_msg(timeout=1)["content"]["execution_state"] for _ in range(2)]
    assert states == ["busy", "idle"]


def test_lost_idle_state_is_replaced_once_the_reply_came():
    client, id = client_of(REPLY)
    assert client.get_shell_msg(timeout=1)["content"] == {"status": "ok"}
    state = client.get_iopub_msg(timeout=5)
    assert (state["parent_header"]["msg_id"], state["msg_type"]) == (id, "status")
    assert state["content"] == {"execution_state": "idle"}


def test_cell_that_has_not_ended_is_not_ended_here():
    client, _ = client_of(BUSY)
    with pytest.raises(queue.Empty):
        client.get_shell_msg(timeout=0.3)


def test_end_of_another_cell_is_not_the_end_of_this_one():
    client, _ = client_of({**IDLE, "parent_header": {"msg_id": "another"}})
    with pytest.raises(queue.Empty):
        client.get_shell_msg(timeout=0.3)


def test_end_of_the_cell_before_does_not_count():
    client, _ = client_of(REPLY, IDLE)
    client.get_shell_msg(timeout=1)
    client.get_iopub_msg(timeout=1)
    client.execute("2")
    with pytest.raises(queue.Empty):
        client.get_shell_msg(timeout=0.3)
