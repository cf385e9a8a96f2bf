"""Right and wrong repairs of two registries with different secrets."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import TOOL_REFERENCE, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import remove, run
from tests.repairs.repair_actions import wait as wait_for

REFUSED = (
    "an upload at registry.lab:5000 cannot go on: 404 BLOB_UPLOAD_INVALID: blob upload invalid"
)
PORTS = {"replica1": 5002, "replica2": 5003}
FILE = "/srv/proxy/registry.conf"


def make(playground: Playground, name: str, **variables: str) -> None:
    server = playground.node(1)
    remove(server, name)
    server.docker.containers.run(
        "registry:2",
        name=name,
        environment={"REGISTRY_HTTP_ADDR": f"127.0.0.1:{PORTS[name]}", **variables},
        network_mode="host",
        volumes=["registry-data:/var/lib/registry"],
        detach=True,
    )
    wait_for(server, PORTS[name])


def push_it(playground: Playground) -> None:
    shell(playground.node(2), f"docker push -q {TOOL_REFERENCE}")


def send_each_client_to_one(playground: Playground) -> None:
    server = playground.node(1)
    rules = server.read_file(FILE).decode()
    server.write_file(
        FILE, rules.replace("upstream replicas {", "upstream replicas {\n    ip_hash;")
    )
    server.docker.containers.get("proxy").restart(timeout=1)
    wait_for(server, 5000)
    push_it(playground)


def stop_one(playground: Playground) -> None:
    playground.node(1).docker.containers.get("replica2").stop(timeout=1)
    push_it(playground)


def tell_one(playground: Playground) -> None:
    make(playground, "replica1", REGISTRY_HTTP_SECRET="one")


def tell_each_another(playground: Playground) -> None:
    make(playground, "replica1", REGISTRY_HTTP_SECRET="one")
    make(playground, "replica2", REGISTRY_HTTP_SECRET="two")


def restart_them(playground: Playground) -> None:
    for name, port in PORTS.items():
        playground.node(1).docker.containers.get(name).restart(timeout=1)
        wait_for(playground.node(1), port)


def put_one_in_place_of_the_proxy(playground: Playground) -> None:
    server = playground.node(1)
    remove(server, "proxy", "replica1")
    run(server, "replica1", ports={}, network_mode="host")
    push_it(playground)


CASES = RepairCases(
    right=(send_each_client_to_one,),
    wrong=(
        WrongRepair(
            stop_one,
            "1 registry runs on node 1, wanted two",
            "one registry alone has no second one that could contradict it, and none that replaces it",
        ),
        WrongRepair(
            put_one_in_place_of_the_proxy,
            "replica1 listens on port 5000 of node 1 itself, wanted the proxy there",
            "a registry that is asked by itself leaves the other one without requests",
        ),
        WrongRepair(
            tell_one,
            REFUSED,
            "one of the registries was told a secret, another one makes up its own",
        ),
        WrongRepair(
            tell_each_another, REFUSED, "the secrets that the registries were told are different"
        ),
        WrongRepair(restart_them, REFUSED, "each registry signs with a secret of its own"),
    ),
)
