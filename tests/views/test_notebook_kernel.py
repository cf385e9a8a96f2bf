"""What a notebook's kernel keeps of the student's environment."""

from __future__ import annotations

import os

import httpx
import pytest

from labs.views import ignore_host_settings
from labs.views.notebook_kernel import clean

STUDENTS = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "socks5://127.0.0.1:9",
    "NO_PROXY": "example.org",
    "SSL_CERT_FILE": "/nonexistent",
    "REQUESTS_CA_BUNDLE": "/nonexistent",
    "CURL_CA_BUNDLE": "/nonexistent",
    "SSLKEYLOGFILE": "/nonexistent/keys",
    "DOCKER_DEFAULT_PLATFORM": "linux/s390x",
    "DOCKER_CONTENT_TRUST": "1",
    "NETRC": "/srv/me/.netrc",
}
ENGINE = {"DOCKER_HOST": "tcp://10.0.0.1:2376", "DOCKER_CONTEXT": "c", "DOCKER_CONFIG": "/d"}


def test_proxies_authorities_and_passwords_go_and_what_finds_the_engine_stays():
    environment = {**STUDENTS, **ENGINE, "PATH": "/bin"}
    clean(environment)
    own = {"NO_PROXY": "*", "no_proxy": "*", "NETRC": os.devnull, "PATH": "/bin"}
    assert environment == {**ENGINE, **own}


def test_clients_of_a_student_can_be_made_afterwards(monkeypatch: pytest.MonkeyPatch):
    for name, value in STUDENTS.items():
        monkeypatch.setenv(name, value)
    with pytest.raises((OSError, ImportError, ValueError)):
        httpx.Client()
    clean(os.environ)  # type: ignore[arg-type]
    assert not [each for each in httpx.Client()._mounts.values() if each is not None]


def test_another_program_keeps_its_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    ignore_host_settings()
    assert os.environ["HTTP_PROXY"] == "http://127.0.0.1:9"
