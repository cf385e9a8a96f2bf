"""Whether a registry answers node 2 over TLS on port 5001 of node 1, and what it holds; no certificate is verified."""

from __future__ import annotations

import re
import ssl
from contextlib import suppress

from docker.models.containers import Container

from labs.lesson import Finding, not_attempted, not_yet
from labs.lessons.common import (
    ask,
    named,
    on_port,
    registries_of,
    served,
    settings_of,
    wrong_image,
)
from labs.playground import Playground
from labs.registry import ACCEPT, RegistryClient, RegistryError
from labs.waiting import WaitTimeout, wait_until

PORT = 5001
ADDRESS = f"registry.lab:{PORT}"
_PATIENCE_S = 3.0  # a container runs before it listens, on a busy machine by seconds
_LESSONS_OWN = "registry"
_MISSING = re.compile(r"open \S+: no such file or directory")
_MISMATCH = "private key does not match public key"


def problem(playground: Playground) -> Finding | None:
    """Return None if a registry answers over TLS; otherwise what is there instead."""
    node = playground.node(1)
    container = on_port(node, PORT)
    plain = RegistryClient(node.url(PORT))
    if container and container.status == "running":
        with suppress(WaitTimeout):
            wait_until(plain.speaks, "the registry", timeout_s=_PATIENCE_S)
    if served(playground.node(2), ADDRESS).chain:
        return _over_tls(playground)
    if not plain.speaks():
        return _silent(playground, container)
    try:
        # Go's HTTP server answers 400 to plain HTTP on a port with TLS.
        plain.ping()
    except RegistryError as error:
        return _over_tls(playground) if error.status == 400 else _no_registry()
    return not_yet(
        f"{ADDRESS} speaks plain HTTP, wanted HTTPS",
        hint="REGISTRY_HTTP_TLS_CERTIFICATE and REGISTRY_HTTP_TLS_KEY name the two files inside the container",
    )


def has(playground: Playground, repository: str, tag: str) -> bool:
    """Whether the registry has that tag."""
    return _status(playground, f"/v2/{repository}/manifests/{tag}") == 200


def digest(playground: Playground, repository: str, tag: str) -> str:
    """The digest that a tag has in the registry."""
    with _registry(playground) as registry:
        return registry.head(repository, tag).digest


def wrong_image_at(playground: Playground, repository: str, tag: str) -> Finding | None:
    """Return None if a tag is the image of the course that has its name; otherwise what is wrong."""
    with _registry(playground) as registry:
        return wrong_image(playground, registry, repository, tag, image=f"{repository}:{tag}")


def _registry(playground: Playground) -> RegistryClient:
    # Whether the certificate is right is judged by other checks, with messages of their own.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return RegistryClient(_url(playground), verify=context)


def _url(playground: Playground) -> str:
    return playground.node(1).url(PORT).replace("http:", "https:", 1)


def _status(playground: Playground, path: str) -> int:
    """The status of a GET over TLS; 0 if nothing answers. The certificate is not verified here."""
    answer = ask(_url(playground) + path, headers={"Accept": ACCEPT})
    return answer.status_code if answer is not None else 0


def _no_registry() -> Finding:
    return not_yet(
        f"something answers at {ADDRESS}, but it is not a registry",
        hint="the image to run is registry:2",
    )


def _over_tls(playground: Playground) -> Finding | None:
    """Something on node 1 speaks TLS: whether node 2 reaches it, and whether it is a registry."""
    met = served(playground.node(2), ADDRESS)
    if met.refused:
        return not_yet(
            f"a registry answers on port {PORT} of node 1 itself, and node 2 does not reach it",
            hint='ports={"5000/tcp": 5001} publishes it on every address of node 1',
        )
    if not met.chain:
        return not_yet(
            f"node 2 gets no certificate from {ADDRESS}",
            hint='check again; then inspect(lab.node(2), "registry.lab:5001")',
        )
    return None if _status(playground, "/v2/") in (200, 401) else _no_registry()


def _silent(playground: Playground, container: Container | None) -> Finding:
    """Return why nothing answers on the port, by the state of the registry that should."""
    node = playground.node(1)
    found = container or next((c for c in registries_of(node) if c.name != _LESSONS_OWN), None)
    if found is None:
        return not_attempted(f"run a registry that answers over TLS at {ADDRESS}")
    if found.status == "running":
        return not_yet(
            f"{named(found)} runs, and nothing answers on port {PORT}",
            hint='the registry listens on 5000 in its container: ports={"5000/tcp": 5001}',
        )
    words, hint = _last_words(found)
    return not_yet(f"{named(found)} is {found.status}, wanted running: {words}", hint=hint)


def _last_words(container: Container) -> tuple[str, str]:
    """Why a registry gave up, as far as it is about its certificate, and what to do."""
    log = container.logs(tail=5).decode(errors="replace")
    if missing := _MISSING.search(log):
        return missing[0], "the path is one inside the container: which folder is /certs there?"
    if _MISMATCH in log:
        return _MISMATCH, (
            "the key is that of the first certificate in the file; the intermediate's comes after it"
        )
    tells = f'docker.containers.get("{container.name}").logs() tells why'
    if any(name.startswith("REGISTRY_HTTP_TLS") for name in settings_of(container)):
        return "it gave up", tells
    return "it has no REGISTRY_HTTP_TLS_… setting", tells
