"""The daemon.json of a node as text: what is read, what it is replaced with, why dockerd refused it."""

from __future__ import annotations

import json

import pytest

from labs.playground import PlaygroundError, engine_settings

NEW = b'{"registry-mirrors": ["http://mirror:5000"]}\n'
# Of dockerd 26.1.5 in a node.
STARTED = 'time="2026-11-30T07:00:00Z" level=info msg="Starting up"\n'
MIRROR = (
    'failed to start daemon: invalid mirror: "127.0.0.1:5000" is not a valid URI: '
    'parse "127.0.0.1:5000": first path segment in URL cannot contain colon\n'
)
VALIDATION = (
    "unable to configure the Docker daemon with file /etc/docker/daemon.json: "
    "the following directives don't match any configuration option: mirrors\n"
)


@pytest.mark.parametrize(
    ("log", "wanted"),
    [
        (STARTED + MIRROR, 'invalid mirror: "127.0.0.1:5000" is not a valid URI: parse'),
        (VALIDATION, "the following directives don't match any configuration option: mirrors"),
        (STARTED + MIRROR + 'time="…" level=warning msg="containerd goes on"', "invalid mirror"),
        (STARTED + MIRROR + STARTED + 'level=info msg="Loading containers"', ""),
        ("", ""),
    ],
    ids=["mirror", "validation", "lines behind it", "an older start", "nothing"],
)
def test_reason_is_the_last_starts_in_dockerds_words(log, wanted):
    assert engine_settings.reason(log).startswith(wanted)
    assert bool(engine_settings.reason(log)) == bool(wanted)


def test_older_settings_are_the_kept_ones_then_a_new_nodes_and_none_twice():
    kept = b'{"debug": true}'
    assert list(engine_settings.older(b"{", kept, None, kept)) == [kept, NEW]
    assert list(engine_settings.older(NEW, NEW)) == []
    assert list(engine_settings.older(None)) == [NEW]


@pytest.mark.parametrize("content", [b"{", b"[]", b'"text"', b"\xff", b"null"])
def test_file_that_is_no_object_says_where_it_is_and_what_brings_it_back(content):
    with pytest.raises(PlaygroundError, match=r"daemon\.json on node2 is not a JSON object") as it:
        engine_settings.parse(content, "node2")
    assert "lab.node(2).restart_engine()" in it.value.hint


@pytest.mark.parametrize("content", [b"", b"\n", b"{}"])
def test_empty_file_has_no_settings(content):
    assert engine_settings.parse(content, "node1") == {}


def test_settings_are_written_as_json_or_refused():
    assert json.loads(engine_settings.as_json({"debug": True})) == {"debug": True}
    for value in ({1, 2}, float("nan")):
        with pytest.raises(PlaygroundError, match="not JSON"):
            engine_settings.as_json({"labels": value})


def test_kept_settings_are_enough_where_no_image_files_are(monkeypatch, tmp_path):
    """As in the container of a graded submission."""
    monkeypatch.setattr(engine_settings, "_OF_A_NEW_NODE", tmp_path / "daemon.json")
    assert list(engine_settings.older(b"1", b"2", None)) == [b"2"]
    assert list(engine_settings.older(b"1")) == []
