"""The throw-away certificates of a playground, as the strictest client takes them: Python from 3.13 on is one."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest

from labs.playground.certs import Authority


def context(purpose: ssl.Purpose, folder: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(purpose, cafile=str(folder / "ca.pem"))
    made.verify_mode = ssl.CERT_REQUIRED
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    made.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return made


def shake_hands(client: Path, server: Path, name: str) -> bytes:
    """What the server says after a handshake in which each side checks the other's certificate."""
    here, there = socket.socketpair()

    def serve() -> None:
        try:
            with context(ssl.Purpose.CLIENT_AUTH, server).wrap_socket(there, server_side=True) as s:
                s.sendall(b"hello")
        except OSError:
            there.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with context(ssl.Purpose.SERVER_AUTH, client).wrap_socket(here, server_hostname=name) as s:
            return s.recv(5)
    finally:
        here.close()
        thread.join()


def node_of(folder: Path, name: str = "node1") -> Path:
    """Files of a node of the playground whose files lie in `folder`."""
    node = folder / name
    node.mkdir()
    for file, content in Authority.of(folder, "labs-test").node_files(name).items():
        (node / file).write_bytes(content)
    return node


@pytest.mark.parametrize("name", ["node1", "127.0.0.1", "localhost"])
def test_certificates_hold_before_the_strictest_client_and_server(tmp_path: Path, name: str):
    assert shake_hands(tmp_path, node_of(tmp_path), name) == b"hello"


def test_certificate_does_not_hold_for_another_name(tmp_path: Path):
    node = node_of(tmp_path)
    with pytest.raises(ssl.SSLCertVerificationError, match="match"):
        shake_hands(tmp_path, node, "node2")


def test_certificates_of_another_playground_open_nothing(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    node = node_of(tmp_path / "a")
    node_of(tmp_path / "b")
    with pytest.raises(ssl.SSLError):
        shake_hands(tmp_path / "b", node, "node1")
