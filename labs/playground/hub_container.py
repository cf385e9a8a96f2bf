"""The hub of a playground: accounts, permissions, builds and a web page before a registry, in a container of its own.

Engines reach it at `https://hub.lab` and trust its certificate. This machine's browser reaches its pages on a port of
127.0.0.1.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import docker
import httpx
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network

from labs.engine import Engine
from labs.playground import companion
from labs.playground.archive import archive
from labs.playground.certs import Authority, ClientFiles
from labs.playground.cgroups import cgroup_of
from labs.playground.container_start import start_container
from labs.playground.creation import SHORT_LOG
from labs.playground.deletion import remove_container
from labs.playground.hub_session import LOGIN, HubSession
from labs.playground.labels import Names, Say, quiet
from labs.playground.node import ENGINE_PORT, Node
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.registry import authorities

HUB_HOST = "hub.lab"
PAGE_PORT = 80
GIT = "alpine/git:latest"
"""What git is called in the nodes: Docker Hub's name for such an image."""
_TIMEOUT_S = 30
_ANSWER_S = 5  # of a hub that is asked whether it serves: it is asked again
_TRUSTED = f"/etc/docker/certs.d/{HUB_HOST}/ca.crt"
# The nodes' addresses on a network with fixed ones begin at 1; a playground has fewer nodes than this.
_INDEX = 90


class HubServer:
    """A running hub.

    Attributes:
        container: Its container on the host's engine.
        host: The name by which engines call it, first part of its images' names.
    """

    def __init__(self, container: Container) -> None:
        self.container = container
        self.host = HUB_HOST

    def __repr__(self) -> str:
        return f"<Hub {self.host}, pages at {self.url}>"

    @property
    def url(self) -> str:
        """Its pages and its API for this machine: `http://127.0.0.1:49160`.

        Raises:
            NodeUnavailable: It is not running.
        """
        return self._published()

    def http(self) -> httpx.Client:
        """An HTTP client for its pages, its API and its registry; proxy settings of this machine are ignored."""
        # The authorities that were read before: httpx would read them again for each client.
        return httpx.Client(
            base_url=self.url, verify=authorities(), trust_env=False, timeout=_TIMEOUT_S
        )

    def log_in(self, username: str, secret: str) -> httpx.Client:
        """A client of its API for an account, which logs in again when the hub has forgotten it after ten minutes.

        Args:
            username: Of the account.
            secret: Its password, or one of its access tokens.

        Raises:
            PlaygroundError: The hub refused.
            NodeUnavailable: It does not answer.
        """
        client = self.http()
        login = {"identifier": username, "secret": secret}
        token = str(_asked(client, LOGIN, login)["access_token"])
        client.auth = HubSession(str(client.base_url).rstrip("/"), login, token)
        return client

    def sign_up(self, username: str, password: str) -> httpx.Client:
        """Make an account, if it is not there, and log in.

        Raises:
            PlaygroundError: The hub refused: a name or password that it does not take, or an account of that name with
                another password.
            NodeUnavailable: It does not answer.
        """
        with self.http() as client:
            _asked(client, "/v2/users", {"username": username, "password": password}, also=409)
        return self.log_in(username, password)

    def _published(self) -> str:
        try:
            self.container.reload()
        except NotFound as error:
            raise _unavailable("it is not there") from error
        ports = self.container.attrs["NetworkSettings"].get("Ports") or {}
        bindings = ports.get(f"{PAGE_PORT}/tcp")
        if not bindings:
            raise _unavailable(self.container.status)
        return f"http://127.0.0.1:{bindings[0]['HostPort']}"

    def answers(self) -> bool:
        """Whether its pages and its registry serve requests now."""
        try:
            with self.http() as client:
                client.timeout = _ANSWER_S
                page, registry = client.get("/healthz"), client.get("/v2/")
        except (httpx.HTTPError, PlaygroundError):
            return False
        return (page.status_code, registry.status_code) == (200, 401)


def open_hub(
    engine: Engine,
    names: Names,
    files: ClientFiles,
    builder: Node,
    say: Say = quiet,
    *,
    hub_of: Callable[[Container], HubServer] = HubServer,
) -> HubServer:
    """Find and start the hub of a playground, or create it. Hold the playground's lock.

    Args:
        engine: The host's.
        names: Of the playground.
        files: The certificates by which engines of the playground are reached.
        builder: The node whose engine builds.
        say: Receives progress if its image has to be made first.
        hub_of: What is returned for the container; it may reach it in another way.

    Raises:
        PlaygroundError: The playground does not exist, or the engine refused.
        NodeUnavailable: The hub does not come up; the message ends with its log.
    """
    client = engine.client
    network = companion.network_of(client, names, "hub")
    container = companion.found(client, names.hub)
    # Everything is in the volume: a container that does not start is replaced at no loss.
    if container and not companion.running(container):
        remove_container(container)
        container = None
    if container is None:
        image = companion.get_image(client, "hub", say)
        container = _make(client, names, network, image, builder)
        _give(container, _certificates(files, names))
        _start(container)
    hub = hub_of(container)
    companion.wait_for(container, hub.answers, "hub")
    return hub


