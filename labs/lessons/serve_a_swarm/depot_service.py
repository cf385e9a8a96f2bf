"""Checks what the service `depot` serves on port 5001 while all nodes are on: the image, from each node, each time."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx

from labs.lesson import Finding, not_yet
from labs.lessons.common import silent, upload, wrong_image
from labs.playground import Node, Playground, ServiceState, Swarm, service_spec
from labs.registry import Manifest, RegistryClient, RegistryError, authorities

SERVICE, PORT, FIRST_PORT = "depot", 5001, 5000
REPOSITORY, TAG = "hello-world", "latest"
# A registry that was just started needs seconds, and gossip of the overlay network up to 30; a busy machine needs more.
_STARTED_S = 30.0
_SETTLED_S = 60.0
# Rounds with the same result: replicas take turns, so one round may reach the good one only.
_CERTAIN = 3
_UPLOADS = 3  # through each node: a single upload may reach the same replica twice
_UNKNOWN = "BLOB_UPLOAD_UNKNOWN"
_PUSH = f"tag it as 127.0.0.1:{PORT}/{REPOSITORY} and push that from node 1"


def service(swarm: Swarm, name: str) -> ServiceState | None:
    """A service of the swarm, as it is now."""
    return next((each for each in swarm.state().services if each.name == name), None)


def problem(playground: Playground) -> Finding | None:
    """Return None if depot serves as it should with all nodes on; otherwise what is wrong."""
    return (
        _not_on_every_node(playground)
        or _not_the_same(playground)
        or _another_image(playground)
        or _one_folder(playground)
        or _uploads_break(playground)
    )


def fetch(node: Node) -> str:
    """Fetch the image as a pull does, every byte verified.

    Returns:
        `whole`, `silent` where no registry answers, else the status: `404`.
    """
    try:
        with RegistryClient(node.url(PORT), timeout_s=10.0) as client:
            manifest = client.manifest(REPOSITORY, TAG)
            if not isinstance(manifest, Manifest):
                return "whole"
            for part in (manifest.config, *manifest.layers):
                client.blob(REPOSITORY, part.digest)
    except RegistryError as error:
        return str(error.status) if error.status else "silent"
    return "whole"


def fetch_from(nodes: list[Node]) -> Counter[str]:
    """Fetch through each of the nodes at once, and count what came of it."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        return Counter(pool.map(fetch, nodes))


def _not_on_every_node(playground: Playground) -> Finding | None:
    """Whether a registry answers on the port of each node; one that has started now gets some seconds."""
    nodes = playground.nodes
    answering = len(nodes) - len(silent(nodes, _is_registry, none_s=_STARTED_S))
    if answering == len(nodes):
        return None
    return not_yet(
        f"a registry answers on port {PORT} of {answering} of {len(nodes)} nodes",
        hint=_why_silent(playground),
    )


def _is_registry(node: Node) -> bool:
    try:
        with RegistryClient(node.url(PORT), timeout_s=3.0) as client:
            client.catalog()
    # LookupError and the others: an answer with status 200 that is not a catalog.
    except (RegistryError, LookupError, ValueError, TypeError):
        return False
    return True


def _why_silent(playground: Playground) -> str:
    found = service(playground.swarm, SERVICE)
    if found and found.wanted and not found.running:
        errors = sorted({t.error for t in playground.swarm.tasks(SERVICE) if t.error})
        return f"none of its tasks runs: {errors[0]}" if errors else "none of its tasks runs"
    return f'lab.swarm.publish("{SERVICE}", port={PORT}, target=5000)'


def _not_the_same(playground: Playground) -> Finding | None:
    """Whether each answer has the image: replicas that share nothing take turns with and without it.

    A replica on a node that has just come back may not be reachable yet, and is asked again.
    """
    seen: Counter[str] = Counter()
    good = lacking = 0
    deadline = time.monotonic() + _SETTLED_S
    while lacking < _CERTAIN and time.monotonic() < deadline:
        now = fetch_from(playground.nodes)
        good = good + 1 if set(now) == {"whole"} else 0
        if good == _CERTAIN:
            return None
        # Only 404 shows that a replica lacks the image; no answer may be gossip that has not arrived.
        lacking += now["404"] > 0
        seen += now
    if not lacking:
        return not_yet(
            f"{SERVICE} does not serve {REPOSITORY} through every node: {_statuses(seen)}",
            hint=f"`docker service logs {SERVICE}`, typed in lab.shell(), tells why",
        )
    if not seen["whole"]:
        return not_yet(f"{SERVICE} has no {REPOSITORY}:{TAG}", hint=_PUSH)
    return _unshared()


