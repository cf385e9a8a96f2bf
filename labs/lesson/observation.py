"""What can be seen of the server that a push or pull went to: its container, its log, how it answers.

It is looked at after a failure only, from outside of the engine: the engine's message names the step that failed,
and often not the reason.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from urllib.parse import urlsplit

import docker
import httpx
from docker.errors import NotFound
from docker.models.containers import Container

from labs.registry import read_access_log

AGENT = "labs-observation"
"""The User-Agent of these requests: a drawing of a push leaves them out."""

_ANSWER_S = 3.0  # a server that takes longer is not described
# distribution quotes the reason of a 500 in its log alone: the client gets "unknown error". Other errors have another
# code, such as a blob that is asked for and is not there.
_DETAIL = re.compile(r'\blevel=error\b.*?\berr\.code=unknown .*?\berr\.detail="((?:[^"\\]|\\.)*)"')
# A registry that cannot read its file says so first, and its usage last.
_FATAL = ("level=fatal", "panic:", "configuration error:")
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_ALSO = {"node1": ("registry.lab",)}


@dataclass(frozen=True)
class Answers:
    """How a server answers in HTTP.

    Attributes:
        status: Of `GET /v2/`; 0 where the answer was not HTTP.
        registry: Whether that is a registry's answer.
        upload_at: Host and port to which it sends a client that begins an upload; empty where it names none.
    """

    status: int = 0
    registry: bool = False
    upload_at: str = ""


@dataclass(frozen=True)
class Server:
    """The container that publishes the port of a reference.

    Attributes:
        name: Its name.
        status: `running`, `exited`, …
        last_words: The end of its log, where it has ended.
        read_only: Folders that are mounted read-only in it.
        detail: Reason of its last error, in the words of its log.
        refused: Status of the last request to write that it refused; 0 if it refused none.
        takes_no_push: Whether its settings make it read-only, or a cache.
    """

    name: str
    status: str = "running"
    last_words: str = ""
    read_only: tuple[str, ...] = ()
    detail: str = ""
    refused: int = 0
    takes_no_push: bool = False


def is_here(host: str, node: str = "node1") -> bool:
    """Whether a node's engine means its own node by that host."""
    return host in (*_LOOPBACK, node, *_ALSO.get(node, ()))


def server_on(engine: docker.DockerClient, port: int | None, since: float) -> Server | None:
    """The newest container that publishes a port of the node, with what it has logged since then.

    Args:
        engine: The node's.
        port: On the node; None for a reference without one.
        since: Seconds of the epoch.
    """
    try:
        container = newest_on(engine, port) if port else None
        return _described(container, since) if container else None
    except Exception:  # looking must not hide the failure that is looked into
        return None


def newest_on(engine: docker.DockerClient, port: int) -> Container | None:
    """The newest container that was configured to publish the port."""
    # The engine lists the newest first. all=True: the one that exited is the one to explain.
    for found in engine.api.containers(all=True):
        try:
            container = engine.containers.get(found["Id"])
        # Removed between the two requests.
        except NotFound:
            continue
        wanted = (container.attrs["HostConfig"]["PortBindings"] or {}).values()
        if any(each["HostPort"] == str(port) for bindings in wanted for each in bindings or ()):
            return container
    return None


def ended_on_host_network(engine: docker.DockerClient) -> Container | None:
    """The newest container that has ended on the node's own network: it publishes no port, and may have listened."""
    for found in engine.api.containers(all=True, filters={"status": "exited"}):
        with suppress(NotFound):  # removed between the two requests
            container = engine.containers.get(found["Id"])
            if container.attrs["HostConfig"].get("NetworkMode") == "host":
                return container
    return None


def nothing_published(engine: docker.DockerClient, port: int) -> str:
    """Say that no container publishes the port, and which ports are; or which has ended on the node's own network."""
    if ended := ended_on_host_network(engine):
        said = last_words(ended)
        return (
            f"no container publishes port {port}; {ended.name}, which has the node's own network, has ended"
            + (f": {said}" if said else "")
        )
    by_name = {}
    for found in engine.api.containers():
        ports = {str(each["PublicPort"]) for each in found["Ports"] if "PublicPort" in each}
        if ports:
            by_name[found["Names"][0].strip("/")] = " and ".join(sorted(ports, key=int))
    others = ", ".join(f"{name} publishes {ports}" for name, ports in sorted(by_name.items()))
    return (
        f"no container publishes port {port}, so nothing listens there: "
        f"{others or 'none that runs publishes any'}; docker.containers.list(all=True) shows all"
    )


