"""A registry with TLS on node 1: the authority of the scenario, its certificates, and what node 2 makes of them."""

from __future__ import annotations

import re
import warnings
from contextlib import suppress
from dataclasses import replace

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from labs.lesson import Answers, Finding, not_yet
from labs.lessons import is_insecure, served
from labs.playground import Node, Playground
from labs.registry import RegistryClient, RegistryError, certificates
from labs.repairs.common.goals import ADDRESS, HOST, image_kept, user_pulls
from labs.repairs.common.servers import run_registry, shell, stock
from labs.repairs.common.sightings import still_insecure

TRUST = f"/etc/docker/certs.d/{ADDRESS}"
_NEW = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256"
_FOR_A_SERVER = "-addext basicConstraints=critical,CA:FALSE"
_PEM = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_SERVED = f"timeout 5 openssl s_client -connect {ADDRESS} -servername {HOST} -showcerts </dev/null 2>/dev/null"
_TRUSTED = f"cat {TRUST}/*.crt /usr/local/share/ca-certificates/*.crt /etc/ssl/certs/ca-certificates.crt 2>/dev/null"


def make_authority(node: Node) -> bytes:
    """Make the authority of the team in /srv/ca; return its certificate."""
    shell(
        node,
        "mkdir -p /srv/ca /srv/certs && cd /srv/ca && "
        f'{_NEW} -subj "/CN=Team CA" -days 365 -keyout ca.key -out ca.crt',
    )
    return node.read_file("/srv/ca/ca.crt")


def issue(node: Node, options: str) -> None:
    """Sign a certificate for the registry, /srv/certs/tls.crt and tls.key, with these options of `openssl req`."""
    shell(
        node,
        f"cd /srv/certs && {_NEW} -subj /CN={HOST} {_FOR_A_SERVER} -CA /srv/ca/ca.crt -CAkey /srv/ca/ca.key "
        f"{options} -keyout tls.key -out tls.crt",
    )


def _run_tls_registry(node: Node) -> None:
    """Run a registry with that certificate."""
    run_registry(
        node,
        variables={
            "REGISTRY_HTTP_TLS_CERTIFICATE": "/certs/tls.crt",
            "REGISTRY_HTTP_TLS_KEY": "/certs/tls.key",
        },
        volumes=["registry-data:/var/lib/registry", "/srv/certs:/certs:ro"],
    )


def serve_signed(
    playground: Playground, options: str, *, authority_at: str = f"{TRUST}/ca.crt"
) -> Answers:
    """Run a registry on node 1 with a certificate of a new authority, and push an image to it.

    Args:
        playground: Where.
        options: Of `openssl req` for the certificate: what it is valid for, and how long.
        authority_at: Where node 2 gets the authority's certificate.

    Returns:
        What the check needs to know.
    """
    server, user = playground.node(1), playground.node(2)
    authority = make_authority(server)
    issue(server, options)
    _run_tls_registry(server)
    user.write_file(authority_at, authority)
    return {"digest": stock(server)}


def user_pulls_over_tls(playground: Playground, notes: Answers) -> Finding | None:
    """Return None if node 2 pulls the image over TLS that it verifies; otherwise why not."""
    server, user = playground.node(1), playground.node(2)
    if speaks_plain(server):
        return not_yet(
            f"{ADDRESS} speaks plain HTTP, wanted TLS",
            hint="that ends the message and the encryption with it",
        )
    if missing := image_kept(playground, notes):
        return missing
    if is_insecure(user, ADDRESS):
        return not_yet(
            f"node 2 takes any certificate from {ADDRESS}, wanted one that it verifies",
            hint=still_insecure(user) or "take the registry out of insecure-registries of node 2",
        )
    found = user_pulls(playground, notes)
    if found:
        return replace(found, hint=found.hint or _why(playground))
    return trusts_no_authority(user)


def trusts_no_authority(user: Node) -> Finding | None:
    """Return None if node 2 trusts the authority that signed what is served, and not that certificate alone.

    An engine takes any certificate in its folder as an authority, that of the server itself too (Go, x509.Verify).
    """
    chain = _certificates(user, _SERVED)
    authorities = [each for each in _certificates(user, _TRUSTED) if each not in chain[:1]]
    if any(_signed(by, each) for each in chain for by in authorities):
        return None
    return not_yet(
        f"node 2 trusts the certificate of {ADDRESS} itself, wanted the authority that signs it",
        hint="the next certificate of the registry would need a new file on each machine; /srv/ca/ca.crt of node 1, "
        "which signs all of them, stays",
    )


def _certificates(node: Node, command: str) -> list[x509.Certificate]:
    found = []
    for pem in _PEM.findall(node.read_output(["sh", "-c", command]).stdout):
        # What is between the two lines was written by a student; a public authority has the serial number 0.
        with suppress(ValueError), warnings.catch_warnings(action="ignore"):
            found.append(x509.load_pem_x509_certificate(pem.encode()))
    return found


def _signed(by: x509.Certificate, other: x509.Certificate) -> bool:
    try:
        other.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def speaks_plain(node: Node, port: int = 5000) -> bool:
    """Whether a registry on a port of the node answers in plain HTTP."""
    try:
        RegistryClient(node.url(port)).ping()
    except RegistryError as error:
        # 400 is what a server with TLS answers to plain HTTP.
        return error.status == 401
    return True


def _why(playground: Playground) -> str:
    """What is between node 2 and the certificate that it is served."""
    server, user = playground.node(1), playground.node(2)
    chain = served(user, ADDRESS).chain
    if not chain:
        return "what does the log of the registry say?"
    own = chain[0]
    if own.days_left < 0 or not own.covers(HOST):
        return _not_served(server) or (
            f"what is served ended on {own.not_after:%Y-%m-%d}"
            if own.days_left < 0
            else f"what is served is for {', '.join(own.names) or 'no name'}, and not for {HOST}"
        )
    if TRUST in _folders(server) and TRUST not in _folders(user):
        return "node 1 trusts it; the engine that pulls is node 2's"
    if TRUST not in _folders(user):
        return f"node 2 has no folder {TRUST}; its name is the registry's in a reference, port included"
    files = user.read_output(["ls", TRUST]).stdout.split()
    if not any(name.endswith(".crt") for name in files):
        return f"{TRUST} of node 2 has {', '.join(files) or 'no file'}; an authority's file ends in .crt"
    return f"the certificate in {TRUST} of node 2 has not signed the one that is served"


def _not_served(server: Node) -> str:
    """Whether a good certificate is in the file, and the registry serves the one from before."""
    try:
        kept = certificates(server.read_file("/srv/certs/tls.crt"))
    except FileNotFoundError:
        return ""
    if kept and kept[0].days_left >= 0 and kept[0].covers(HOST):
        return "/srv/certs/tls.crt is good; a registry reads its certificate when it starts"
    return ""


def _folders(node: Node) -> list[str]:
    return node.read_output(["find", "/etc/docker/certs.d", "-type", "d"]).stdout.splitlines()
