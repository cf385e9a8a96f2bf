"""Right and wrong repairs of a login under another name."""

from __future__ import annotations

from labs.playground import Playground
from labs.repairs.common import ADDRESS, TOOL_REFERENCE, shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import remove, run

LOGIN = f"echo opensesame | docker login -u rosa --password-stdin {ADDRESS}"


def push_it_to_the_name_of_the_login(playground: Playground) -> None:
    shell(
        playground.node(2),
        f"docker tag {TOOL_REFERENCE} node1:5000/team/tool:1 && docker push -q node1:5000/team/tool:1",
    )


def switch_passwords_off(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1))
    shell(playground.node(2), f"docker push -q {TOOL_REFERENCE}")


def log_in_and_stop_there(playground: Playground) -> None:
    shell(playground.node(2), LOGIN)


def log_in_on_the_server(playground: Playground) -> None:
    shell(playground.node(1), LOGIN.replace(ADDRESS, "127.0.0.1:5000"))


def change_the_members(playground: Playground) -> None:
    playground.node(1).write_file("/srv/auth/htpasswd", "")


CASES = RepairCases(
    right=(push_it_to_the_name_of_the_login,),
    wrong=(
        WrongRepair(
            switch_passwords_off,
            "the registry on port 5000 of node 1 answers strangers, wanted a password from everyone",
            "REGISTRY_AUTH_HTPASSWD_REALM and REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd, with -v /srv/auth:/auth:ro",
        ),
        WrongRepair(
            log_in_and_stop_there,
            "node 2 is logged in at registry.lab:5000 and has not pushed team/tool:1",
            f"`docker push {TOOL_REFERENCE}` in node 2",
        ),
        WrongRepair(
            log_in_on_the_server,
            "the registry takes pushes, and team/tool:1 is not in it",
            f"`docker push {TOOL_REFERENCE}` in node 2",
        ),
        WrongRepair(
            change_the_members,
            "the registry on port 5000 of node 1 does not let in rosa with the password that was asked for",
            "a line of the password file is `rosa:`, then a bcrypt hash of the password",
        ),
    ),
)
