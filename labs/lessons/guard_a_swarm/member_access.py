"""Asks the registry through each node as member and as untrusted client, and checks what it still has."""

from __future__ import annotations

import ssl

import httpx

from labs.lesson import Finding, not_yet
from labs.lessons.common import Member, Request, ask, open_to_strangers, served, silent
from labs.lessons.guard_a_swarm.registry_service import PORT, Guard, has_given_up
from labs.playground import Node, NodeUnavailable, Playground
from labs.registry import Index, RegistryClient, RegistryError, Served
from labs.waiting import WaitTimeout, wait_until

HOST = "registry.lab"
REPOSITORY, TAG = "site", "1"
_PATIENCE_S = 15.0  # for a task that moves and, after it, the proxy that has to find it
_AGAIN_S = 15.0
# Statuses of a registry. 5xx are those of a proxy, or of a registry whose storage is not ready yet.
_SETTLED = (200, 401, 404)


def status(node: Node, member: Member | None = None, *, scheme: str = "https") -> int:
    """The status of GET /v2/ through a node; 0 where nothing there speaks that scheme."""
    answer = ask(_url(node, scheme) + "/v2/", member=member, host=HOST)
    return answer.status_code if answer is not None else 0


def steady(node: Node, member: Member | None = None) -> int:
    """Return the same for a port that answered before: a proxy that lost a task needs a moment to find another.

    Raises:
        NodeUnavailable: It does not answer any more.
    """
    try:
        return wait_until(lambda: status(node, member), "it", timeout_s=_AGAIN_S, interval_s=0.3)
    except WaitTimeout as error:
        raise NodeUnavailable(f"port {PORT} of {node.name} has ceased to answer") from error


def _url(node: Node, scheme: str = "https") -> str:
    return node.url(PORT).replace("http:", f"{scheme}:", 1)


def closed(playground: Playground, guard: Guard | None) -> Finding | None:
    """Return None if something speaks TLS on the port of every node; a task that moves gets some seconds."""
    # Tasks that exit again and again, or an update that paused, do not change by waiting.
    patience_s = 1.0 if has_given_up(playground) else _PATIENCE_S
    left = silent(playground.nodes, _speaks, none_s=patience_s)
    if not left and not any(_is_plain(node) for node in playground.nodes):
        return None
    if not left:
        return not_yet(
            f"port {PORT} speaks plain HTTP, wanted TLS",
            hint="REGISTRY_HTTP_TLS_CERTIFICATE and REGISTRY_HTTP_TLS_KEY, and the files they name",
        )
    answering = len(playground.nodes) - len(left)
    return not_yet(
        f"a registry with TLS answers on port {PORT} of {answering} of {len(playground.nodes)} nodes",
        hint=_why_silent(playground, guard),
    )


def _speaks(node: Node) -> bool:
    """Whether a registry answers through a node, with TLS or without."""
    return status(node) in _SETTLED or _is_plain(node)


def _is_plain(node: Node) -> bool:
    """Whether a registry speaks HTTP without TLS; one with TLS answers that with 400."""
    return status(node, scheme="http") in _SETTLED


def _why_silent(playground: Playground, guard: Guard | None) -> str:
    name = guard.name if guard else "registry"
    if guard is None:
        return f'lab.swarm.publish("{name}", port={PORT})'
    errors = sorted({task.error for task in playground.swarm.tasks(name) if task.error})
    return (
        f"a task of {name} says: {errors[0]}"
        if errors
        else f'lab.swarm.publish("{name}", port={PORT})'
    )


def untrusted(playground: Playground) -> Finding | None:
    """Return None if each node verifies registry.lab with the lesson's certificate; otherwise what is wrong.

    Raises:
        NodeUnavailable: One does not reach it at all.
    """
    address = f"{HOST}:{PORT}"
    doubting = 0
    for node in playground.nodes:
        seen = _met(node, address)
        own = seen.chain[0]
        doubting += not (seen.trusted and own.covers(HOST) and own.valid_now)
    if not doubting:
        return None
    return not_yet(
        f"{doubting} of {len(playground.nodes)} nodes do not trust the certificate of {address}",
        hint="serve the one of the lesson: the config registry.crt, with the secret registry.key",
    )


