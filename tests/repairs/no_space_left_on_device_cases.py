"""Right and wrong repairs of a full disk."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import TOOL_REFERENCE, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import remove, run

STILL = "the registry on port 5000 of node 1 still refuses an upload: 500 UNKNOWN: unknown error"


def push_it(playground: Playground) -> None:
    shell(playground.node(2), f"docker push -q {TOOL_REFERENCE}")


def move_to_a_larger_disk(playground: Playground) -> None:
    server = playground.node(1)
    remove(server, "registry")
    shell(server, "cp -a /srv/disk /srv/larger")
    run(server, volumes=["/srv/larger:/var/lib/registry"])
    push_it(playground)


def restart_it(playground: Playground) -> None:
    playground.node(1).docker.containers.get("registry").restart(timeout=1)


def remove_blobs_by_hand(playground: Playground) -> None:
    shell(
        playground.node(1),
        "find /srv/disk/docker/registry/v2/blobs -name data -size +9k -delete",
    )
    restart_it(playground)


def begin_with_an_empty_one(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1))
    push_it(playground)


CASES = RepairCases(
    right=(move_to_a_larger_disk,),
    wrong=(
        WrongRepair(
            restart_it, STILL, "/srv/disk holds uploads that were begun and never finished"
        ),
        WrongRepair(
            remove_blobs_by_hand,
            "team/app:1 has lost blobs: it can be listed, and not pulled",
            "`labs mend NAME --reset` begins again",
        ),
        WrongRepair(
            begin_with_an_empty_one,
            "team/app:1 is not served on port 5000 of node 1; wanted what was there before, on the same port",
            "a new registry is empty: run it with the volume or the folder of the old one",
        ),
    ),
)
