"""Checks of the assignment: what node 2, members and untrusted clients get at registry.lab:5000. They read no code."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.assignment_secure_registry import other_ports
from labs.lessons.assignment_secure_registry.access_probe import (
    ADDRESS,
    FIRST,
    MOBY,
    PORT,
    REPOSITORY,
    TAG,
    RegistryProbe,
    allowed,
    digests_of,
    given,
)
from labs.lessons.common import (
    PortAnswer,
    no_registry,
    open_to_strangers,
    reading,
    served,
    wrong_certificate,
)
from labs.playground import Playground

_WHO_LOOKS = "who looks at the passwords? REGISTRY_AUTH=htpasswd"
_OTHER_PORT = "close it, or publish it on 127.0.0.1 alone"


def encrypted(playground: Playground, _answers: Answers) -> Finding:
    """Node 2 is served TLS at registry.lab:5000, with a certificate for that name; no port speaks plain HTTP."""
    probe = RegistryProbe(playground.node(1))
    probe.wait()
    met = served(playground.node(2), ADDRESS)
    if not met.chain:
        return _no_tls(playground)
    answers = other_ports.answers(playground)
    # Of both: node 1 itself may be answered by something else than other machines are.
    if not {probe.status(), _status_for_node_2(answers)} <= {200, 401}:
        return not_yet(
            f"something answers at {ADDRESS}, but it is not a registry", hint="registry:2"
        )
    return wrong_certificate(met) or _plain_ports(answers) or passed()


def _status_for_node_2(answers: list[PortAnswer]) -> int:
    """The status of GET /v2/ at the registry's port over TLS; 0 if there was no answer."""
    found = (a for a in answers if a.port == PORT and not a.plain and a.request.path == "/v2/")
    return next((each.status for each in found), 0)


def _no_tls(playground: Playground) -> Finding:
    node = playground.node(1)
    if RegistryProbe(node).plain() in (200, 401):
        return not_yet(
            f"{ADDRESS} speaks plain HTTP, wanted HTTPS",
            hint="lesson 5: two settings name certificate and key inside the container",
        )
    return no_registry(node, PORT) or not_yet(
        f"a registry answers on port {PORT} of node 1, and node 2 does not reach it",
        hint="publish the port on every address of node 1",
    )


def _plain_ports(answers: list[PortAnswer]) -> Finding | None:
    """Return None if no port asks for passwords without encryption; otherwise what is wrong."""
    for answer in answers:
        # 401 over plain HTTP invites a client to send its password unencrypted.
        if answer.plain and answer.status == 401:
            return not_yet(
                f"port {answer.port} of node 1 asks for passwords over plain HTTP",
                hint=_OTHER_PORT if answer.port != PORT else "nothing but TLS belongs on this port",
            )
    return None


def members(playground: Playground, answers: Answers) -> Finding:
    """Two members get in; without or with a wrong password every request to any port gets 401."""
    probe = RegistryProbe(playground.node(1))
    probe.wait()
    if not probe.status():
        return not_attempted(FIRST)
    digests = digests_of(probe, allowed(probe, answers))
    return (
        _untrusted_clients(probe, digests)
        or _second(answers)
        or _let_in(probe, answers)
        or _wrong_passwords(probe, digests)
        or _open_ports(playground, digests)
        or passed()
    )


def _untrusted_clients(probe: RegistryProbe, digests: list[str]) -> Finding | None:
    """Return None if nothing that is asked without a password is let through; otherwise what is wrong."""
    found = open_to_strangers(REPOSITORY, TAG, probe.send, digests=digests)
    if found is None:
        return None
    # Reading and writing: a proxy may ask those who write alone.
    if probe.status() != 401 and probe.begins_upload(REPOSITORY) != 401:
        return not_attempted("let the registry ask for a password")
    return not_yet(
        f"without a password {found[0]} gives {found[1]}, wanted 401",
        hint="reading is for members too: the registry itself asks at every request, with REGISTRY_AUTH",
    )


def _second(answers: Answers) -> Finding | None:
    """Return None if a second user was given; otherwise what is wrong."""
    member = given(answers)
    if member is None:
        return not_attempted('give your second user: user = "…", password = "…"')
    if member[0] == MOBY[0]:
        return not_yet("moby is the first user, wanted another one", hint="choose another name")
    return None


def _let_in(probe: RegistryProbe, answers: Answers) -> Finding | None:
    for member in (MOBY, given(answers) or MOBY):
        status = probe.status(member=member)
        if status != 200:
            return not_yet(
                f"{member[0]} with the password {member[1]} gets {status}, wanted 200",
                hint="one line for each member, and bcrypt alone: a registry does not say so. Is it that password?",
            )
    return None


def _wrong_passwords(probe: RegistryProbe, digests: list[str]) -> Finding | None:
    # A password that is almost right, none, and a right password for a user who does not exist.
    for member in ((MOBY[0], "gordo"), (MOBY[0], ""), ("nobody-at-all", MOBY[1])):
        status = probe.status(member=member)
        if status != 401:
            return not_yet(
                f"{member[0]} with a wrong password gets {status}, wanted 401",
                hint=_WHO_LOOKS,
            )
    # One path may be open to anyone who sends any password.
    for request in reading(REPOSITORY, TAG, digests):
        answer = probe.send(request, (MOBY[0], "gordo"))
        if request.method == "GET" and answer is not None and answer.status_code != 401:
            return not_yet(
                f"{MOBY[0]} with a wrong password gets {answer.status_code} for {request}, wanted 401",
                hint=_WHO_LOOKS,
            )
    return None


def _open_ports(playground: Playground, digests: list[str]) -> Finding | None:
    """Return None if no port serves the registry to node 2 without a password; otherwise what is wrong."""
    for answer in other_ports.answers(playground, digests):
        # On the registry's own port all that TLS carries is the registry's, whatever it looks like.
        own = answer.port == PORT and not answer.plain and answer.status != 401
        if own or (answer.of_registry and answer.status < 300):
            return not_yet(
                f"port {answer.port} of node 1 lets in everybody: {answer.request} gives {answer.status}, wanted 401",
                hint=_OTHER_PORT
                if answer.port != PORT
                else "other machines get another answer there than node 1",
            )
    return None