def container_state(container: Container, port: int) -> str:
    """Say of the container that publishes a port why nothing may answer there."""
    name = container.name
    if container.status != "running":
        said = last_words(container)
        return f"container {name}, which has port {port}, is {container.status}" + (
            f": {said}" if said else ""
        )
    bindings = container.attrs["HostConfig"]["PortBindings"] or {}
    inside = ", ".join(
        inner.partition("/")[0]
        for inner, some in sorted(bindings.items())
        if any(each["HostPort"] == str(port) for each in some or ())
    )
    return (
        f"container {name} runs, and port {port} leads to {inside} in it: does it listen there, on all "
        f'addresses? lab.wait({port}) waits for it, docker.containers.get("{name}").logs() says more'
    )


def last_words(container: Container | None) -> str:
    """The line of a container's log that says why it ended, else its last one."""
    # 40: Go prints a panic's reason before its stack traces.
    log = container.logs(tail=40).decode(errors="replace").splitlines() if container else []
    fatal = [at for at, line in enumerate(log) if any(sign in line for sign in _FATAL)]
    if not fatal:
        return "\n".join(log[-1:])
    # What is wrong in a YAML file is in the lines below, each with a space before it.
    below = takewhile(lambda line: line.startswith(" "), log[fatal[-1] + 1 :])
    return "\n".join([log[fatal[-1]], *map(str.rstrip, below)])


def _described(container: Container, since: float) -> Server:
    # The engine's clock is this machine's, or that of a virtual machine behind it by a little.
    log = container.logs(since=int(since) - 2).decode(errors="replace")
    details = _DETAIL.findall(log)
    # `read_access_log` wants the lines of the access log alone; others do not match.
    writes = [r.status for r in read_access_log(log) if r.method in ("POST", "PATCH", "PUT")]
    variables = container.attrs["Config"].get("Env") or []
    ended = container.status in ("exited", "dead")
    return Server(
        name=str(container.name),
        status=container.status,
        last_words=last_words(container) if ended else "",
        read_only=tuple(m["Destination"] for m in container.attrs["Mounts"] if not m["RW"]),
        detail=details[-1].replace('\\"', '"') if details else "",
        refused=next((status for status in reversed(writes) if status >= 400), 0),
        takes_no_push=any(
            v.startswith(("REGISTRY_PROXY_REMOTEURL=", "REGISTRY_STORAGE_MAINTENANCE"))
            for v in variables
        ),
    )


def how_it_answers(url: str, registry: str, repository: str) -> Answers | None:
    """Ask a server as an engine would that calls it `registry`; None if nothing answers.

    Args:
        url: Where this machine reaches it.
        registry: The host and port of the reference, sent as `Host`.
        repository: Where an upload is begun, and given up.
    """
    try:
        # Its certificate is not verified: no credentials are sent, and the answer decides a hint only.
        with httpx.Client(
            base_url=url,
            headers={"Host": registry, "User-Agent": AGENT},
            trust_env=False,
            verify=False,
            timeout=_ANSWER_S,
        ) as http:
            base = http.get("/v2/")
            known = "docker-distribution-api-version" in base.headers
            registry_answers = (
                known
                or base.status_code == 401
                or (base.status_code == 200 and base.text.strip() in ("", "{}"))
            )
            where = _upload_at(http, repository) if registry_answers else ""
            return Answers(base.status_code, registry_answers, where)
    except httpx.ConnectError:
        return None
    # A relay takes connections for a port on which nothing listens, and closes them.
    except (httpx.ReadError, httpx.RemoteProtocolError) as error:
        return None if "disconnected" in str(error) or not str(error) else Answers()
    except httpx.HTTPError:
        return None


def _upload_at(http: httpx.Client, repository: str) -> str:
    begun = http.post(f"/v2/{repository}/blobs/uploads/")
    place = begun.headers.get("location", "")
    if place and urlsplit(place).path:
        parts = urlsplit(place)
        # Given up: it would stay in the registry's storage.
        http.delete(f"{parts.path}?{parts.query}")
    return str(urlsplit(place).netloc)
