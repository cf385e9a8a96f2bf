"""The store of a playground: OpenStack Swift in a container of its own, made at its first use, for registries to keep
their bytes in. It speaks S3 and Swift's own API, and is reached by whatever runs in a node.
"""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import docker
import httpx
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.networks import Network
from docker.models.volumes import Volume
from requests.exceptions import RequestException

from labs import images
from labs.engine import Engine
from labs.images import Catalog
from labs.playground.creation import remove_container
from labs.playground.labels import Names, Say, quiet
from labs.playground.network import address
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.waiting import WaitTimeout, wait_until

STORE_PORT = 8080
ACCOUNT = "course"
USER = f"{ACCOUNT}:registry"
BUCKET = "registry"
SECRET = "org.registry-course.secret"
"""Label of the store's volume: who makes the container anew must give it the secret that registries know."""

_PAGE = 10_000


@dataclass(frozen=True, order=True)
class StoredObject:
    """One object of a bucket.

    Attributes:
        name: With the slashes that look like folders.
        size_bytes: As the store lists it.
    """

    name: str
    size_bytes: int


class ObjectStore:
    """A store that runs.

    Attributes:
        container: Its container on the host's engine.
        access_key: Who asks: the access key of S3, and Swift's user.
        secret_key: Of S3, and Swift's password; another one in each playground.
        bucket: Name of the bucket that is there from the start; for Swift's API it is a container.
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
        """Where S3 is spoken, as containers in the nodes reach it: `http://172.18.0.10:8080`.

        Raises:
            NodeUnavailable: It is not running.
        """
        return f"http://{self._address()}:{STORE_PORT}"

    @property
    def auth_url(self) -> str:
        """Where a client of Swift's own API asks for a token."""
        return f"{self.endpoint}/auth/v1.0"

    def objects(self, bucket: str = BUCKET) -> list[StoredObject]:
        """The objects of a bucket, by name.

        Raises:
            NodeUnavailable: The store does not answer.
            PlaygroundError: There is no such bucket.
        """
        found: list[StoredObject] = []
        with self._client() as client:
            while True:
                marker = found[-1].name if found else ""
                query = {"format": "json", "limit": str(_PAGE), "marker": marker}
                page = self._ask(client, "GET", f"/{bucket}", params=query).json()
                found += [StoredObject(each["name"], int(each["bytes"])) for each in page]
                if len(page) < _PAGE:
                    return found

    def make_bucket(self, bucket: str = BUCKET) -> None:
        """Make a bucket; one that is there is left as it is.

        Raises:
            NodeUnavailable: The store does not answer.
        """
        with self._client() as client:
            self._ask(client, "PUT", f"/{bucket}")

    def answers(self) -> bool:
        """Whether it keeps buckets now."""
        try:
            self.make_bucket()
        except PlaygroundError:
            return False
        return True

    @contextmanager
    def _client(self) -> Iterator[httpx.Client]:
        """A client of Swift's own API with a token; settings of this machine's proxies are left out."""
        who = {"X-Auth-User": self.access_key, "X-Auth-Key": self.secret_key}
        plain = ssl.SSLContext(
            ssl.PROTOCOL_TLS_CLIENT
        )  # the default one reads all authorities first
        with httpx.Client(
            base_url=self._published(), trust_env=False, timeout=30, verify=plain
        ) as client:
            told = self._ask(client, "GET", "", path="/auth/v1.0", headers=who)
            client.headers["X-Auth-Token"] = told.headers["X-Auth-Token"]
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
    """The store of a playground: found and started if need be, else made. Hold the playground's lock.

    Args:
        engine: The host's.
        names: Of the playground.
        say: Told where its image has to be made first.
        make: What it is seen as, from its container, network and secret; by default a `ObjectStore`.

    Raises:
        PlaygroundError: The playground is not there, or the engine refused.
        NodeUnavailable: The store does not come up; the last lines of its log are in the message.
    """
    client = engine.client
    network = _network(client, names)
    container, volume = _found(client, names), _volume(client, names)
    secret = volume.attrs["Labels"][SECRET]
    if container and not _running(container):
        remove_container(container)
        container = None
    if container is None:
        if any(s.image.key == "store" and not s.present for s in images.stock(client)):
            say("the store's image is not here yet: making it")
            images.ensure(client, say)
        container = _make(client, names, network, volume)
    store = (make or ObjectStore)(container, names.network, secret)
    _wait(store)
    return store


def _network(client: docker.DockerClient, names: Names) -> Network:
    try:
        return client.networks.get(names.network)
    except NotFound as error:
        raise PlaygroundError(
            f"the playground of {names.slug} is not there, so it has no store",
            hint=f'labs.open("{names.slug}") makes it',
        ) from error


def _found(client: docker.DockerClient, names: Names) -> Container | None:
    try:
        return client.containers.get(names.store)
    except NotFound:
        return None


def _running(container: Container) -> bool:
    """Whether it runs, after a start if need be; False where no start mends it."""
    try:
        if container.status == "paused":
            container.unpause()
        elif container.status != "running":
            container.start()
    except APIError:
        return False
    return True


def _volume(client: docker.DockerClient, names: Names) -> Volume:
    """Where the objects lie, made if it is not there."""
    name = f"{names.store}-disk"
    try:
        return client.volumes.get(name)
    except NotFound:
        labels = {**names.labels(), SECRET: secrets.token_hex(16)}
        return client.volumes.create(name, labels=labels)


def _make(client: docker.DockerClient, names: Names, network: Network, volume: Volume) -> Container:
    secret = volume.attrs["Labels"][SECRET]
    api: Any = client.api  # its types know no networking_config of several networks
    try:
        made = api.create_container(
            Catalog.read().images["store"].name,
            name=names.store,
            hostname="store",
            labels=names.labels(node="store"),
            environment={"STORE_USER": USER, "STORE_SECRET": secret},
            ports=[(STORE_PORT, "tcp")],
            host_config=api.create_host_config(
                network_mode=names.network,
                binds={volume.name: {"bind": "/srv/node", "mode": "rw"}},
                port_bindings={STORE_PORT: ("127.0.0.1", None)},
                cap_drop=["ALL"],
                read_only=True,
                security_opt=["no-new-privileges"],
                tmpfs={"/tmp": "mode=1777"},
            ),
            networking_config=api.create_networking_config(
                {names.network: api.create_endpoint_config(aliases=["store"], **_fixed(network))}
            ),
        )
        container = client.containers.get(made["Id"])
        container.start()
    except APIError as error:
        raise PlaygroundError(
            f"cannot make {names.store}: {error.explanation or error}",
            hint="`labs doctor` tells what this machine lacks",
        ) from error
    return container


def _fixed(network: Network) -> dict[str, str]:
    """An address that stays, on a network whose nodes keep theirs."""
    pools = (network.attrs.get("IPAM") or {}).get("Config") or [{}]
    return {"ipv4_address": address(network, 0)} if pools[0].get("IPRange") else {}


def _wait(store: ObjectStore) -> None:
    """Wait until it keeps buckets; give up at once when its container has ended."""

    def up() -> bool:
        if store.answers():
            return True
        if store.container.status not in ("running", "created"):
            raise NodeUnavailable(f"the store ended ({store.container.status}):\n{_words(store)}")
        return False

    try:
        wait_until(up, "the store", last_words=lambda: _words(store))
    except WaitTimeout as error:
        raise NodeUnavailable(
            f"the store does not come up: {error.message}", hint="lab.reset() makes a new one"
        ) from error


def _words(store: ObjectStore) -> str:
    return store.container.logs(tail=8).decode(errors="replace").strip()
