"""Whether the name leads node 2 to the registry of node 1, and it has pulled by that name."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_yet, passed
from labs.playground import Node, Playground
from labs.repairs.common import engine_sees, has_pulled, image_kept, leads_to, stable, still_pulls
from labs.repairs.no_such_host.set_up import NAME, REFERENCE


def mended(playground: Playground, notes: Answers) -> Finding:
    """Node 2 has pulled the image by the new name, from node 1."""
    return (
        image_kept(playground, notes)
        or _not_pulled(playground, notes)
        or _forgotten(playground.node(1))
        or still_pulls(playground.node(1), notes, REFERENCE)
        or passed()
    )


def _forgotten(server: Node) -> Finding | None:
    """Return None if node 1 knows the name; its engine believes for some seconds what the file had before."""
    if server.read_output(["getent", "hosts", NAME]).stdout:
        return None
    return not_yet(
        f"node 1 does not know {NAME} any more",
        hint=f"it did before: the line `127.0.0.1 {NAME}` of /etc/hosts in node 1",
    )


def _not_pulled(playground: Playground, notes: Answers) -> Finding | None:
    server, user = playground.node(1), playground.node(2)
    known = user.read_output(["getent", "hosts", NAME]).stdout.split()
    if not known:
        return not_yet(
            f"node 2 still does not know {NAME}",
            hint="a line of /etc/hosts in node 2, the machine whose engine pulls: an address, then the name",
        )
    if not leads_to(user, NAME, server):
        return not_yet(
            f"{NAME} leads node 2 to another machine than node 1",
            hint="`getent hosts node1` in node 2 prints the address of node 1 as node 2 reaches it",
        )
    digest, words = engine_sees(user, REFERENCE)
    if digest != notes["digest"]:
        return not_yet(
            f"node 2 asks for {REFERENCE} and gets: {stable(words) or 'another image'}",
            hint="the engine reads /etc/hosts again after five seconds at most",
        )
    if not has_pulled(user, f"{NAME}:5000/team/app", digest):
        return not_yet(
            f"node 2 can pull {REFERENCE} and has not", hint=f"`docker pull {REFERENCE}` in node 2"
        )
    return None
