"""Says what to do about an error of Docker's SDK or an HTTP client, from what the engines of a lesson say of it.

Which request failed, its status and the engine's state decide; the words of a message are of one version of an engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from docker.errors import APIError

from labs.lesson.observation import container_state, newest_on, nothing_published
from labs.lesson.transfer import Surroundings
from labs.registry import Reference, RegistryError

if TYPE_CHECKING:
    from labs.playground import Node, Playground

_LOCAL = ("127.0.0.1", "localhost")


@dataclass(frozen=True)
class _Refused:
    """A request that a node's engine refused."""

    node: Node
    method: str
    path: str
    query: dict[str, list[str]]
    error: APIError

    @property
    def status(self) -> int:
        return int(self.error.status_code or 0)

    @property
    def container(self) -> dict[str, Any]:
        """The container that the request was about, as the engine describes it."""
        found: dict[str, Any] = self.node.docker.api.inspect_container(self.path.split("/")[2])
        return found

    def removal(self, name: str) -> str:
        """The call that removes a container of this node."""
        if self.node.name == "node1":
            return f'lab.remove("{name}")'
        number = self.node.name.removeprefix("node")
        return f'lab.node({number}).docker.containers.get("{name}").remove(force=True)'


def explain(error: BaseException, playground: Playground, ports: Sequence[int]) -> str:
    """What to do about it; empty where nothing that is known was observed.

    Args:
        error: What was raised.
        playground: The one whose engines are asked.
        ports: Those that its nodes publish.
    """
    try:
        if isinstance(error, APIError):
            return _of_an_engine(error, playground, ports)
        return _of_a_port(error, playground, ports)
    except Exception:  # looking must not hide the failure that is looked into
        return ""


def _of_an_engine(error: APIError, playground: Playground, ports: Sequence[int]) -> str:
    request: Any = getattr(error.response, "request", None)
    address = urlsplit(str(request.url))
    for node in _running(playground):
        if urlsplit(str(node.docker.api.base_url)).netloc == address.netloc:
            path = re.sub(r"^/v[\d.]+", "", address.path)
            refused = _Refused(node, str(request.method), path, parse_qs(address.query), error)
            if refused.method == "POST" and path == "/images/create":
                return _not_pulled(refused, playground, ports)
            return next(filter(None, (look(refused) for look in _LOOKS)), "")
    return ""


def _not_pulled(it: _Refused, playground: Playground, ports: Sequence[int]) -> str:
    name, tag = (it.query.get(key, [""])[0] for key in ("fromImage", "tag"))
    separator = "@" if tag.startswith("sha256:") else ":"
    reference = Reference.parse(f"{name}{separator}{tag}" if tag else name)
    urls = {port: it.node.url(port) for port in ports}
    served = lambda: playground.served  # noqa: E731
    around = Surroundings(it.node.docker, reference, urls, served, it.node.name)
    return around.failure("pull", name, it.error)[1]


def _name_taken(it: _Refused) -> str:
    if (it.method, it.path, it.status) != ("POST", "/containers/create", 409):
        return ""
    found = it.node.docker.containers.get(it.query["name"][0])
    return (
        f"{it.node.name} has a container {found.name}, which is {found.status}: "
        f"{it.removal(str(found.name))} removes it; or choose another name"
    )


def _port_taken(it: _Refused) -> str:
    if it.method != "POST" or not re.fullmatch(r"/containers/[^/]+/(re)?start", it.path):
        return ""
    own = it.container
    bindings = (own["HostConfig"]["PortBindings"] or {}).values()
    wanted = {int(each["HostPort"] or 0) for some in bindings for each in some or ()} - {0}
    for other in it.node.docker.api.containers():
        taken = wanted & {port.get("PublicPort", 0) for port in other["Ports"]}
        if taken and other["Id"] != own["Id"]:
            name, made = other["Names"][0].strip("/"), own["Name"].strip("/")
            return (
                f"port {min(taken)} of {it.node.name} is published by container {name}: "
                f"{it.removal(name)} removes that, or publish another port; "
                f"container {made} was made and did not start: {it.removal(made)}"
            )
    return ""


