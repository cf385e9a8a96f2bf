"""Pushes: the image that waits on node 2, whether a registry takes it, whether it has arrived."""

from __future__ import annotations

import httpx

from labs.lesson import Finding, not_yet
from labs.lessons import ask
from labs.playground import Node, Playground
from labs.registry import ACCEPT
from labs.repairs.common.goals import ADDRESS
from labs.repairs.common.servers import ready
from labs.repairs.common.sightings import has_pulled

Member = tuple[str, str]
TOOL = "team/tool"
TOOL_REFERENCE = f"{ADDRESS}/{TOOL}:1"
_IMAGE = "busybox:latest"


def make_tool(user: Node) -> None:
    """Give node 2 an image that it is to push: `registry.lab:5000/team/tool:1`."""
    ready(user, _IMAGE)
    user.docker.images.get(_IMAGE).tag(f"{ADDRESS}/{TOOL}", tag="1")


def begin_upload(node: Node, port: int = 5000, *, tls: bool = False) -> httpx.Response | None:
    """Begin an upload to what answers on a port of the node, as a push does, and cancel it; return the first answer."""
    url = _url(node, port, tls)
    answer = ask(f"{url}/v2/{TOOL}/blobs/uploads/", method="POST")
    if answer is not None and answer.status_code == 202:
        place = httpx.URL(answer.headers["location"]).raw_path.decode()
        ask(url + place, method="DELETE")
    return answer


def said(answer: httpx.Response | None) -> str:
    """A refusal in a line: `405 UNSUPPORTED: The operation is unsupported.`; empty if it is none."""
    if answer is None:
        return "no answer"
    if answer.status_code < 400:
        return ""
    try:
        first = answer.json()["errors"][0]
        return f"{answer.status_code} {first['code']}: {first['message']}"
    except (ValueError, LookupError, TypeError):
        return f"{answer.status_code} {' '.join(answer.text.split())[:80]}"


def user_pushed(
    playground: Playground, port: int = 5000, *, member: Member | None = None, tls: bool = False
) -> Finding | None:
    """Return None if the registry has the image that node 2 was to push, from node 2; otherwise what is missing."""
    server, user = playground.node(1), playground.node(2)
    answer = ask(
        f"{_url(server, port, tls)}/v2/{TOOL}/manifests/1",
        method="HEAD",
        member=member,
        headers={"Accept": ACCEPT},
    )
    if answer is None or answer.status_code != 200:
        return not_yet(
            f"the registry takes pushes, and {TOOL}:1 is not in it",
            hint=f"`docker push {TOOL_REFERENCE}` in node 2",
        )
    digest = answer.headers.get("docker-content-digest", "")
    names = (f"{host}:{port}/{TOOL}" for host in ("registry.lab", "node1"))
    if not any(has_pulled(user, name, digest) for name in names):
        return not_yet(
            f"{TOOL}:1 is in the registry, and it is not the image of node 2",
            hint=f"`docker push {TOOL_REFERENCE}` in node 2",
        )
    return None


def _url(node: Node, port: int, tls: bool) -> str:
    url = node.url(port)
    return url.replace("http:", "https:", 1) if tls else url
