"""A Docker SDK client that ignores the environment and `~/.docker`: no proxy, no other CA bundle, its own credentials.

`requests` lets REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE win over the CA a client was made with
(psf/requests#3829), so a machine that sets them could never talk to an engine with a private CA. It also sends
what ~/.netrc has for a host.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docker
from docker.tls import TLSConfig
from docker.utils import parse_host
from requests.exceptions import ConnectionError

from labs.engine.attended_run import AttendedContainers
from labs.engine.docker_config import DockerConfig, build_proxies
from labs.engine.engine_error import EngineError


class EngineGone(EngineError, ConnectionError):
    """The engine of this client was removed on purpose. For the SDK's callers it is an engine that does not answer."""


class _API(docker.APIClient):
    """The low-level client, whose `trust_env` is always off, and whose configuration is that of one folder."""

    def __init__(self, folder: Path | None, **settings: Any) -> None:
        # First: the SDK's constructor reads both properties below.
        self._config = DockerConfig(folder)
        self.gone: EngineGone | None = None
        super().__init__(**settings)
        if folder is None:
            self._proxy_configs = build_proxies()

    def send(self, request: Any, **settings: Any) -> Any:
        """Send a request, unless it is known that its engine is gone.

        Raises:
            EngineGone: It was removed.
        """
        if self.gone:
            # A new one each time: an exception keeps the frames in which it was raised.
            raise EngineGone(self.gone.message, hint=self.gone.hint)
        return super().send(request, **settings)

    @property
    def trust_env(self) -> bool:
        return False

    @trust_env.setter
    def trust_env(self, value: bool) -> None:
        """Ignore what `requests.Session` sets in its constructor."""

    @property
    def _general_configs(self) -> dict[str, Any]:
        return self._config.settings

    @_general_configs.setter
    def _general_configs(self, value: object) -> None:
        """Ignore what the SDK read in ~/.docker."""

    @property
    def _auth_configs(self) -> object:
        return self._config.logins

    @_auth_configs.setter
    def _auth_configs(self, value: object) -> None:
        """Ignore what the SDK read in ~/.docker."""


class EngineClient(docker.DockerClient):
    """`docker.DockerClient` for one engine, reached at one address.

    Args:
        base_url: `unix://…` or `tcp://host:port`.
        tls: Client certificate and the CA to trust; None for a unix socket.
        config_folder: Where credentials are read from, at each request; without one there are none.
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
        api: Any = _API(
            config_folder, base_url=base_url, tls=tls or False, timeout=timeout_s, version=version
        )
        # An engine never redirects. A server that took over its port could send requests to any other host.
        api.max_redirects = 0
        self.api = api

    @property
    def containers(self) -> AttendedContainers:
        """The engine's containers."""
        return AttendedContainers(client=self)

    def move(self, address: str) -> None:
        """Follow an engine to another `tcp://host:port`; with certificates, those are the same there."""
        api: Any = self.api
        api.base_url = parse_host(address, tls=api.base_url.startswith("https:"))

    def retire(self, why: str, *, hint: str) -> None:
        """Let each request from now on say why its engine is gone, instead of trying a port that may be another's."""
        api: Any = self.api
        api.gone = EngineGone(why, hint=hint)