def _no_such_container(it: _Refused) -> str:
    if it.status != 404 or not re.fullmatch(r"/containers/[^/]+/json", it.path):
        return ""
    every = it.node.docker.containers.list(all=True)
    has = ", ".join(sorted(f"{each.name} ({each.status})" for each in every))
    return f"{it.node.name} has {has or 'no container'}"


def _still_running(it: _Refused) -> str:
    if (it.method, it.status) != ("DELETE", 409) or not it.path.startswith("/containers/"):
        return ""
    name = it.container["Name"].strip("/")
    running = it.container["State"]["Running"]
    return f"container {name} is running; {it.removal(name)} stops it too" if running else ""


def _ended(it: _Refused) -> str:
    if it.status != 409 or not re.fullmatch(r"/containers/[^/]+/exec", it.path):
        return ""
    name, state = it.container["Name"].strip("/"), it.container["State"]["Status"]
    if state == "running":
        return ""
    return f'container {name} is {state}: docker.containers.get("{name}").logs() may say why'


def _changed_meanwhile(it: _Refused) -> str:
    """A service that its swarm changed between the reading of its version and the writing."""
    found = re.fullmatch(r"/services/([^/]+)/update", it.path)
    if it.method != "POST" or not found:
        return ""
    now = it.node.docker.api.inspect_service(found[1])["Version"]["Index"]
    if int(it.query.get("version", ["0"])[0]) == now:
        return ""
    return (
        "the swarm changed the service meanwhile, as it does during an update: run the cell again"
    )


_LOOKS: tuple[Callable[[_Refused], str], ...] = (
    _name_taken,
    _port_taken,
    _no_such_container,
    _still_running,
    _ended,
    _changed_meanwhile,
)


def _of_a_port(error: BaseException, playground: Playground, ports: Sequence[int]) -> str:
    """What is at the port that a client of HTTP asked in vain."""
    url = _url_of(error)
    if not url:
        return ""
    address = urlsplit(url)
    for node in _running(playground):
        if urlsplit(str(node.docker.api.base_url)).netloc == address.netloc and node.answers():
            return (
                f"{node.name}'s engine answers now: run the cell again; "
                "what takes longer than the call's time limit needs a longer timeout="
            )
        for port in ports:
            if urlsplit(node.url(port)).netloc == address.netloc:
                found = newest_on(node.docker, port)
                if found is None:
                    return nothing_published(node.docker, port)
                return container_state(found, port)
    if address.hostname in _LOCAL and address.port in ports:
        return (
            f"{address.netloc} is inside the node; from this machine it is lab.url({address.port}), "
            f"or lab.http({address.port})"
        )
    # A node that is off has no address, so a request to what was one is known by elimination.
    off = [node.name for node in playground.nodes if node.fault == "stopped"]
    if address.hostname not in _LOCAL or not off:
        return ""
    calls = ", ".join(f"lab.node({name.removeprefix('node')}).start()" for name in off)
    return f"{' and '.join(off)} {'was' if len(off) == 1 else 'were'} stopped: {calls}"


def _url_of(error: BaseException) -> str:
    """What was asked, or host and port alone; empty where the error does not know, or where a registry has said why."""
    if isinstance(error, RegistryError):
        return "" if error.status else error.url
    request: Any = getattr(error, "request", None)
    if request is not None:
        return str(request.url)
    # requests gives no request where the body came too late; urllib3's error inside has its pool of connections.
    pool: Any = getattr(next(iter(error.args), None), "pool", None)
    return f"https://{pool.host}:{pool.port}" if pool is not None else ""


def _running(playground: Playground) -> list[Node]:
    """The nodes that have an address."""
    return [node for node in playground.nodes if node.fault != "stopped"]
