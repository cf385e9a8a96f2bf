"""Right and wrong repairs of a name that one machine does not know."""

from __future__ import annotations

import time

from labs.playground import Playground
from labs.repairs.common import shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import believe, pull, push, run

NAME = "registry.team.lab"
LINE = "a line of /etc/hosts in node 2, the machine whose engine pulls: an address, then the name"
UNKNOWN = f"node 2 still does not know {NAME}"


def put_it_beside_other_names(playground: Playground) -> None:
    address = playground.node(1).inner_address
    shell(playground.node(2), f"echo '{address} hub {NAME} shelf # until next week' >> /etc/hosts")
    time.sleep(5)  # Go keeps what it read of /etc/hosts for so long
    pull(playground.node(2), f"{NAME}:5000/team/app")


def tell_the_server(playground: Playground) -> None:
    shell(playground.node(1), f"echo '{playground.node(1).inner_address} {NAME}' >> /etc/hosts")


def use_the_other_name(playground: Playground) -> None:
    believe(playground.node(2), "registry.lab:5000")
    pull(playground.node(2))


def answer_on_the_own_machine(playground: Playground) -> None:
    user = playground.node(2)
    shell(user, f"echo '127.0.0.1 {NAME}' >> /etc/hosts")
    run(user)
    time.sleep(5)  # the same
    push(user, "hello-world:latest", f"{NAME}:5000/team/app:1")


def move_the_line(playground: Playground) -> None:
    server = playground.node(1)
    shell(server, f"grep -v {NAME} /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts")
    put_it_beside_other_names(playground)


def lead_node_1_elsewhere(playground: Playground) -> None:
    server, user = playground.node(1), playground.node(2)
    address = user.inner_address
    shell(
        server,
        f"sed 's/.*{NAME}/{address} {NAME}/' /etc/hosts > /tmp/hosts; cat /tmp/hosts > /etc/hosts",
    )
    put_it_beside_other_names(playground)


CASES = RepairCases(
    right=(put_it_beside_other_names,),
    wrong=(
        WrongRepair(tell_the_server, UNKNOWN, LINE),
        WrongRepair(
            move_the_line,
            f"node 1 does not know {NAME} any more",
            f"it did before: the line `127.0.0.1 {NAME}` of /etc/hosts in node 1",
        ),
        WrongRepair(
            lead_node_1_elsewhere,
            f'node 1 asks for {NAME}:5000/team/app:1 and gets: Get "http://{NAME}:5000/v2/": dial tcp …:5000: '
            "connect: connection refused",
            "that worked before: what was changed on node 1, or in the registry's container?",
        ),
        WrongRepair(use_the_other_name, UNKNOWN, LINE),
        WrongRepair(
            answer_on_the_own_machine,
            f"{NAME} leads node 2 to another machine than node 1",
            "`getent hosts node1` in node 2 prints the address of node 1 as node 2 reaches it",
        ),
    ),
)
