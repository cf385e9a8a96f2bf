"""What the bridge makes of a kernel's messages: texts are cut, and no message that a cell waits for is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labs.graded.container.bridge import cut, is_too_much, line_of

HUGE = {
    "ascii": "x" * 1_200_000,
    "NUL bytes": "\0" * 1_200_000,
    "beyond the basic plane": "\U0001f600" * 500_000,
    "half surrogates": "\ud800" * 300_000,
    "bytes that are not UTF-8": b"\xff\xfe".decode("utf-8", "surrogateescape") * 300_000,
    "ascii first": "a" * 400_000 + "\U0001f600" * 400_000,
}
LIMIT = 1_000_000


def message(content: dict[str, Any], kind: str = "execute_reply") -> dict[str, Any]:
    return {"parent_header": {"msg_id": "id"}, "msg_type": kind, "content": content}


def read(channel: str, sent: dict[str, Any]) -> dict[str, Any]:
    line = line_of(channel, sent)
    assert len(line) < LIMIT
    assert line.count(b"\n") == 1
    return json.loads(line)


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_reply_of_any_length_arrives(text):
    raised = {"status": "error", "ename": text, "evalue": text, "traceback": [text] * 100}
    got = read("shell", message(raised))
    assert (got["id"], got["type"], got["content"]["status"]) == ("id", "execute_reply", "error")
    assert got["content"]["evalue"].startswith(text[:10_000])
    assert got["content"]["evalue"].endswith("(cut)")


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_output_of_any_length_arrives(text):
    got = read("iopub", message({"name": "stdout", "text": text}, "stream"))
    assert got["content"]["text"].startswith(text[:10_000])
    shown = {"data": {"text/plain": text, "text/html": text}, "metadata": {"a": text}}
    got = read("iopub", message(shown, "display_data"))
    assert list(got["content"]["data"]) == ["text/plain"]
    assert got["content"]["data"]["text/plain"].startswith(text[:10_000])


def test_long_traceback_keeps_its_end():
    frames = [f"frame {number}\n" for number in range(3000)]
    got = read("shell", message({"status": "error", "traceback": [*frames, "ValueError: no"]}))
    assert got["content"]["traceback"][-2:] == ["frame 2999\n", "ValueError: no"]


def test_short_message_is_whole():
    said = {"status": "error", "ename": "E", "evalue": "é\0", "traceback": ["1", "E: é"]}
    assert read("shell", message(said))["content"] == said


FORGED = [
    {"status": ["error"] * 1_000_000},
    {"status": "x" * 2_000_000},
    {"traceback": "x" * 2_000_000},
    {"data": ["x" * 2_000_000]},
    {"execution_count": {"x": "x" * 2_000_000}},
]


@pytest.mark.parametrize("content", FORGED, ids=lambda content: next(iter(content)))
def test_forged_message_is_no_longer_than_others(content):
    assert read("shell", message(content))["type"] == "execute_reply"


def test_forged_id_and_type_are_cut():
    forged = message({"status": "ok"}, "y" * 2_000_000)
    forged["parent_header"]["msg_id"] = "x" * 2_000_000
    assert len(read("shell", forged)["id"]) <= 1000


@pytest.mark.parametrize("text", ["", "x", "é", "\0", "\U0001f600", "\ud800"])
def test_cut_text_fits(text):
    assert len(json.dumps(cut(text * 5000, 900))) <= 900
    assert cut(text, 900) == text


def test_ends_of_cells_are_never_too_much():
    assert not is_too_much("execute_reply", 10**12)
    assert not is_too_much("status", 10**12)


@pytest.mark.parametrize("kind", ["stream", "display_data", "comm_msg", "of a student's own"])
def test_output_without_end_is_too_much(kind):
    assert not is_too_much(kind, 1_000_000)
    assert is_too_much(kind, 3_000_000)


def test_output_of_all_cells_together_has_an_end():
    assert not is_too_much("stream", 100, 29_000_000)
    assert is_too_much("stream", 100, 31_000_000)
    assert not is_too_much("execute_reply", 100, 10**12)


def test_error_after_much_output_arrives():
    assert not is_too_much("error", 2_100_000)
    assert is_too_much("error", 9_000_000)
