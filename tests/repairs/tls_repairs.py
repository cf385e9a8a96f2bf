"""Repairs of certificates that several scenarios share."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import ADDRESS, TRUST, issue, shell
from tests.repairs.repair_actions import believe, pull

GOOD = "-addext subjectAltName=DNS:registry.lab -days 90"


def serve(playground: Playground, options: str) -> None:
    """Sign another certificate with the team's authority and let the registry serve it."""
    issue(playground.node(1), options)
    playground.node(1).docker.containers.get("registry").restart()


def serve_one_that_signed_itself(playground: Playground) -> None:
    server, user = playground.node(1), playground.node(2)
    shell(
        server,
        "cd /srv/certs && openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
        f"-subj /CN=registry.lab {GOOD} -keyout tls.key -out tls.crt",
    )
    server.docker.containers.get("registry").restart()
    user.write_file(f"{TRUST}/ca.crt", server.read_file("/srv/certs/tls.crt"))
    pull(user)


def sign_and_do_not_restart(playground: Playground) -> None:
    issue(playground.node(1), GOOD)


def serve_another_name(playground: Playground) -> None:
    serve(playground, "-addext subjectAltName=DNS:node1 -days 90")


def stop_verifying(playground: Playground) -> None:
    believe(playground.node(2), ADDRESS)
    pull(playground.node(2))
