"""A node: one Docker engine in a container, as seen from outside. `creation` makes it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container
from docker.tls import TLSConfig
from requests.exceptions import RequestException

from labs.engine import EngineClient, make_config_folder
from labs.playground import engine_settings
from labs.playground.certs import ClientFiles
from labs.playground.engine_reload import EngineReload
from labs.playground.engine_settings import DAEMON_JSON, LAST, REFUSED
from labs.playground.labels import LESSON
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.waiting import wait_until

# Not p itself: there a student's own container may listen on all addresses, and two cannot bind one port. node-init has
# the same number.
RELAY_OFFSET = 20000
"""A node's relay for port p listens on `RELAY_OFFSET + p` and connects to 127.0.0.1:p inside the node."""

# IANA's port for Docker with TLS; node-init opens it.
ENGINE_PORT = 2376
HOST_VARIABLES = (
    "DOCKER_CONTEXT",
    "DOCKER_API_VERSION",
    "DOCKER_DEFAULT_PLATFORM",
    "DOCKER_CONTENT_TRUST",
    "DOCKER_AUTH_CONFIG",
    "DOCKER_CUSTOM_HEADERS",
)
"""Variables of a student's shell that would change what the `docker` command does with a node."""

_API_VERSION = "1.43"  # every engine in a node speaks it; negotiating would cost a request
_WORK_TIMEOUT_S = 60  # a pull or a build may be silent for long
_PROBE_TIMEOUT_S = 3  # a status query that takes longer is as good as no answer


class _SettingsRefusedError(Exception):
    """The engine refused its settings, in these words; it runs with older ones."""


