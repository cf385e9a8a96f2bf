"""A Docker SDK client that ignores the environment: no proxy, no other CA bundle, its own credentials.

`requests` lets REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE win over the CA a client was made with
(psf/requests#3829), so a machine that sets them could never talk to an engine with a private CA.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docker
from docker import auth
from docker.tls import TLSConfig
from docker.utils import config as docker_config
from docker.utils import parse_host


class _API(docker.APIClient):
    """The low-level client, whose `trust_env` is always off."""

    @property
    def trust_env(self) -> bool:
        return False

    @trust_env.setter
    def trust_env(self, value: bool) -> None:
        """Ignore what `requests.Session` sets in its constructor."""


class EngineClient(docker.DockerClient):
    """`docker.DockerClient` for one engine, reached at one address.

    Args:
        base_url: `unix://…` or `tcp://host:port`.
        tls: Client certificate and the CA to trust; None for a unix socket.
        config_folder: Where credentials are read from, instead of `~/.docker`.
        timeout_s: Seconds until a request fails.
        version: API version to speak; None asks the engine.
    """

    def __init__(
        self,
        base_url: str,
        *,
        tls: TLSConfig | None = None,
        config_folder: Path | None = None,
        timeout_s: int = 60,
        version: str | None = None,
    ) -> None:
        api: Any = _API(base_url=base_url, tls=tls or False, timeout=timeout_s, version=version)
        if config_folder is not None:
            # Set here, since the SDK reads ~/.docker/config.json if a folder that it is given has no config.json.
            general = docker_config.load_general_config(str(config_folder / "config.json"))
            api._general_configs = general
            api._auth_configs = auth.load_config(config_dict=general)
        # An engine never redirects. A server that took over its port could send requests to any other host.
        api.max_redirects = 0
        self.api = api

    def move(self, address: str) -> None:
        """Follow an engine to another `tcp://host:port`; with certificates, those are the same there."""
        api: Any = self.api
        api.base_url = parse_host(address, tls=api.base_url.startswith("https:"))
