"""Right and wrong repairs of an authority in a folder of the wrong name."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import ADDRESS, REFERENCE, TRUST, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import believe, pull, remove, run
from tests.repairs.tls_repairs import ITSELF, NEXT, stop_verifying

STILL = (
    f"node 2 asks for {REFERENCE} and gets: "
    f'Get "https://{ADDRESS}/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority'
)

KEEPS = (
    "daemon.json of node 2 lists no registry, and its engine keeps the list from before: it takes over an empty list, "
    '`"insecure-registries": []`, and not a missing one; then `kill -HUP $(pidof dockerd)`'
)


def trust_the_servers_own_certificate(playground: Playground) -> None:
    served = playground.node(1).read_file("/srv/certs/tls.crt")
    playground.node(2).write_file(f"{TRUST}/registry.crt", served)
    pull(playground.node(2))


def trust_the_authority_beside_it(playground: Playground) -> None:
    server, user = playground.node(1), playground.node(2)
    both = server.read_file("/srv/certs/tls.crt") + server.read_file("/srv/ca/ca.crt")
    user.write_file(f"{TRUST}/team.crt", both)
    pull(user)


def name_it_as_a_clients(playground: Playground) -> None:
    playground.node(2).write_file(
        f"{TRUST}/ca.cert", playground.node(1).read_file("/srv/ca/ca.crt")
    )


def trust_on_the_server(playground: Playground) -> None:
    server = playground.node(1)
    server.write_file(f"{TRUST}/ca.crt", server.read_file("/srv/ca/ca.crt"))


def stop_verifying_and_take_the_line_out(playground: Playground) -> None:
    stop_verifying(playground)
    user = playground.node(2)
    user.write_file("/etc/docker/daemon.json", '{"registry-mirrors": ["http://mirror:5000"]}')
    shell(user, "kill -HUP $(pidof dockerd)")


def drop_tls(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1))
    believe(playground.node(2), ADDRESS)
    pull(playground.node(2))


CASES = RepairCases(
    right=(trust_the_authority_beside_it,),
    wrong=(
        WrongRepair(trust_the_servers_own_certificate, ITSELF, NEXT),
        WrongRepair(
            stop_verifying_and_take_the_line_out,
            f"node 2 takes any certificate from {ADDRESS}, wanted one that it verifies",
            KEEPS,
        ),
        WrongRepair(
            trust_on_the_server, STILL, "node 1 trusts it; the engine that pulls is node 2's"
        ),
        WrongRepair(
            name_it_as_a_clients,
            f"node 2 asks for {REFERENCE} and gets: missing key ca.key for client certificate ca.cert. "
            "CA certificates must use the extension .crt",
            f"{TRUST} of node 2 has ca.cert; an authority's file ends in .crt",
        ),
        WrongRepair(
            stop_verifying,
            f"node 2 takes any certificate from {ADDRESS}, wanted one that it verifies",
            "take the registry out of insecure-registries of node 2",
        ),
        WrongRepair(
            drop_tls,
            f"{ADDRESS} speaks plain HTTP, wanted TLS",
            "that ends the message and the encryption with it",
        ),
    ),
)
