"""Right and wrong repairs of a proxy with a limit."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import TOOL_REFERENCE, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import push, remove, run

FILE = "/srv/proxy/registry.conf"


def limit(playground: Playground, size: str) -> None:
    rules = playground.node(1).read_file(FILE).decode()
    with_limit = rules.replace("location", f"client_max_body_size {size};\n    location")
    playground.node(1).write_file(FILE, with_limit)


def push_it(playground: Playground) -> None:
    shell(playground.node(2), f"docker push -q {TOOL_REFERENCE}")


def run_the_proxy_again_with_a_large_limit(playground: Playground) -> None:
    limit(playground, "100g")
    playground.node(1).docker.containers.get("proxy").restart(timeout=1)
    push_it(playground)


def raise_the_limit_a_little(playground: Playground) -> None:
    limit(playground, "20m")
    shell(playground.node(1), "docker exec proxy nginx -s reload")
    push_it(playground)


def write_the_file_alone(playground: Playground) -> None:
    limit(playground, "0")


def take_the_proxy_away(playground: Playground) -> None:
    remove(playground.node(1), "proxy", "registry")
    run(playground.node(1))
    push_it(playground)


def push_past_the_proxy(playground: Playground) -> None:
    push(playground.node(1), "busybox:latest", "127.0.0.1:5001/team/tool:1")


LARGER = "the next image is larger; 0 means without a limit"

CASES = RepairCases(
    right=(run_the_proxy_again_with_a_large_limit,),
    wrong=(
        WrongRepair(
            raise_the_limit_a_little,
            "the proxy still refuses a layer of 8 GB with 413: client_max_body_size 20m",
            LARGER,
        ),
        WrongRepair(
            write_the_file_alone,
            "the proxy still refuses large bodies with 413",
            f"{FILE} has no limit any more; nginx reads it at `nginx -s reload`",
        ),
        WrongRepair(
            take_the_proxy_away,
            "what answers on port 5000 of node 1 is not the proxy",
            "`docker ps` and `docker logs proxy` on node 1; `docker exec proxy nginx -t` names a mistake in its file",
        ),
        WrongRepair(
            push_past_the_proxy,
            "the proxy still refuses a layer of 8 GB with 413: the limit of nginx itself, 1 MB",
            LARGER,
        ),
    ),
)
