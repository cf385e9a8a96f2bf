"""A node of a graded notebook, as far as it needs no grader."""

from __future__ import annotations

from pathlib import Path

import pytest

from labs.graded.remote_playground import GraderClient, RemoteNode
from labs.playground import PlaygroundError


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RemoteNode:
    monkeypatch.setenv("LABS_GRADED", "1")
    return RemoteNode(GraderClient(), "node1", {0: 2, 5000: 3, 80: 4}, tmp_path)


def test_client_is_the_same_after_connections_were_dropped(node: RemoteNode):
    client = node.docker
    node.forget()
    assert node.docker is client
    assert client.api.base_url == "http://127.0.0.1:2"


def test_port_that_is_not_published_says_which_are(node: RemoteNode):
    assert node.url(5000) == "http://127.0.0.1:3"
    for port in (0, 8080):
        with pytest.raises(PlaygroundError, match=f"publish port {port}; it publishes 80, 5000\n"):
            node.url(port)
