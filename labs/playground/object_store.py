"""The object store of a playground: OpenStack Swift in a container, created at its first use, as storage of registries.

It speaks S3 and Swift's own API, and containers in the nodes reach it.
"""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import docker
import httpx
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from docker.models.volumes import Volume
from requests.exceptions import RequestException

from labs.engine import Engine, seconds_of
from labs.playground import companion
from labs.playground.cgroups import cgroup_of
from labs.playground.container_start import start_container
from labs.playground.creation import SHORT_LOG
from labs.playground.deletion import remove_container
from labs.playground.labels import Names, Say, quiet
from labs.playground.node_errors import NodeUnavailable, PlaygroundError

STORE_PORT = 8080
ACCOUNT = "course"
USER = f"{ACCOUNT}:registry"
BUCKET = "registry"
SECRET = "org.registry-course.secret"
"""Label of the store's volume: a new container must get the same secret, since registries are configured with it."""

_QUOTA = "X-Container-Meta-Quota-Bytes"
_PAGE = 10_000  # the largest page that Swift returns


@dataclass(frozen=True, order=True)
class StoredObject:
    """One object of a bucket.

    Attributes:
        name: Its key, slashes included.
        size_bytes: Its size.
        modified: When it was last written, by the store's clock, in seconds since 1970.
    """

    name: str
    size_bytes: int
    modified: float = field(default=0.0, compare=False)


