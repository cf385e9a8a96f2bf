"""Checks of lesson 5. Node 2 connects to the registry of node 1 as any client would; its engine decides on trust."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from docker.errors import APIError

from labs.engine import seconds_of
from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    CERTS_D,
    data_on_node,
    is_insecure,
    listed,
    on_port,
    pushed_at,
    registries_of,
    served,
    upload,
)
from labs.lessons.encrypt_it import tls_probe
from labs.playground import Node, Playground
from labs.registry import Certificate, certificates

PORT = tls_probe.PORT
ADDRESS = tls_probe.ADDRESS
HOST = ADDRESS.partition(":")[0]
LESSONS_PORT, NAME = 5000, "shelf"
REPOSITORY, TAG = "hello-world", "latest"
ROOT, INTERMEDIATE = "CN=Lab root", "CN=Lab intermediate"
TRUST = f"{CERTS_D}/{ADDRESS}"
OTHER = f"{CERTS_D}/{HOST}:5000"


def speaks_tls(playground: Playground, _answers: Answers) -> Finding:
    """A registry called shelf on port 5001 serves a certificate that is valid for registry.lab today."""
    return (
        tls_probe.problem(playground)
        or _wrong_certificate(playground)
        or _not_another(playground)
        or passed()
    )


def _wrong_certificate(playground: Playground) -> Finding | None:
    own = served(playground.node(2), ADDRESS).chain[0]
    if not own.covers(HOST):
        has = f"the names {listed(own.names)}" if own.names else "no names (SAN)"
        return not_yet(
            f"the certificate of {ADDRESS} has {has}, wanted {HOST}",
            hint="the subject's CN does not count: -addext subjectAltName=DNS:registry.lab, without a port",
        )
    if not own.valid_now:
        when = "has expired" if own.days_left < 0 else "is not valid yet"
        return not_yet(
            f"the certificate of {ADDRESS} {when}, wanted one that is valid today",
            hint="-days 90 makes one that is valid from now on; the registry reads it when it starts",
        )
    return None


def _not_another(playground: Playground) -> Finding | None:
    """Whether the port leads to a registry that has the name, and is not the lesson's own on port 5000."""
    node = playground.node(1)
    container = on_port(node, PORT)
    # The port may be a proxy's that speaks TLS for the registry behind it.
    running = [c for c in registries_of(node) if c.status == "running"]
    if NAME not in [str(each.name) for each in (container, *running) if each]:
        return not_yet(
            f"the registry at {ADDRESS} is not called {NAME}",
            hint=f'give it the name as you run it: two.run_registry(…, name="{NAME}", port={PORT})',
        )
    first, own = node.url(LESSONS_PORT), node.url(PORT).replace("http:", "https:", 1)
    with upload(node, own) as begun:
        ways = first.replace("http:", "https:", 1), first
        if begun and any(begun.known_at(way) for way in ways):
            return not_yet(
                f"port {PORT} leads to the registry on port {LESSONS_PORT}, wanted another one",
                hint="an upload that began on one port was known on the other: run a second container of registry:2",
            )
    return None


def trusted(playground: Playground, answers: Answers) -> Finding:
    """Node 2's engine verifies registry.lab:5001, is not configured to skip that, and has pulled from it."""
    if speaks_tls(playground, answers).outcome != "passed":
        return not_attempted(f"run the registry {ADDRESS} over TLS first (5.2)")
    node = playground.node(2)
    # First: an engine does not verify an insecure registry, so everything below would pass.
    if is_insecure(node, ADDRESS):
        return not_yet(
            f"node 2 takes {ADDRESS} for an insecure registry: it would believe anybody there",
            hint='lab.node(2).configure_engine({"insecure-registries": None}); trust the certificate',
        )
    pushed = tls_probe.has(playground, REPOSITORY, TAG)
    words = _said_by_engine(node) if pushed else _distrust(node)
    if words:
        return _why_distrusted(playground, words)
    if not pushed:
        return not_yet(
            f"{ADDRESS} has no {REPOSITORY}:{TAG}",
            hint=f"push to 127.0.0.1:{PORT} from node 1, or to {ADDRESS} from a node that trusts it",
        )
    if wrong := tls_probe.wrong_image_at(playground, REPOSITORY, TAG):
        return wrong
    if not _has_image(node, tls_probe.digest(playground, REPOSITORY, TAG)):
        return not_yet(
            f"node 2 trusts {ADDRESS} and has not pulled {REPOSITORY} from it",
            hint=f'lab.node(2).docker.images.pull("{ADDRESS}/{REPOSITORY}", tag="{TAG}")',
        )
    return passed()


def _said_by_engine(node: Node) -> str:
    """Return node 2's error when its engine asks the registry for the image; empty if there is none."""
    api: Any = node.docker.api
    try:
        # The engine reads the manifest only: a pull by the check would do the student's work.
        api.inspect_distribution(f"{ADDRESS}/{REPOSITORY}:{TAG}")
    except APIError as error:
        return str(error.explanation)
    return ""


def _distrust(node: Node) -> str:
    """Without an image to ask for: whether the served chain leads to an authority that node 2 knows."""
    return "" if served(node, ADDRESS).trusted else "certificate signed by unknown authority"


