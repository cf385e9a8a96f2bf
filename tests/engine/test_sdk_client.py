"""The client of one engine: how it follows that to another port."""

from __future__ import annotations

from pathlib import Path

import pytest
from requests.exceptions import RequestException

from labs.engine import EngineClient, EngineError
from labs.playground.certs import Authority, ClientFiles

VERSION = "1.43"


def test_moved_client_with_certificates_speaks_tls(tmp_path: Path):
    Authority.of(tmp_path, "labs-test")
    client = EngineClient("tcp://127.0.0.1:1", tls=ClientFiles(tmp_path).tls(), version=VERSION)
    client.move("tcp://127.0.0.1:2")
    assert client.api.base_url == "https://127.0.0.1:2"


def test_moved_client_without_certificates_speaks_http():
    client = EngineClient("tcp://127.0.0.1:1", version=VERSION)
    client.move("tcp://127.0.0.1:2")
    assert client.api.base_url == "http://127.0.0.1:2"


def test_retired_client_says_what_removed_its_engine_and_tries_nothing():
    client = EngineClient("tcp://127.0.0.1:1", version=VERSION)
    client.retire("the engine of this client was removed: lab.reset()", hint="docker = lab.docker")
    for ask in (client.ping, client.containers.list, lambda: client.images.get("busybox")):
        with pytest.raises(EngineError, match=r"removed: lab\.reset\(\)") as told:
            ask()
        assert told.value.hint == "docker = lab.docker"
        # What waits for engines takes it for one that does not answer.
        assert isinstance(told.value, RequestException)
