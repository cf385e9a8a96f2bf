"""What most repairs must reach: the user's machine pulls the image that was there before, from the same server."""

from __future__ import annotations

import ipaddress
import re

from labs.lesson import Answers, Finding, not_yet
from labs.lessons import ask
from labs.playground import Node, Playground
from labs.registry import Manifest, RegistryClient, RegistryError
from labs.repairs.common.servers import REPOSITORY, TAG
from labs.repairs.common.sightings import (
    engine_sees,
    has_pulled,
    keeps,
    leads_to,
    let_it_start,
    still_insecure,
)

HOST = "registry.lab"
ADDRESS = f"{HOST}:5000"
REFERENCE = f"{ADDRESS}/{REPOSITORY}:{TAG}"
# Differs in each playground and on each day, and a verdict has the same text in all of them.
_VOLATILE = re.compile(r"\b\d+(\.\d+){3}\b|: current time .*|sha256:[0-9a-f]{64}")
_WIDEST = 8  # bits of a network's prefix: an organization's own is not wider


def image_kept(
    playground: Playground,
    notes: Answers,
    port: int = 5000,
    *,
    member: tuple[str, str] | None = None,
) -> Finding | None:
    """Return None if node 1 serves the image that was there before; otherwise what it serves."""
    found = keeps(playground.node(1), port, REPOSITORY, TAG, member=member)
    if found == notes["digest"]:
        return None
    seen = "is another image now" if found else f"is not served on port {port} of node 1"
    return not_yet(
        f"{REPOSITORY}:{TAG} {seen}; wanted what was there before, on the same port",
        hint="a new registry is empty: run it with the volume or the folder of the old one",
    )


def user_pulls(playground: Playground, notes: Answers) -> Finding | None:
    """Return None if node 2 has pulled the image of before by its old name from node 1; otherwise why not."""
    server, user = playground.node(1), playground.node(2)
    if not leads_to(user, HOST, server):
        return not_yet(
            f"on node 2, {HOST} does not lead to node 1 any more",
            hint="`getent hosts registry.lab` in node 2; look at its /etc/hosts",
        )
    if wide := _believes_everyone(playground):
        return not_yet(
            f"node 2 now accepts any certificate and plain HTTP of {wide}",
            hint=still_insecure(user) or f"insecure-registries for one registry: {ADDRESS}",
        )
    digest, said = engine_sees(user, REFERENCE)
    if not digest:
        return not_yet(f"node 2 asks for {REFERENCE} and gets: {stable(said)}")
    if digest != notes["digest"]:
        return not_yet(
            f"node 2 sees another image at {REFERENCE} than the one that was there before",
            hint="does the name lead node 2 to the registry of node 1?",
        )
    if not has_pulled(user, f"{ADDRESS}/{REPOSITORY}", digest):
        return not_yet(
            f"node 2 can pull {REFERENCE} and has not", hint=f"`docker pull {REFERENCE}` in node 2"
        )
    return None


def still_pulls(node: Node, notes: Answers, reference: str = REFERENCE) -> Finding | None:
    """Return None if a node that could pull the image before still can; otherwise what its engine says."""
    digest, said = engine_sees(node, reference)
    if digest == notes["digest"]:
        return None
    number = node.name.removeprefix("node")
    return not_yet(
        f"node {number} asks for {reference} and gets: {stable(said) or 'another image'}",
        hint=f"that worked before: what was changed on node {number}, or in the registry's container?",
    )


def stable(words: str) -> str:
    """An error's words without what differs each time."""
    return _VOLATILE.sub("…", words)


def _believes_everyone(playground: Playground) -> str:
    """The networks, if any, for whose every registry node 2 dropped TLS; empty for a usual range."""
    ranges = playground.node(2).docker.info()["RegistryConfig"]["InsecureRegistryCIDRs"] or ()
    wide = [each for each in ranges if ipaddress.ip_network(each).prefixlen < _WIDEST]
    return ", ".join(sorted(wide))


def guarded_image_kept(
    playground: Playground, notes: Answers, *members: tuple[str, str]
) -> Finding | None:
    """Return None if node 1 asks everyone for a password, lets in the members, and serves them the image of before."""
    server = playground.node(1)
    let_it_start(server, 5000)
    url = f"{server.url(5000)}/v2/"
    stranger = ask(url)
    if stranger is None:
        return not_yet(
            "no registry answers on port 5000 of node 1", hint="`docker logs registry` on node 1"
        )
    if stranger.status_code != 401 or _let_in(url, (members[0][0], "wrong")):
        return not_yet(
            "the registry on port 5000 of node 1 answers strangers, wanted a password from everyone",
            hint="REGISTRY_AUTH_HTPASSWD_REALM and REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd, "
            "with -v /srv/auth:/auth:ro",
        )
    for member in members:
        if not _let_in(url, member):
            return not_yet(
                f"the registry on port 5000 of node 1 does not let in {member[0]} with the password that was asked for",
                hint=f"a line of the password file is `{member[0]}:`, then a bcrypt hash of the password",
            )
    return image_kept(playground, notes, member=members[0])


def _let_in(url: str, member: tuple[str, str]) -> bool:
    answer = ask(url, member=member)
    return answer is not None and answer.status_code == 200


def blobs_lost(node: Node, port: int = 5000) -> Finding | None:
    """Return None if every blob of the image of before can be read; a manifest alone is not an image."""
    registry = RegistryClient(node.url(port))
    try:
        manifest = registry.manifest(REPOSITORY, TAG)
        assert isinstance(manifest, Manifest)
        for blob in (manifest.config, *manifest.layers):
            registry.blob(REPOSITORY, blob.digest)
    except RegistryError:
        return not_yet(
            f"{REPOSITORY}:{TAG} has lost blobs: it can be listed, and not pulled",
            hint="`labs mend NAME --reset` begins again",
        )
    return None
