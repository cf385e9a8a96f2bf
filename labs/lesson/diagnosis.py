"""Says what to do about a push or pull that failed, from what was observed.

The engine's message names the step that failed. Its words alone mislead: a repository may be called `denied`, and a
connection is also refused where a proxy sent the engine to another port.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from labs.lesson.observation import Answers, Server
from labs.registry import Reference

_HUB = "docker.io"
# Engines before 24 say `error parsing HTTP 413 response body`, later ones quote a proxy's page.
_STATUS = re.compile(
    r"(?:error parsing HTTP|unexpected HTTP status:|<title>)\s*(\d{3})\b", re.IGNORECASE
)
_URL = re.compile(r"\bhttps?://[^\s\"]+")
_GATEWAY = (502, 503, 504)
# Reasons of a 500 that no second try changes, as operating systems call them.
_PERMANENT = ("read-only file system", "no space left on device", "permission denied")
# Messages of the engine that are the reason itself, and the first that fits counts: `denied` and `not found` are in
# many, so more specific ones come before them.
_WORDS = (
    (
        "server gave HTTP response to HTTPS client",
        "list the registry in the engine's insecure-registries",
    ),
    (
        "client sent an HTTP request to an HTTPS server",
        "this registry speaks TLS; a proxy in front of it has to tell it so: X-Forwarded-Proto https",
    ),
    ("no such host", "the engine resolves names, not the notebook: it knows no such host"),
    (
        "does not exist locally",
        "docker.images.list() shows what you have; image.tag(…) gives it this name",
    ),
    (
        "unknown authority",
        "put the authority's certificate into certs.d/<host:port>/ca.crt of the engine",
    ),
    (
        "incorrect username or password",
        "a wrong name or password, or an access token that was switched off: docker.login(…, reauth=True)",
    ),
    ("too many wrong passwords", "wait as long as it says, then log in with the right one"),
    # Before `unauthorized`, which an engine may add: the login was good, and is not enough.
    (
        "requested access to the resource is denied",
        "this user may not do that in this repository, or there is none of that name",
    ),
    ("no basic auth credentials", "log in to exactly this host: docker.login(…, registry=…)"),
    ("unauthorized", "log in to exactly this host: docker.login(…, registry=…)"),
    ("denied", "this user may not do that in this repository, or there is none of that name"),
    ("manifest unknown", "the registry has no such tag: lab.registry.tags(…) lists those it has"),
    (
        "not found",
        "the registry has no such repository or tag: lab.registry.catalog() lists those it has",
    ),
    ("toomanyrequests", "the registry limits pulls; wait, or log in"),
)
_REFUSED = "nothing listens there: is the registry's container running, on that port?"


@dataclass(frozen=True)
class Hub:
    """Where else an image could have been found that was looked for on Docker Hub.

    Attributes:
        served: What the lesson's mirror has, which nodes ask first; empty if that is not known.
        on_node: Whether the node has an image of that name.
        holder: Host and port of a registry on the node that has the repository.
    """

    served: tuple[str, ...] = ()
    on_node: bool = False
    holder: str = ""


@dataclass(frozen=True)
class Failure:
    """A push or pull that failed, with what could be observed.

    Attributes:
        verb: `push` or `pull`.
        reference: What was moved.
        said: The engine's words.
        server: The container that publishes the reference's port.
        ports: Ports of the node by the host and port under which this machine reaches them.
        answers: Asks the server how it answers, None if it does not; called only where the rest is not enough.
        hub: Looks for an image that has no registry in its name; called for such ones only.
    """

    verb: str
    reference: Reference
    said: str
    server: Server | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    answers: Callable[[], Answers | None] = lambda: None
    hub: Callable[[], Hub] = Hub

    @property
    def registry(self) -> str:
        """Host and port of the reference."""
        return self.reference.registry

    @property
    def status(self) -> int:
        """The HTTP status that the engine got and did not expect; 0 if it names none."""
        found = _STATUS.search(self.said)
        return int(found[1]) if found else 0

    @property
    def words(self) -> str:
        """The engine's words without names and addresses, which may hold any word."""
        # A page of a web server has words of its own: `404 Not Found`.
        plain = re.sub(r'"[^"]*"', "", _URL.sub("", self.said.partition("<")[0]))
        for name in (self.reference.name, self.reference.familiar_name, self.reference.repository):
            plain = re.sub(rf"(?<![\w/.-]){re.escape(name)}(?![\w/-])\S*", "", plain)
        return plain.lower()


def hint(failure: Failure) -> str:
    """What to do about it; empty where nothing that is known was observed."""
    for look in _LOOKS:
        if found := look(failure):
            return found
    return ""


def in_vain(registry: str, server: Server | None, answers: Callable[[], Answers | None]) -> str:
    """Why a push will be refused again and again, from the registry's log or answers; empty if it might be taken.

    Args:
        registry: Host and port of the reference.
        server: The container that publishes that port.
        answers: Asks the server how it answers.
    """
    if server and any(reason in server.detail for reason in _PERMANENT):
        return f"the registry answers {server.refused or 500} to each try, and its log says: {server.detail}"
    if server and server.takes_no_push and server.refused:
        return f"the registry answers {server.refused} to each try"
    found = answers()
    # A gateway's error may pass: the registry behind it may come back.
    if found is None or found.status in _GATEWAY:
        return ""
    if not found.registry:
        return _no_registry(registry, found)
    if found.upload_at and ":" in registry and ":" not in found.upload_at:
        return f"each answer sends the engine on to {found.upload_at}, which is not {registry}"
    return ""