def _why_distrusted(playground: Playground, words: str) -> Finding:
    node = playground.node(2)
    if "missing key" in words or "missing client certificate" in words:
        return not_yet(
            f"node 2's engine cannot use {TRUST}: {words}",
            hint="an authority's file ends in .crt; .cert and .key are for a client's own certificate",
        )
    files = _files(node, TRUST)
    if any(name.endswith(".crt") for name in files):
        return not_yet(
            f"what node 2 has in {TRUST} does not vouch for what {ADDRESS} serves",
            hint="copy the certificate that signed the one that is served; a self-signed one signed itself",
        )
    if files:
        return not_yet(
            f"{TRUST} has {listed(files)}, wanted ca.crt", hint="the ending must be .crt"
        )
    if served(node, ADDRESS).chain[0] in _trusted_in(node, OTHER):
        return not_yet(
            f"the certificate of {ADDRESS} is in {OTHER} of node 2, wanted {TRUST}",
            hint="the folder is called as the registry is in a reference: this one has port 5001",
        )
    others = [name for name in _files(node, CERTS_D) if name not in (ADDRESS, f"{HOST}:5000")]
    if others:
        return not_yet(
            f"{CERTS_D} of node 2 has {listed(others)}, wanted {ADDRESS}",
            hint="the folder is called as the registry is in a reference, port included",
        )
    if _files(playground.node(1), TRUST):
        return not_yet(
            "node 1 has the certificate in its certs.d, node 2 has not",
            hint="the engine that pulls has to trust: lab.node(2).write_file(…)",
        )
    return not_attempted(f"let node 2 trust {ADDRESS} and pull {REPOSITORY} from it")


def _files(node: Node, folder: str) -> list[str]:
    return node.read_output(["ls", folder]).stdout.split()


def _has_image(node: Node, digest: str) -> bool:
    names = (n for image in node.docker.images.list() for n in image.attrs["RepoDigests"] or ())
    return f"{ADDRESS}/{REPOSITORY}@{digest}" in names


def renewed(playground: Playground, answers: Answers) -> Finding:
    """It serves a certificate of an intermediate, node 2 trusts the root alone, and the old push is there."""
    if (first := speaks_tls(playground, answers)).outcome != "passed":
        todo = not_attempted(f"run the registry {ADDRESS} over TLS first (5.2)")
        return first if first.outcome == "not yet" else todo
    chain = served(playground.node(2), ADDRESS).chain
    if chain[0].self_signed:
        return not_attempted(
            f"let {ADDRESS} serve a certificate that the lab's intermediate signed"
        )
    if wrong := _chain_problem(chain) or _root_problem(playground):
        return wrong
    if (before := trusted(playground, answers)).outcome != "passed":
        return before
    return _left_over(playground, chain) or _not_kept(playground) or passed()


def _chain_problem(chain: tuple[Certificate, ...]) -> Finding | None:
    own, rest = chain[0], chain[1:]
    signer = next((each for each in rest if each.subject == own.issuer), None)
    if own.issuer == ROOT or (signer and signer.self_signed):
        return not_yet(
            "the certificate is signed by the root itself, wanted the intermediate",
            hint="-CA /srv/ca/intermediate.crt -CAkey /srv/ca/intermediate.key, as two.issue(…) does",
        )
    if signer is None or not signer.authority:
        return not_yet(
            f"{ADDRESS} serves {len(chain)} certificate{'s' * (len(chain) > 1)} and not that of {own.issuer}",
            hint="cat renewed.crt /srv/ca/intermediate.crt > shelf.crt: the registry sends what is in that file",
        )
    if signer.subject != INTERMEDIATE:
        return not_yet(
            f"the certificate is signed by {signer.subject}, wanted the lab's intermediate",
            hint="-CA /srv/ca/intermediate.crt -CAkey /srv/ca/intermediate.key, as two.issue(…) does",
        )
    return None


def _root_problem(playground: Playground) -> Finding | None:
    """Whether node 2 trusts an authority for this registry that is not a root."""
    found = _trusted_in(playground.node(2), TRUST)
    direct = [each.subject for each in found if not each.self_signed]
    if direct:
        return not_yet(
            f"node 2 trusts {listed(direct)} directly, wanted the root alone",
            hint="with the root in ca.crt, the next intermediate needs no change on node 2",
        )
    return None


def _left_over(playground: Playground, chain: tuple[Certificate, ...]) -> Finding | None:
    """Whether node 2, which trusts the registry, has anything else for it than the root that the chain leads to."""
    tops = {each.issuer for each in chain}
    left = [s.subject for s in _trusted_in(playground.node(2), TRUST) if s.subject not in tops]
    if left:
        return not_yet(
            f"node 2 still trusts {listed(left)} beside the root, wanted the root alone",
            hint=f"remove the old certificate from {TRUST}",
        )
    return None


def _trusted_in(node: Node, folder: str) -> list[Certificate]:
    """Return the certificates that an engine takes as authorities for the registry that a folder is named after."""
    pem = b""
    for name in _files(node, folder):
        # A link that leads nowhere is listed, and cannot be read.
        with suppress(FileNotFoundError):
            pem += node.read_file(f"{folder}/{name}") if name.endswith(".crt") else b""
    return certificates(pem)


def _not_kept(playground: Playground) -> Finding | None:
    """Whether the image was pushed before the registry started with its new certificate."""
    node = playground.node(1)
    container = on_port(node, PORT)
    if container is None:
        return not_yet(f"no container has port {PORT}", hint="run the registry in a container")
    pushed = pushed_at(node, data_on_node(container), REPOSITORY, TAG)
    if pushed is None or pushed > seconds_of(container.attrs["State"]["StartedAt"]):
        return not_yet(
            f"{REPOSITORY} was pushed after the registry started again: the push of before is lost, or was redone",
            hint="restart the container, or run a new one on the same folder, and do not push",
        )
    return None
