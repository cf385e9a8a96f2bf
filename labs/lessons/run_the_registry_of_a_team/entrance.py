"""The check of 60.1: one address on all nodes, with a certificate that an authority of the student's has signed."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_yet, passed
from labs.lessons.common import CERTS_D, is_insecure, served, wrong_certificate
from labs.lessons.run_the_registry_of_a_team.door import ADDRESS, PORT, DoorProbe, not_open
from labs.playground import Playground
from labs.registry import certificates

_AUTHORITY = "/srv/team/ca.crt"


def one_address(playground: Playground, _answers: Answers) -> Finding:
    """Each node reaches swarm.lab:5000 and verifies it by the authority in /srv/team/ca.crt; no plain HTTP."""
    if closed := not_open(playground):
        return closed
    for node in playground.nodes:
        if DoorProbe(node).plain() in (200, 401):
            return not_yet(
                f"port {PORT} of {node.name} speaks plain HTTP, wanted TLS",
                hint="nothing but TLS belongs on this port",
            )
        if is_insecure(node, ADDRESS):
            return not_yet(
                f"{node.name} takes {ADDRESS} for an insecure registry: it would believe any server",
                hint="take insecure-registries out; trust the authority",
            )
    return _no_authority(playground) or _untrusted(playground) or passed()


def _no_authority(playground: Playground) -> Finding | None:
    """Return None if the file has an authority, and it is not what the registry itself shows."""
    node = playground.node(1)
    try:
        found = certificates(node.read_file(_AUTHORITY))
    except FileNotFoundError:
        found = []
    if not found:
        return not_yet(
            f"node 1 has no certificate in {_AUTHORITY}, wanted that of your authority",
            hint="lesson 5: openssl req -x509 … -out ca.crt, then -CA ca.crt -CAkey ca.key for the registry's",
        )
    if not found[0].authority:
        return not_yet(f"what is in {_AUTHORITY} may not sign other certificates")
    own = served(node, ADDRESS).chain
    if own and own[0].self_signed:
        return not_yet(
            f"the certificate of {ADDRESS} has signed itself, wanted one that your authority signed",
            hint="with one authority you can replace the registry's certificate and no node has to be told",
        )
    if own and own[0].issuer != found[0].subject:
        return not_yet(
            f"the certificate of {ADDRESS} was signed by {own[0].issuer}, "
            f"and {_AUTHORITY} is {found[0].subject}",
            hint="has it been made anew since?",
        )
    return None


def _untrusted(playground: Playground) -> Finding | None:
    for node in playground.nodes:
        met = served(node, ADDRESS)
        if not met.chain:
            return not_yet(f"{node.name} does not reach {ADDRESS}: {met.words[-100:]}")
        if problem := wrong_certificate(met):
            return problem
        if not met.trusted:
            return not_yet(
                f"{node.name} does not trust the certificate of {ADDRESS}",
                hint=f"{CERTS_D}/{ADDRESS}/ca.crt on every node, and what has signed it in there",
            )
    return None
