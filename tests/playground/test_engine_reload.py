"""Settings that dockerd takes over while it runs: what is written, what is refused before, whose words are quoted."""

from __future__ import annotations

import pytest

from labs.playground import PlaygroundError
from labs.playground.engine_reload import changed, refusal

MIRROR = {"registry-mirrors": ["http://mirror:5000"]}
# Of dockerd 26.1.5 in a node.
GOT = 'time="…" level=info msg="Got signal to reload configuration, reloading from: /etc/docker/daemon.json"'
VALUE = (
    'time="…" level=error msg="Error reconfiguring the daemon: invalid mirror: unsupported scheme '
    '\\"node1\\" in \\"node1:5000\\""'
)
FILE = (
    'time="…" level=error msg="unable to configure the Docker daemon with file /etc/docker/daemon.json: '
    "the following directives don't match any configuration option: zork\""
)


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([GOT, VALUE], 'invalid mirror: unsupported scheme "node1" in "node1:5000"'),
        ([GOT, FILE], "the following directives don't match any configuration option: zork"),
        ([GOT], ""),
        ([], ""),
    ],
    ids=["value", "file", "taken over", "nothing"],
)
def test_refusal_is_in_dockerds_words(lines, wanted):
    assert refusal(lines) == wanted


def test_changed_settings_are_those_of_the_file_and_the_new_ones():
    now = {"debug": True, **MIRROR}
    assert changed(now, {"registry-mirrors": ["http://node1:5000"]}, "node1") == {
        "debug": True,
        "registry-mirrors": ["http://node1:5000"],
    }
    assert changed(now, {}, "node1") == now


def test_list_that_is_taken_out_becomes_an_empty_one():
    # dockerd keeps the last mirrors if the setting is only left out.
    assert changed(MIRROR, {"registry-mirrors": None}, "node1") == {"registry-mirrors": []}
    assert changed({}, {"registry-mirrors": None}, "node1") == {}


@pytest.mark.parametrize("settings", [{"bip": "10.9.0.1/24"}, {"debug": None}, {"zork": 1}])
def test_setting_that_waits_for_a_start_is_refused(settings):
    with pytest.raises(PlaygroundError, match="only when it starts") as refused:
        changed({"debug": True}, settings, "node2")
    assert "lab.node(2).configure_engine" in refused.value.hint


def test_setting_that_stands_already_is_no_change():
    now = {"bip": "10.9.0.1/24"}
    assert changed(now, {"bip": "10.9.0.1/24", **MIRROR}, "node1") == {**now, **MIRROR}
