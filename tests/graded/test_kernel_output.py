"""The kernel's own output: no text keeps a message from being sent, and none is copied at its full length."""

from __future__ import annotations

import json

import pytest
from ipykernel.iostream import OutStream

from labs.graded.container import kernel_output
from labs.graded.container.kernel_output import MAX_TEXT, pack


@pytest.mark.parametrize("text", ["\ud800", "\udcff\0", "é\U0001f600", "x"])
def test_text_of_any_kind_is_packed(text):
    raised = {"status": "error", "evalue": text, "traceback": [text]}
    assert json.loads(pack({"content": raised}).decode("ascii")) == {"content": raised}


def test_number_that_is_not_json_is_packed_beside_such_text():
    assert json.loads(pack({"text": "\ud800", "number": float("nan")}))["text"] == "\ud800"


def test_long_texts_of_a_message_are_cut():
    text = "x" * 3_000_000
    raised = {"evalue": text, "traceback": [text, "end"], "data": {"text/plain": text}}
    packed = pack(raised)
    assert len(packed) < 3 * MAX_TEXT + 1000
    assert json.loads(packed)["traceback"][1] == "end"


def test_deep_message_is_packed():
    deep: list = []
    for _ in range(200):
        deep = [deep]
    assert json.loads(pack({"data": {"application/json": deep}}))


def test_long_print_is_cut_before_it_is_copied(monkeypatch):
    written = []
    monkeypatch.setattr(OutStream, "write", lambda _self, text: written.append(text))
    kernel_output.limit_prints()
    stream = OutStream.__new__(OutStream)
    assert OutStream.write(stream, "x" * (MAX_TEXT + 1)) == MAX_TEXT + 1
    OutStream.write(stream, "short")
    OutStream.write(stream, 7)
    assert [len(text) for text in written[:1]] == [MAX_TEXT + len(" … (cut)")]
    assert written[1:] == ["short", 7]