def _another_image(playground: Playground) -> Finding | None:
    """Whether what is served, the same by all replicas, is hello-world."""
    with RegistryClient(playground.node(1).url(PORT), timeout_s=10.0) as client:
        return wrong_image(playground, client, REPOSITORY, TAG, image=f"{REPOSITORY}:{TAG}")


def _one_folder(playground: Playground) -> Finding | None:
    """Whether the registry on port 5000 keeps its data in the same folder of the store; asked by writing to both."""
    raw = service_spec.service(playground.swarm.reach().docker.api, SERVICE)
    content = raw["Spec"]["TaskTemplate"]["ContainerSpec"]
    # Only then: to look into the store would make it where there is none. A file may name it.
    named = "REGISTRY_STORAGE=s3" in (content.get("Env") or [])
    if not (named or content.get("Secrets") or content.get("Configs")):
        return None
    own, first = (_folder(playground, port) for port in (PORT, FIRST_PORT))
    if not own or own != first:
        return None
    return not_yet(
        f"{SERVICE} and the registry on port {FIRST_PORT} write to one folder of the store, wanted one of its own",
        hint="rootdirectory of its s3 settings names it; push once more afterwards",
    )


def _folder(playground: Playground, port: int) -> str:
    """The place in the store where an upload through a port arrives, with the bucket; empty if it does not."""
    node, store = playground.node(1), playground.store
    with upload(node, node.url(port)) as begun:
        return begun.place_in(store, store.bucket) if begun else ""


def _unshared() -> Finding:
    return not_yet(
        f"some answers of {SERVICE} have {REPOSITORY} and others have not, wanted it in all",
        hint="the replicas do not share their storage, so the push reached one of them",
    )


def _statuses(seen: Counter[str]) -> str:
    words = sorted(what for what in seen if what != "whole")
    return ", ".join("no answer" if what == "silent" else f"status {what}" for what in words)


def _uploads_break(playground: Playground) -> Finding | None:
    """Whether an upload that one request opens can be continued by the next."""
    codes = sorted({_upload(node) for node in playground.nodes for _ in range(_UPLOADS)})
    if codes == [""]:
        return None
    if _UNKNOWN in codes:  # its secret is known, its storage has nothing of that upload
        return _unshared()
    refused = next(code for code in codes if code)
    return not_yet(
        f"an upload to {SERVICE} that one request opens is refused to the next: {refused}",
        hint="each replica has an http.secret of its own: give all the same, in the file that they read",
    )


def _upload(node: Node) -> str:
    """Open an upload, send bytes over another connection, and cancel it; return the error's code, if there is one."""
    base = node.url(PORT)
    # Without a client, each request has a connection of its own. The authorities were read before: to read them
    # takes longer than a request.
    asking: dict[str, Any] = {"trust_env": False, "timeout": 15.0, "verify": authorities()}
    try:
        opened = httpx.post(f"{base}/v2/{REPOSITORY}/blobs/uploads/", **asking)
        if opened.is_error:
            return _code(opened)
        # Only the path: the registry names the host as it knows itself, which this machine may not reach.
        path = httpx.URL(opened.headers["location"]).raw_path.decode()
        sent = httpx.patch(base + path, content=b"some bytes", **asking)
        if sent.is_error:
            return _code(sent)
        path = httpx.URL(sent.headers["location"]).raw_path.decode()
        # Cancelled: the registry would keep the bytes of an upload that is never completed.
        httpx.delete(base + path, **asking)
    except httpx.HTTPError:
        return "no answer"
    return ""


def _code(answer: httpx.Response) -> str:
    with suppress(LookupError, ValueError, TypeError):
        return str(answer.json()["errors"][0]["code"])
    return str(answer.status_code)