class ObjectStore:
    """A running object store.

    Attributes:
        container: Its container on the host's engine.
        access_key: The access key of S3, and Swift's user.
        secret_key: The secret key of S3, and Swift's password; each playground has its own.
        bucket: Name of the bucket that exists from the start; Swift's API calls it a container.
    """

    def __init__(self, container: Container, network: str, secret_key: str) -> None:
        self.container = container
        self.access_key = USER
        self.secret_key = secret_key
        self.bucket = BUCKET
        self._network = network

    def __repr__(self) -> str:
        return f"<Store {self.container.name}>"

    @property
    def endpoint(self) -> str:
        """URL of the S3 API, as containers in the nodes reach it: `http://172.18.0.10:8080`.

        Raises:
            NodeUnavailable: It is not running.
        """
        return f"http://{self._address()}:{STORE_PORT}"

    @property
    def auth_url(self) -> str:
        """URL at which a client of Swift's own API asks for a token."""
        return f"{self.endpoint}/auth/v1.0"

    def objects(self, bucket: str = BUCKET) -> list[StoredObject]:
        """Return the objects of a bucket, by name.

        Raises:
            NodeUnavailable: The store does not answer.
            PlaygroundError: There is no such bucket.
        """
        found: list[StoredObject] = []
        with self._client() as client:
            while True:
                # Swift's paging: a page begins after the name in `marker`.
                marker = found[-1].name if found else ""
                query = {"format": "json", "limit": str(_PAGE), "marker": marker}
                page = self._ask(client, "GET", f"/{bucket}", params=query).json()
                found += [
                    StoredObject(
                        each["name"], int(each["bytes"]), seconds_of(each["last_modified"])
                    )
                    for each in page
                ]
                if len(page) < _PAGE:
                    return found

    def make_bucket(self, bucket: str = BUCKET) -> None:
        """Create a bucket; an existing one is left as it is.

        Raises:
            NodeUnavailable: The store does not answer.
        """
        with self._client() as client:
            self._ask(client, "PUT", f"/{bucket}")

    @contextmanager
    def full(self, bucket: str = BUCKET) -> Iterator[None]:
        """A store that has no room in a bucket for a while: what is there can be read and deleted.

        S3 answers `EntityTooLarge` to all that would be written, by way of a quota of one byte.

        Raises:
            NodeUnavailable: The store does not answer.
        """
        # Parts of an upload are kept in a bucket of their own before they are put together.
        every = (bucket, f"{bucket}+segments")
        with self._client() as client:
            for each in every:
                self._ask(client, "PUT", f"/{each}", headers={_QUOTA: "1"})
            try:
                yield
            finally:
                for each in every:
                    self._ask(client, "POST", f"/{each}", headers={_QUOTA: ""})

    def answers(self) -> bool:
        """Whether it serves requests now."""
        try:
            # Creating the bucket needs the proxy, the account and the container servers: if it succeeds, all of Swift
            # runs.
            self.make_bucket()
        except PlaygroundError:
            return False
        return True

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        """Yield a client of Swift's own API with a token; proxy settings of this machine are ignored."""
        who = {"X-Auth-User": self.access_key, "X-Auth-Key": self.secret_key}
        # The store has no TLS, and httpx's default context would load all CA certificates first.
        plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        with httpx.Client(
            base_url=self._published(),
            trust_env=False,  # a proxy cannot reach the loopback address of this machine
            timeout=30,
            verify=plain,
        ) as client:
            granted = self._ask(client, "GET", "", path="/auth/v1.0", headers=who)
            client.headers["X-Auth-Token"] = granted.headers["X-Auth-Token"]
            yield client

    def _ask(
        self, client: httpx.Client, method: str, bucket: str, *, path: str = "", **more: Any
    ) -> httpx.Response:
        path = path or f"/v1/AUTH_{ACCOUNT}{bucket}"
        try:
            answer = client.request(method, path, **more)
        except httpx.HTTPError as error:
            raise self._unavailable(f"{method} {path}: {error}") from error
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise PlaygroundError(
                f"the store has no bucket {bucket.strip('/')!r}",
                hint=f"lab.store.bucket is {BUCKET!r}; lab.store.make_bucket(…) makes another",
            )
        if answer.is_error:
            # 200 characters: Swift's error bodies are HTML pages, and the first line says enough.
            raise self._unavailable(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    def _address(self) -> str:
        settings = self._settings()["Networks"].get(self._network) or {}
        if not settings.get("IPAddress"):
            raise self._unavailable(self.container.status)
        return str(settings["IPAddress"])

    def _published(self) -> str:
        bindings = (self._settings().get("Ports") or {}).get(f"{STORE_PORT}/tcp")
        if not bindings:
            raise self._unavailable(self.container.status)
        return f"http://127.0.0.1:{bindings[0]['HostPort']}"

    def _settings(self) -> dict[str, Any]:
        try:
            self.container.reload()
        except (APIError, RequestException) as error:
            raise self._unavailable(error) from error
        return dict(self.container.attrs["NetworkSettings"])

    def _unavailable(self, why: object) -> NodeUnavailable:
        return NodeUnavailable(
            f"the store does not answer: {why}", hint="ask for lab.store again: it starts the store"
        )


def open_store(
    engine: Engine, names: Names, say: Say = quiet, make: Callable[..., ObjectStore] | None = None
) -> ObjectStore:
    """Find and start the object store of a playground, or create it. Hold the playground's lock.

    Args:
        engine: The host's.
        names: Of the playground.
        say: Receives progress if its image has to be made first.
        make: Called with container, network and secret for the object to return; `ObjectStore` by default.

    Raises:
        PlaygroundError: The playground does not exist, or the engine refused.
        NodeUnavailable: The store does not come up; the message ends with its log.
    """
    client = engine.client
    network = companion.network_of(client, names, "store")
    container, volume = companion.found(client, names.store), _volume(client, names)
    secret = volume.attrs["Labels"][SECRET]
    # The objects are in the volume: a container that does not start is replaced at no loss.
    if container and not companion.running(container):
        remove_container(container)
        container = None
    if container is None:
        image = companion.get_image(client, "store", say)
        container = _make(client, names, network, volume, image)
    store = (make or ObjectStore)(container, names.network, secret)
    companion.wait_for(container, store.answers, "store")
    return store


def _volume(client: docker.DockerClient, names: Names) -> Volume:
    """Return the volume with the objects; create it if necessary."""
    name = f"{names.store}-disk"
    try:
        return client.volumes.get(name)
    except NotFound:
        # 16 bytes, 128 bits: not to be guessed by what runs in the nodes, which can reach the store.
        labels = {**names.labels(), SECRET: secrets.token_hex(16)}
        return client.volumes.create(name, labels=labels)


def _make(
    client: docker.DockerClient, names: Names, network: Network, volume: Volume, image: str
) -> Container:
    api: Any = client.api  # types-docker lacks networking_config here
    # Index 0, the address before node1's: registries are configured with it, so it must not change over a restart.
    fixed = companion.fixed_address(network, 0)
    try:
        made = api.create_container(
            image,
            name=names.store,
            hostname="store",
            labels=names.labels(node="store"),
            environment={"STORE_USER": USER, "STORE_SECRET": volume.attrs["Labels"][SECRET]},
            ports=[(STORE_PORT, "tcp")],
            host_config=api.create_host_config(
                network_mode=names.network,
                binds={volume.name: {"bind": "/srv/node", "mode": "rw"}},
                # Loopback only, on a port that the engine picks: no other machine can reach a student's store.
                port_bindings={STORE_PORT: ("127.0.0.1", None)},
                cap_drop=["ALL"],
                read_only=True,
                security_opt=["no-new-privileges"],
                # The file system is read-only, and Swift and its cache need a folder for temporary files.
                tmpfs={"/tmp": "mode=1777"},
                # In a closed playground, untrusted code sends it requests.
                **(_CLOSED if names.cgroup else {}),
                cgroup_parent=cgroup_of(client, names.cgroup).parent,
            ),
            networking_config=api.create_networking_config(
                {names.network: api.create_endpoint_config(aliases=["store"], **fixed)}
            ),
        )
        container = client.containers.get(made["Id"])
        start_container(container)
    except APIError as error:
        raise PlaygroundError(
            f"cannot make {names.store}: {error.explanation or error}",
            hint="`labs doctor` tells what this machine lacks",
        ) from error
    return container


# Limits where untrusted code uses it; an idle one has some 300 MB and 40 processes.
_CLOSED: dict[str, Any] = {"mem_limit": "2g", "pids_limit": 1024, "log_config": SHORT_LOG}
