"""The protocol between kernel and grader: what is written is read the same, what breaks a rule is told."""

from __future__ import annotations

import json

import pytest

from labs.graded import protocol
from labs.graded.protocol import FIELDS, RequestError, Verb

EXAMPLES = {str: "text", dict: {"a": [1, None]}, list: ["ls"], int: 0o644}


@pytest.mark.parametrize("verb", Verb)
def test_request_of_each_verb_is_read_as_it_was_written(verb):
    fields = {name: EXAMPLES[kind] for name, kind in FIELDS[verb].items()}
    line = protocol.request_line(verb, **fields)
    assert line.count(b"\n") == 1
    assert protocol.parse_request(line) == (verb, fields)


BROKEN = {
    b"[]": "a request is a JSON object",
    b'{"slug": "x"}': "unknown request type None",
    b'{"verb": "format"}': "unknown request type 'format'",
    b'{"verb": ["open"]}': "unknown request type ['open']",
    b'{"verb": "open"}': "open needs the fields slug",
    b'{"verb": "reset", "node": "node1"}': "reset needs the fields (none)",
    b'{"verb": "open", "slug": 1}': "open: slug is not of type str",
    b'{"verb": "write_file", "node": "a", "path": "b", "content": "", "mode": true}': "write_file: mode is not",
}


@pytest.mark.parametrize(("line", "message"), BROKEN.items(), ids=BROKEN.values())
def test_request_that_breaks_a_rule_is_told_which(line, message):
    with pytest.raises(RequestError) as told:
        protocol.parse_request(line)
    assert str(told.value).startswith(message)


def test_unknown_request_type_is_shortened():
    with pytest.raises(RequestError) as told:
        protocol.parse_request(json.dumps({"verb": "x" * 10_000}).encode())
    assert len(str(told.value)) == 100


def test_bytes_in_a_message_come_back_and_other_text_is_refused():
    content = bytes(range(256))
    assert protocol.to_bytes(protocol.to_text(content)) == content
    with pytest.raises(ValueError, match="base64"):
        protocol.to_bytes("?" * 8)
