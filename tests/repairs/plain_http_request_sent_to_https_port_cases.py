"""Right and wrong repairs of a registry that does not know of the TLS before it."""

from __future__ import annotations

from typing import Any

from labs.playground import Playground
from labs.repairs.common import ADDRESS, TOOL_REFERENCE, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import believe, push, remove, run

FILE = "/srv/proxy/registry.conf"
BEHIND: dict[str, Any] = {"port": 5001, "ports": {"5000/tcp": ("127.0.0.1", 5001)}}
SENT = "an upload that was begun over TLS is to go on at http://…"


def rewrite(playground: Playground, old: str, new: str) -> None:
    rules = playground.node(1).read_file(FILE).decode()
    playground.node(1).write_file(FILE, rules.replace(old, new))


def give_addresses_without_a_host(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), environment={"REGISTRY_HTTP_RELATIVEURLS": "true"}, **BEHIND)
    shell(playground.node(2), f"docker push -q {TOOL_REFERENCE}")


def tell_the_registry_its_address(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1), environment={"REGISTRY_HTTP_HOST": f"https://{ADDRESS}"}, **BEHIND)
    shell(playground.node(2), f"docker push -q {TOOL_REFERENCE}")


def write_the_file_alone(playground: Playground) -> None:
    rewrite(playground, "proxy_pass", "proxy_set_header X-Forwarded-Proto $scheme;\nproxy_pass")


def drop_tls(playground: Playground) -> None:
    rewrite(playground, "5000 ssl", "5000")
    playground.node(1).docker.containers.get("proxy").restart(timeout=1)
    believe(playground.node(2), ADDRESS)
    shell(playground.node(2), f"docker push -q {TOOL_REFERENCE}")


def stop_verifying(playground: Playground) -> None:
    believe(playground.node(2), ADDRESS)


def push_past_the_proxy(playground: Playground) -> None:
    push(playground.node(1), "busybox:latest", "127.0.0.1:5001/team/tool:1")


CASES = RepairCases(
    right=(give_addresses_without_a_host, tell_the_registry_its_address),
    wrong=(
        WrongRepair(
            write_the_file_alone,
            SENT,
            "nginx reads its file at `nginx -s reload`; $scheme is how the client asked",
        ),
        WrongRepair(
            drop_tls, f"{ADDRESS} speaks plain HTTP, wanted TLS", "the proxy is there to do TLS"
        ),
        WrongRepair(
            stop_verifying,
            f"node 2 takes any certificate from {ADDRESS}, wanted one that it verifies",
            "the certificate is good; the mistake is in an address that the registry gives",
        ),
        WrongRepair(
            push_past_the_proxy,
            SENT,
            "the registry writes addresses as it was asked, by the proxy in plain HTTP",
        ),
    ),
)