def trust_hub(node: Node, files: ClientFiles) -> None:
    """Let an engine trust the hub's certificate; it reads this file at each connection."""
    node.write_file(_TRUSTED, (files.folder / "ca.pem").read_bytes())


def bring_git(client: docker.DockerClient, node: Node, say: Say = quiet) -> None:
    """Load git's image into an engine, under its name on Docker Hub, if it is not there."""
    companion.load_image(client, node, "git", GIT, say)


def _asked(client: httpx.Client, path: str, body: Any, *, also: int = 200) -> dict[str, Any]:
    """The answer to a POST; a status of `also` is none that is refused."""
    try:
        answer = client.post(path, json=body)
    except httpx.HTTPError as error:
        raise _unavailable(error) from error
    if answer.is_error and answer.status_code != also:
        said = answer.text[:200]
        with suppress(ValueError, AttributeError):
            said = answer.json().get("message") or said
        raise PlaygroundError(f"POST {path}: {answer.status_code} {said}")
    return dict(answer.json())


def _make(
    client: docker.DockerClient, names: Names, network: Network, image: str, builder: Node
) -> Container:
    api: Any = client.api  # types-docker lacks networking_config here
    try:
        made = api.create_container(
            image,
            name=names.hub,
            hostname="hub",
            labels=names.labels(node="hub"),
            environment=_environment(network, builder),
            ports=[(PAGE_PORT, "tcp")],
            host_config=api.create_host_config(
                network_mode=names.network,
                binds={_volume(client, names): {"bind": "/data", "mode": "rw"}},
                # Loopback only, on a port that the engine picks: no other machine can reach a student's hub.
                port_bindings={PAGE_PORT: ("127.0.0.1", None)},
                cap_drop=["ALL"],
                read_only=True,
                security_opt=["no-new-privileges"],
                # Bodies of requests, configuration with secrets, and git's own files.
                tmpfs={"/tmp": "mode=1777"},
                mem_limit="512m",
                cgroup_parent=cgroup_of(client, names.cgroup).parent,
                pids_limit=256,
                init=True,  # what git leaves behind has a parent that ends it
                log_config=SHORT_LOG,
            ),
            networking_config=api.create_networking_config(
                {
                    names.network: api.create_endpoint_config(
                        aliases=["hub", HUB_HOST], **companion.fixed_address(network, _INDEX)
                    )
                }
            ),
        )
        return client.containers.get(made["Id"])
    except APIError as error:
        raise _refused(names, error) from error


def _environment(network: Network, builder: Node) -> dict[str, str]:
    pool = ((network.attrs.get("IPAM") or {}).get("Config") or [{}])[0]
    subnet = ipaddress.ip_network(pool["Subnet"])
    gateway = str(pool.get("Gateway") or next(subnet.hosts()))
    return {
        "HUB_HOSTS": HUB_HOST,
        "HUB_TLS": "/data/tls",
        "HUB_ENGINE": f"tcp://{builder.name}:{ENGINE_PORT}",
        "HUB_ENGINE_CERTIFICATES": "/data/engine",
        "HUB_NETWORK": str(subnet),
        # The gateway is this machine. The hub adds its own address.
        "HUB_NO_WEBHOOKS": gateway.partition("/")[0],
    }


def _certificates(files: ClientFiles, names: Names) -> dict[str, bytes]:
    authority = Authority.of(files.folder, names.network)
    server = {f"tls/{name}": text for name, text in authority.node_files(HUB_HOST).items()}
    own = ("ca.pem", "cert.pem", "key.pem")
    return server | {f"engine/{name}": (files.folder / name).read_bytes() for name in own}


def _give(container: Container, files: dict[str, bytes]) -> None:
    # Readable by all in the container, which is the hub's own user alone: the archive's files belong to root.
    container.put_archive("/data", archive(files, mode=0o644))


def _start(container: Container) -> None:
    try:
        start_container(container)
    except APIError as error:
        raise PlaygroundError(
            f"cannot start {container.name}: {error.explanation or error}",
            hint="`labs doctor` tells what this machine lacks",
        ) from error


def _volume(client: docker.DockerClient, names: Names) -> str:
    name = f"{names.hub}-data"
    try:
        client.volumes.get(name)
    except NotFound:
        client.volumes.create(name, labels=names.labels())
    return name


def _refused(names: Names, error: APIError) -> PlaygroundError:
    return PlaygroundError(
        f"cannot make {names.hub}: {error.explanation or error}",
        hint="`labs doctor` tells what this machine lacks",
    )


def _unavailable(why: object) -> NodeUnavailable:
    return NodeUnavailable(
        f"the hub does not answer: {why}", hint="ask for lab.hub again: it starts the hub"
    )
