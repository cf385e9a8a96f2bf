"""`labs images serve` and `--images-from` before any engine is asked: addresses, ports, what is shown."""

from __future__ import annotations

import os
import socket
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from labs import images
from labs.cli.program import app
from labs.cli.serve import _total, _watch, announcement, own_addresses, reachable
from labs.errors import LabsError
from labs.images import VARIABLE, ImageError, require_free

CODE = "3f9c-12ab-77d0-5e21"


def network(**config: str) -> dict[str, Any]:
    return {"IPAM": {"Config": [config]}}


def test_addresses_are_those_that_others_reach_each_once_and_in_order():
    addresses = ["192.168.1.7", "127.0.0.1", "172.17.0.1", "10.0.0.5", "192.168.1.7", "172.18.0.1"]
    networks = [
        network(Subnet="172.17.0.0/16", Gateway="172.17.0.1"),
        network(Subnet="172.18.0.0/16"),
        network(Subnet="fd00::/64", Gateway="fd00::1"),
        {"IPAM": {"Config": None}},
    ]
    assert reachable(addresses, networks) == ["192.168.1.7", "10.0.0.5"]


def test_machine_in_a_network_that_an_engine_network_overlaps_is_shown():
    assert reachable(["172.17.0.9"], [network(Subnet="172.17.0.0/16")]) == ["172.17.0.9"]


@pytest.mark.process
def test_own_addresses_are_this_machines():
    client = SimpleNamespace(networks=SimpleNamespace(list=list))
    for address in own_addresses(cast(Any, client)):
        with socket.socket() as probe:
            probe.bind((address, 0))


def registry(port: int = 5005) -> Any:
    return SimpleNamespace(port=port, code=CODE, size_bytes=233_000_000)


def test_announcement_has_the_whole_command_for_each_address():
    told = announcement(registry(5006), ["192.168.1.7", "10.0.0.5"])
    for address in ("192.168.1.7", "10.0.0.5"):
        assert f"\n    make start ARGS=--images-from=http://{address}:5006/{CODE}\n" in told
    assert "one of these" in told
    assert "233 MB" in told
    assert "WARNING: port 5006 is open" in told


def test_announcement_without_a_network_says_so():
    assert "no address in a network" in announcement(registry(), [])


def test_announcement_in_wsl_says_whose_address_is_wanted(monkeypatch: pytest.MonkeyPatch):
    release = "5.15.153.1-microsoft-standard-WSL2"
    monkeypatch.setattr("platform.release", lambda: release)
    assert "ipconfig.exe" in announcement(registry(), ["172.25.0.2"])


def test_registry_that_ends_by_itself_is_told_with_what_it_sent_until_then():
    sent: list[int] = []
    ended = cast(Any, SimpleNamespace(sent=lambda: iter([1_000_000, 500_000])))
    with pytest.raises(LabsError, match="the class registry ended") as told:
        _watch(ended, sent, print)
    assert "labs images serve" in told.value.hint
    assert _total(sent) == "2 MB in 2 answers"


def test_port_that_is_taken_is_told_with_another():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ImageError, match=rf"port {port} of 127\.0\.0\.1 is taken") as taken:
            require_free("127.0.0.1", port)
    assert f"--port {port + 1}" in taken.value.hint
    require_free("127.0.0.1", port)


def test_address_of_another_machine_is_told():
    with pytest.raises(ImageError, match=r"this machine has no address 203\.0\.113\.9"):
        require_free("203.0.113.9", 5005)


@pytest.mark.parametrize("address", ["zork", "", "192.168.1", "fe80::1", "localhost"])
def test_address_that_is_none_is_told_before_an_engine_is_looked_for(address: str):
    with pytest.raises(LabsError, match="--address") as refused:
        CliRunner().invoke(app, ["images", "serve", "--address", address], catch_exceptions=False)
    assert "192.168.1.7" in refused.value.hint


@pytest.mark.parametrize("port", ["0", "65536", "zork"])
def test_port_that_is_none_is_a_wrong_command_line(port: str):
    ran = CliRunner().invoke(app, ["images", "serve", "--port", port])
    assert ran.exit_code == 2


def test_help_of_images_names_serve():
    assert "serve" in CliRunner().invoke(app, ["images", "--help"]).output


def start(monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str | None]:
    """Run `labs start --no-lab`; what `ensure` saw in the environment."""
    seen: list[str | None] = []
    engine = SimpleNamespace(client=None, version="26.1", source="test")
    monkeypatch.setattr("labs.engine.find_or_start", lambda *_: engine)
    ensure = lambda *_: seen.append(os.environ.get(VARIABLE)) or []  # noqa: E731
    monkeypatch.setattr(images, "ensure", ensure, raising=False)
    ran = CliRunner().invoke(app, ["start", "--no-lab", *words], catch_exceptions=False)
    assert ran.exit_code == 0
    return seen


def test_start_lets_images_come_from_the_address_and_from_nowhere_else(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert start(monkeypatch) == [None]
    monkeypatch.setenv(VARIABLE, "set by hand")
    assert start(monkeypatch) == ["set by hand"]
    typed = f"192.168.1.7:5005/{CODE.upper()}"
    assert start(monkeypatch, "--images-from", typed) == [f"http://192.168.1.7:5005/{CODE}"]


def test_start_with_a_wrong_address_is_told_before_an_engine_is_started(monkeypatch):
    monkeypatch.setattr("labs.engine.find_or_start", lambda *_: pytest.fail("started"))
    with pytest.raises(ImageError, match="is not the address of a class registry"):
        CliRunner().invoke(app, ["start", "--images-from", "zork"], catch_exceptions=False)