def _port_of_this_machine(it: Failure) -> str:
    inside = it.ports.get(it.registry.replace("localhost", "127.0.0.1"))
    if inside is None or it.server:
        return ""
    there = f"127.0.0.1:{inside}"
    return (
        f"{it.registry} is where this machine reaches the node; the engine is inside the node, "
        f"and there it is {there}: {there}/{it.reference.repository}"
    )


def _docker_hub(it: Failure) -> str:
    if it.registry != _HUB:
        return ""
    own = f"127.0.0.1:5000/{it.reference.familiar_name}"
    if it.verb == "push":
        return f'without a registry, a push goes to Docker Hub: image.tag("{own}"), then push that'
    return _nowhere(it.reference, it.hub())


def _nowhere(reference: Reference, hub: Hub) -> str:
    name = reference.familiar
    if hub.holder:
        return (
            f"without a registry, it is looked for on Docker Hub; {hub.holder} has that repository: "
            f"{hub.holder}/{name}"
        )
    if hub.on_node:
        return f"{name} is on this node already, and only there: without a registry, a pull asks Docker Hub"
    if name in hub.served:
        return f"the lesson's mirror has {name} and did not give it: lab = labs.open(…) in a new cell repairs it"
    if hub.served:
        return (
            f"{name} is not on this node, nor in this lesson's mirror, which has "
            f"{', '.join(sorted(hub.served))}: is it spelled right?"
        )
    return "without a registry, it is looked for on Docker Hub: is it spelled right?"


def _stored(it: Failure) -> str:
    """Reasons that only the registry's log has."""
    server = it.server
    if it.verb != "push" or server is None or not server.detail:
        return ""
    if "read-only file system" in server.detail:
        mounts = ", ".join(server.read_only)
        if not mounts:
            return f"container {server.name} cannot write: run it without read_only=True"
        return (
            f"container {server.name} cannot write: {mounts} is mounted read-only; "
            'mount it with "mode": "rw", or in text without :ro'
        )
    if "no space left" in server.detail:
        return f"the disk that container {server.name} stores on is full"
    if "permission denied" in server.detail:
        return f"the user of container {server.name} may not write into its folder"
    return f"the log of container {server.name} says: {server.detail}"


def _takes_no_push(it: Failure) -> str:
    if it.verb != "push" or it.server is None or not it.server.takes_no_push:
        return ""
    return f"container {it.server.name} takes no pushes: its settings make it read-only, or a cache"


def _too_large(it: Failure) -> str:
    if it.status != 413 and not (it.server and it.server.refused == 413):
        return ""
    return (
        f"the proxy at {it.registry} limits the size of a request, and a layer is larger; "
        "nginx: client_max_body_size 0;"
    )


def _gateway(it: Failure) -> str:
    if it.status not in _GATEWAY:
        return ""
    return f"the proxy at {it.registry} does not reach the registry behind it"


def _sent_elsewhere(it: Failure) -> str:
    """A proxy that does not pass on the port, or the scheme, of the request."""
    for url in _URL.findall(it.said):
        parts = urlsplit(url)
        if "/blobs/uploads/" in parts.path and parts.netloc != it.registry:
            return _proxy(it, parts.netloc)
    return ""


def _proxy(it: Failure, netloc: str) -> str:
    return (
        f"the answer sent the engine on to {netloc}, not to {it.registry}: a proxy in front of the registry "
        "has to pass on the host with its port; nginx: proxy_set_header Host $http_host;"
    )


def _ended(it: Failure) -> str:
    if it.server is None or it.server.status == "running":
        return ""
    said = f": {it.server.last_words}" if it.server.last_words else ""
    return f"container {it.server.name}, which has that port, is {it.server.status}{said}"


def _in_words(it: Failure) -> str:
    return next((hint for words, hint in _WORDS if words.lower() in it.words), "")


def _as_it_answers(it: Failure) -> str:
    answers = it.answers()
    if answers is None:
        return _REFUSED if "connection refused" in it.words else ""
    if answers.upload_at and answers.upload_at != it.registry:
        return _proxy(it, answers.upload_at)
    if not answers.registry:
        return _no_registry(it.registry, answers)
    return ""


def _no_registry(registry: str, answers: Answers) -> str:
    how = f"GET /v2/ gives {answers.status}" if answers.status else "it does not speak HTTP"
    return f"what listens at {registry} is not a registry: {how}"


def _page(it: Failure) -> str:
    if "<html" not in it.said.lower() and "error parsing http" not in it.words:
        return ""
    return f"{it.registry} answered {it.status} with a page: not a registry, or a proxy that does not pass /v2/ on"


_LOOKS = (
    _port_of_this_machine,
    _docker_hub,
    _too_large,
    _gateway,
    _takes_no_push,
    _stored,
    _sent_elsewhere,
    _ended,
    _in_words,
    _as_it_answers,
    _page,
)
