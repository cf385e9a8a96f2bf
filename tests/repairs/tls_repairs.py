"""Repairs of certificates that several scenarios share."""

from __future__ import annotations

from labs.lessons import served
from labs.playground import Playground
from labs.repairs.common import ADDRESS, REFERENCE, TRUST, issue, shell
from labs.waiting import wait_until
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import believe, pull

ITSELF = f"node 2 trusts the certificate of {ADDRESS} itself, wanted the authority that signs it"
NEXT = (
    "the next certificate of the registry would need a new file on each machine; /srv/ca/ca.crt of node 1, which signs "
    "all of them, stays"
)
GOOD = "-addext subjectAltName=DNS:registry.lab -days 90"

_REQUEST = "openssl req -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256"
_BETWEEN = f"""set -e; cd /srv/certs
{_REQUEST} -subj '/CN=Between' -keyout between.key -out between.csr
echo basicConstraints=critical,CA:TRUE > between.ext
openssl x509 -req -in between.csr -CA /srv/ca/ca.crt -CAkey /srv/ca/ca.key -CAcreateserial -days 90 \\
    -extfile between.ext -out between.crt
{_REQUEST} -subj /CN=registry.lab -keyout tls.key -out tls.csr
echo subjectAltName=DNS:registry.lab > tls.ext
openssl x509 -req -in tls.csr -CA between.crt -CAkey between.key -CAcreateserial -days 90 -extfile tls.ext -out own.crt
cat own.crt between.crt > tls.crt"""


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


def sign_a_request_by_an_authority_between(playground: Playground) -> None:
    """The registry sends its certificate and that of the one between; node 2 knows the root only."""
    server = playground.node(1)
    shell(server, _BETWEEN)
    server.docker.containers.get("registry").restart()
    wait_until(lambda: served(playground.node(2), ADDRESS).chain, "the registry to start")
    pull(playground.node(2))


def sign_and_do_not_restart(playground: Playground) -> None:
    issue(playground.node(1), GOOD)


def serve_another_name(playground: Playground) -> None:
    serve(playground, "-addext subjectAltName=DNS:node1 -days 90")


def stop_verifying(playground: Playground) -> None:
    believe(playground.node(2), ADDRESS)
    pull(playground.node(2))


def repairs_of_a_served_certificate(refusal: str) -> RepairCases:
    """Those of a certificate that has to be made again; `refusal` is what the engine says of the first one."""
    asked = (
        f"node 2 asks for {REFERENCE} and gets: "
        f'Get "https://{ADDRESS}/v2/": tls: failed to verify certificate: x509: '
    )
    return RepairCases(
        right=(sign_a_request_by_an_authority_between,),
        wrong=(
            WrongRepair(serve_one_that_signed_itself, ITSELF, NEXT),
            WrongRepair(
                sign_and_do_not_restart,
                f"{asked}{refusal}",
                "/srv/certs/tls.crt is good; a registry reads its certificate when it starts",
            ),
            WrongRepair(
                serve_another_name,
                f"{asked}certificate is valid for node1, not registry.lab",
                "what is served is for node1, and not for registry.lab",
            ),
            WrongRepair(
                stop_verifying,
                f"node 2 takes any certificate from {ADDRESS}, wanted one that it verifies",
                "take the registry out of insecure-registries of node 2",
            ),
        ),
    )
