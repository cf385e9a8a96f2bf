"""The client of one engine: how it follows that to another port."""

from __future__ import annotations

from pathlib import Path

from labs.engine import EngineClient
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