class Node(EngineReload):
    """One engine of a playground.

    Attributes:
        name: `node1`, also its host name on the playground's network.
        container: Its container on the host's engine.
    """

    def __init__(self, name: str, container: Container, files: ClientFiles, config: Path) -> None:
        super().__init__(name, container, config.parent)
        self._files = files
        # One a node, as each machine has: logins of two people on two nodes are kept apart.
        self._config = make_config_folder(config / name)
        self._docker: EngineClient | None = None
        self._probe: EngineClient | None = None
        self._moved = False

    def __repr__(self) -> str:
        return f"<Node {self.name} of {self.container.name}>"

    @property
    def docker(self) -> EngineClient:
        """SDK client of this node's engine, over mutual TLS; the same object for as long as the node exists.

        Raises:
            NodeUnavailable: The node's container is not running.
        """
        if self._docker is None:
            self._docker = self._connect(_WORK_TIMEOUT_S)
        elif self._moved:
            # A student's variable holds this client: it has to find the restarted engine too.
            self._docker.move(self.address)
        self._moved = False
        return self._docker

    @property
    def probe(self) -> EngineClient:
        """A second client with a short timeout, for status queries while the first one works.

        Raises:
            NodeUnavailable: The node's container is not running.
        """
        if self._probe is None:
            self._probe = self._connect(_PROBE_TIMEOUT_S)
        return self._probe

    def _connect(self, timeout_s: int) -> EngineClient:
        address = self.address
        self._since = self.container.attrs["State"]["StartedAt"]
        return self._client(address, timeout_s, self._files.tls())

    def _client(self, address: str, timeout_s: int, tls: TLSConfig | None = None) -> EngineClient:
        return EngineClient(
            address,
            tls=tls,
            config_folder=self._config,
            timeout_s=timeout_s,
            version=_API_VERSION,
        )

    @property
    def address(self) -> str:
        """Where the engine listens, for DOCKER_HOST: `tcp://127.0.0.1:49153`."""
        return f"tcp://127.0.0.1:{self._host_port(ENGINE_PORT)}"

    def url(self, port: int = 5000) -> str:
        """Return the URL at which this machine reaches a server on 127.0.0.1:`port` inside the node.

        Raises:
            PlaygroundError: The lesson does not publish that port.
        """
        return f"http://127.0.0.1:{self._host_port(RELAY_OFFSET + port)}"

    def environment(self) -> dict[str, str]:
        """Return the variables with which the `docker` command talks to this node."""
        return {
            "DOCKER_HOST": self.address,
            "DOCKER_TLS_VERIFY": "1",
            "DOCKER_CERT_PATH": str(self._files.folder),
            # Not ~/.docker: a student's credsStore there breaks logins, and a lesson's logins would be left in it.
            "DOCKER_CONFIG": str(self._config),
        }

    def configure_engine(self, settings: dict[str, Any]) -> None:
        """Change settings of the engine's daemon.json and restart the engine; None removes a setting.

        Containers without a restart policy stop, as on any host. If the file has these settings already, nothing is
        changed and nothing restarts.

        Raises:
            PlaygroundError: The engine refuses these settings, or does not start with them; the message has its words.
                It runs with the settings from before.
            NodeUnavailable: The engine does not come up.
        """
        before = self._stored(DAEMON_JSON) or b""
        now = engine_settings.parse(before, self.name)
        kept = {name: value for name, value in {**now, **settings}.items() if value is not None}
        if kept == now:
            return
        content = engine_settings.as_json(kept)
        self.write_file(LAST, before)
        self.write_file(DAEMON_JSON, content)
        try:
            self._restart()
        except _SettingsRefusedError as error:
            raise PlaygroundError(
                f"{self.name}'s engine would not start with {settings}: {error}",
                hint="it runs with the settings from before; the names are those of daemon.json",
            ) from error

    def restart_engine(self) -> None:
        """Restart the engine of this node and wait until it answers; addresses stay the same.

        Raises:
            PlaygroundError: It does not start with its daemon.json; the message has its words. It runs again with the
                settings from before.
            NodeUnavailable: It does not come up.
        """
        try:
            self._restart()
        except _SettingsRefusedError as error:
            raise engine_settings.refused(self.name, str(error)) from error

    def _restart(self) -> None:
        """Restart the engine.

        Raises:
            _SettingsRefusedError: It did not start with its settings, and older ones are back.
        """
        # Before the restart: an engine that refuses its file would not come up, and the node would end with it.
        check = self.exec(["dockerd", "--validate", "--config-file", DAEMON_JSON])
        if check.exit_code:
            self._put_back()
            lines = check.stderr.strip().splitlines() or ["no reason given"]
            raise _SettingsRefusedError(engine_settings.reason(check.stderr) or lines[-1])
        try:
            self._restart_and_wait()
        except NodeUnavailable:
            # Some values pass the validation, and dockerd ends when it uses them: a mirror without a scheme, a
            # storage driver that the kernel does not have.
            raise _SettingsRefusedError(self.recover(same_first=False)) from None
        self.exec(["cp", DAEMON_JSON, LAST])

    def _restart_and_wait(self) -> None:
        # The file first: node-init ends the node when dockerd exits, unless this file says that a restart was asked
        # for. It removes the file when it has seen the old engine exit, so the file's absence proves that what
        # answers is the new one. pidof: daemon.json may name another pid file.
        kill = "kill $(cat /run/docker.pid 2>/dev/null || pidof dockerd)"
        self.exec(["sh", "-c", f"touch /run/engine-restart && {kill}"])
        wait_until(
            lambda: self.exec(["test", "-e", "/run/engine-restart"]).exit_code,
            f"{self.name}'s engine to stop",
        )
        self.wait()

    def _put_back(self) -> None:
        """Replace a daemon.json that the engine has not read yet with the one it runs with."""
        now = self._stored(DAEMON_JSON)
        self.write_file(REFUSED, now or b"")
        self.write_file(DAEMON_JSON, next(engine_settings.older(now, self._stored(LAST)), b"{}"))

    def recover(self, *, same_first: bool = True) -> str:
        """Start an engine that ended or hangs: again as it is, then with the settings it last came up with.

        The last choice are the settings of a new node. What the engine refused is kept beside its daemon.json.
        Containers, images and volumes stay.

        Args:
            same_first: Whether its present settings are tried once more: the reason may have been another one.

        Returns:
            Why it did not start with its settings, in dockerd's words; empty if it did, the second time.

        Raises:
            NodeUnavailable: It does not come up with any of them, so its daemon.json is not the reason.
        """
        log, now = self.log(), self._stored(DAEMON_JSON)
        if same_first and self._comes_up():
            return ""
        for content in engine_settings.older(now, self._stored(LAST)):
            self.write_file(DAEMON_JSON, content)
            if self._comes_up():
                self.write_file(REFUSED, now or b"")
                return (
                    engine_settings.reason(log) or "it does not answer, and its log has no reason"
                )
        if now is not None:
            self.write_file(DAEMON_JSON, now)
        raise self._silent(log)

    def _comes_up(self) -> bool:
        """Start the machine again, whatever its engine is doing, and say whether the engine answers."""
        if self.status == "running":
            # 1 s: an engine that does not answer will not use the time that a shutdown gets.
            self.container.restart(timeout=1)
            self.forget()
        else:
            super().start()
        try:
            self.wait()
        except NodeUnavailable:
            return False
        return True

    def start(self) -> None:
        """Switch the machine on again, and wait until its engine answers.

        Raises:
            PlaygroundError: Its engine does not start with its daemon.json; it runs again with the settings from
                before.
            NodeUnavailable: It does not come up.
        """
        super().start()
        try:
            self.wait()
        except NodeUnavailable:
            if said := self.recover():
                raise engine_settings.refused(self.name, said) from None

    def answers(self, timeout_s: float = 2.0) -> bool:
        """Whether the engine answers now."""
        try:
            api: Any = self.docker.api
            # Not the SDK's ping(): it has no timeout of its own, and the client's is a minute.
            return bool(api.get(f"{api.base_url}/_ping", timeout=timeout_s).ok)
        except (DockerException, RequestException, PlaygroundError):
            # A container that has restarted has other ports: the next try must not use the old ones.
            self.forget()
            return False

    def wait(self, timeout_s: float = 60.0) -> None:
        """Wait until the engine answers; give up at once if its container has exited.

        Raises:
            NodeUnavailable: It exited or did not answer in time; the message ends with its log.
        """
        deadline = time.monotonic() + timeout_s
        while not self.answers():
            self.container.reload()
            if self.container.status not in ("running", "created") or time.monotonic() > deadline:
                raise self._silent(self.log())
            # An engine is up after about a second; asking more often would take CPU time from its start.
            time.sleep(0.05)

    def retire(self, call: str) -> None:
        """Let its clients say that it was removed by that call, `lab.reset()`; a notebook's variable may hold one."""
        self.forget()
        self._removed_by = call
        if self._docker is not None:
            self._docker.retire(
                f"the engine of this client was removed: {call}",
                hint="docker = lab.docker is a client of the new node; after lab.close(), labs.open(…) makes one",
            )

    def forget(self) -> None:
        """Close connections and forget the published ports: they change when the container restarts."""
        self._disconnect()
        super().forget()

    def _disconnect(self) -> None:
        for client in (self._docker, self._probe):
            if client is not None:
                client.close()
        # The first client is kept and moved later, since a student's variable may hold it.
        self._probe, self._moved = None, True

    def _host_port(self, port: int) -> str:
        published = self._ports().get(f"{port}/tcp")
        if published:
            return str(published[0]["HostPort"])
        if self.container.status != "running":
            raise self._unavailable(self.container.status)
        known = (int(each.split("/")[0]) - RELAY_OFFSET for each in self._ports())
        raise self._not_published(port - RELAY_OFFSET, known)

    def _not_published(self, port: int, known: Iterable[int]) -> PlaygroundError:
        """Return the error for a port. Numbers below 1 in `known` are not of relays but of the engine's port."""
        ports = ", ".join(str(each) for each in sorted(known) if each > 0)
        return PlaygroundError(
            f"{self.name} does not publish port {port}; it publishes {ports}",
            hint="use one of those ports for what you run in this lesson",
        )

    def _ports(self) -> dict[str, Any]:
        """Return the published ports; read them again if the container was only listed, or has restarted."""
        ports = self.container.attrs.get("NetworkSettings", {}).get("Ports")
        if not ports:
            try:
                self.container.reload()
            except (NotFound, APIError, RequestException) as error:
                raise self._unavailable(error) from error
            ports = self.container.attrs["NetworkSettings"]["Ports"]
        return dict(ports or {})

    def _silent(self, log: str) -> NodeUnavailable:
        """Return the error for an engine that does not come up."""
        lesson = self.container.labels.get(LESSON, "LESSON")
        last = "\n".join(log.splitlines()[-8:])
        return NodeUnavailable(
            f"{self.name}'s engine does not answer ({self.container.status}):\n{last}",
            # A command: a new kernel has no `lab` yet.
            hint="`labs doctor` tells what this machine lacks; "
            f"`labs reset {lesson}` removes this playground, and labs.open(…) then makes a new one",
        )