def _met(node: Node, address: str) -> Served:
    """Return what a node is served; a proxy that lost a task needs a moment to find another."""
    found: list[Served] = []

    def meets() -> bool:
        found[:] = [served(node, address)]
        return bool(found[0].chain)

    try:
        wait_until(meets, address, timeout_s=_AGAIN_S, interval_s=0.5)
    except WaitTimeout as error:
        words = found[0].words[-200:]
        raise NodeUnavailable(f"{node.name} does not reach {address}: {words}") from error
    return found[0]


def kept_out(playground: Playground, member: Member, guard: Guard | None) -> Finding | None:
    """Return None if a member is accepted with the right password, through each node; otherwise what is wrong."""
    seen = [steady(node, member) for node in playground.nodes]
    if set(seen) == {200}:
        return None
    user = member[0]
    other = next(each for each in seen if each != 200)
    said = f"{user} with the password {member[1]} gets {other}, wanted 200"
    lines = guard.lines if guard else {}
    if not guard or not lines:
        return not_yet(said, hint="is a secret with the members' lines where the registry looks?")
    if list(lines) == ["docker"]:
        return not_yet(
            f"{said}: the registry found no file at {guard.path} and made one, for a user called docker",
            hint="SecretReference(id, name, filename): below /run/secrets the file is called filename, else name",
        )
    if user not in lines:
        return not_yet(
            f"{said}: {guard.path} has a line for {', '.join(sorted(lines))} alone",
            hint="the new secret takes the place of the old one: it has to hold the lines of both",
        )
    if user in guard.has_other_hash:
        return not_yet(
            f"{said}: the line of {user} has no bcrypt", hint="a registry takes bcrypt alone"
        )
    return not_yet(
        f"{said}: the line of {user} is bcrypt of another password",
        hint="an end of line that was hashed with it counts, too",
    )


def too_open(playground: Playground, first: Member, second: Member) -> Finding | None:
    """Return None if requests without or with a wrong password are refused; otherwise what is wrong."""
    # Real passwords of the wrong user too: a proxy that looks at the password alone would accept them.
    wrong = (first[0], second[1]), (second[0], first[1]), ("nobody", "nothing")
    for node in playground.nodes:
        if (seen := steady(node)) != 401:
            return not_yet(
                f"GET /v2/ without a password gives {seen}, wanted 401",
                hint="REGISTRY_AUTH, and its realm and path, have to be among the service's variables",
            )
        for member in wrong:
            if (seen := steady(node, member)) != 401:
                return not_yet(
                    f"user {member[0]} with a wrong password gets {seen}, wanted 401",
                    hint="REGISTRY_AUTH=htpasswd is the one that looks at passwords",
                )
    # A proxy may guard one path and leave the others open.
    if found := open_to_strangers(REPOSITORY, TAG, lambda r: _send(playground.node(1), r)):
        return not_yet(
            f"without a password {found[0]} gives {found[1]}, wanted 401",
            hint="the registry itself asks at every request: REGISTRY_AUTH, not a proxy before it",
        )
    return None


def _send(node: Node, request: Request) -> httpx.Response | None:
    def send() -> httpx.Response | None:
        return ask(
            _url(node) + request.path,
            method=request.method,
            headers=request.headers,
            content=request.content,
            host=HOST,
        )

    answer = send()
    if answer is None:
        steady(node)
        answer = send()
    return answer


def as_client(node: Node, member: Member) -> RegistryClient:
    """A client of the registry with a member's password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Not verified here: `untrusted` judges the certificate, from each node.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return RegistryClient(_url(node), auth=member, verify=context, timeout_s=30.0)


def lost(playground: Playground, member: Member) -> Finding | None:
    """Return None if the image that the lesson pushed can still be read, every byte of it; otherwise what is wrong."""
    steady(playground.node(1))
    try:
        with as_client(playground.node(1), member) as registry:
            found = registry.manifest(REPOSITORY, TAG)
            parts = () if isinstance(found, Index) else (found.config, *found.layers)
            for part in parts:
                registry.blob(REPOSITORY, part.digest)
    except RegistryError as error:
        if not error.status:
            raise NodeUnavailable(str(error)) from error
        return not_yet(
            f"the registry has no {REPOSITORY}:{TAG} any more: {error.status} {error.code}".strip(),
            hint="its data are in the store: a service made again needs the same REGISTRY_STORAGE settings",
        )
    return None
