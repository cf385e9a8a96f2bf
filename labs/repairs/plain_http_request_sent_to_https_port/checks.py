"""Whether an upload goes on over TLS, and node 2's image came in by the proxy."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons import ask, is_insecure
from labs.playground import Node, Playground
from labs.repairs.common import (
    ADDRESS,
    begin_upload,
    image_kept,
    said,
    speaks_plain,
    still_insecure,
    still_pulls,
    trusts_no_authority,
    user_pushed,
)

_CONFIGURATION = "/srv/proxy/registry.conf"


def mended(playground: Playground, notes: Answers) -> Finding:
    """The proxy does TLS, node 2 verifies it, and addresses of uploads begin with https or with a slash."""
    server = playground.node(1)
    return (
        _without_tls(playground)
        or image_kept(playground, notes)
        or _sent_elsewhere(server)
        or user_pushed(playground, tls=True)
        or still_pulls(playground.node(2), notes)
        or trusts_no_authority(playground.node(2))
        or passed()
    )


def _without_tls(playground: Playground) -> Finding | None:
    if speaks_plain(playground.node(1)):
        return not_yet(
            f"{ADDRESS} speaks plain HTTP, wanted TLS", hint="the proxy is there to do TLS"
        )
    if is_insecure(playground.node(2), ADDRESS):
        return not_yet(
            f"node 2 takes any certificate from {ADDRESS}, wanted one that it verifies",
            hint=still_insecure(playground.node(2))
            or "the certificate is good; the mistake is in an address that the registry gives",
        )
    answer = ask(f"{_url(playground.node(1))}/v2/")
    if answer is None or "nginx" not in answer.headers.get("server", ""):
        return not_yet(
            "what answers on port 5000 of node 1 is not the proxy",
            hint="`docker logs proxy` on node 1; `docker exec proxy nginx -t` names a mistake in its file",
        )
    return None


def _sent_elsewhere(server: Node) -> Finding | None:
    answer = begin_upload(server, tls=True)
    if answer is None or said(answer):
        return not_yet(f"an upload cannot begin at {ADDRESS}: {said(answer)}")
    scheme = answer.url.join(answer.headers["location"]).scheme
    if scheme == "https":
        return None
    known = "X-Forwarded-Proto" in server.read_output(["cat", _CONFIGURATION]).stdout
    return not_yet(
        f"an upload that was begun over TLS is to go on at {scheme}://…",
        hint="nginx reads its file at `nginx -s reload`; $scheme is how the client asked"
        if known
        else "the registry writes addresses as it was asked, by the proxy in plain HTTP",
    )


def _url(server: Node) -> str:
    return server.url(5000).replace("http:", "https:", 1)
