"""Right and wrong repairs of a machine that expects TLS of a registry without it."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import ADDRESS, REFERENCE, ready, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import believe, lead_home, pull, remove, run

CERTIFICATE = (
    "mkdir -p /srv/certs && cd /srv/certs && openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
    "-subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab -days 9 -keyout tls.key -out tls.crt"
)
TLS = {"REGISTRY_HTTP_TLS_CERTIFICATE": "/certs/tls.crt", "REGISTRY_HTTP_TLS_KEY": "/certs/tls.key"}
MOUNTS = ["registry-data:/var/lib/registry", "/srv/certs:/certs:ro"]
STILL = (
    f"node 2 asks for {REFERENCE} and gets: "
    f'Get "https://{ADDRESS}/v2/": http: server gave HTTP response to HTTPS client'
)


def give_it_a_certificate(playground: Playground) -> None:
    server, user = playground.node(1), playground.node(2)
    shell(server, CERTIFICATE)
    remove(server, "registry")
    run(server, volumes=MOUNTS, environment=TLS)
    user.write_file(f"/etc/docker/certs.d/{ADDRESS}/ca.crt", server.read_file("/srv/certs/tls.crt"))
    pull(user)


def tell_the_server(playground: Playground) -> None:
    believe(playground.node(1), ADDRESS)


def tell_without_the_port(playground: Playground) -> None:
    believe(playground.node(2), "registry.lab")


def write_the_file_alone(playground: Playground) -> None:
    playground.node(2).write_file(
        "/etc/docker/daemon.json",
        f'{{"insecure-registries": ["{ADDRESS}"], "registry-mirrors": ["http://mirror:5000"]}}',
    )


def believe_every_registry(playground: Playground) -> None:
    believe(playground.node(2), "0.0.0.0/0")
    pull(playground.node(2))


def carry_the_image_over(playground: Playground) -> None:
    user = playground.node(2)
    ready(user, "hello-world:latest")
    shell(user, f"docker tag hello-world {REFERENCE}")


def answer_on_the_own_machine(playground: Playground) -> None:
    user = playground.node(2)
    run(user)
    lead_home(user)
    ready(user, "hello-world:latest")
    shell(user, f"docker tag hello-world {REFERENCE} && docker push -q {REFERENCE}")


def make_room_for_an_empty_one(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), volumes=[])
    believe(playground.node(2), ADDRESS)


CASES = RepairCases(
    right=(give_it_a_certificate,),
    wrong=(
        WrongRepair(
            tell_the_server,
            STILL,
            "that is a setting of node 1; the engine that pulls is node 2's",
        ),
        WrongRepair(
            tell_without_the_port,
            STILL,
            f"daemon.json of node 2 names registry.lab, wanted {ADDRESS}",
        ),
        WrongRepair(
            write_the_file_alone,
            STILL,
            "daemon.json of node 2 has it; its engine has not read the file again",
        ),
        WrongRepair(
            believe_every_registry,
            "node 2 now accepts any certificate and plain HTTP of 0.0.0.0/0",
            f"insecure-registries for one registry: {ADDRESS}",
        ),
        WrongRepair(
            carry_the_image_over,
            STILL,
            "the registry of node 1 still speaks plain HTTP, and node 2 still expects TLS of it",
        ),
        WrongRepair(
            answer_on_the_own_machine,
            "on node 2, registry.lab does not lead to node 1 any more",
            "`getent hosts registry.lab` in node 2; look at its /etc/hosts",
        ),
        WrongRepair(
            make_room_for_an_empty_one,
            "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port",
            "a new registry is empty: run it with the volume or the folder of the old one",
        ),
    ),
)
