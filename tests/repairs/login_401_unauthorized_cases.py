"""Right and wrong repairs of a hash that is not bcrypt."""

from __future__ import annotations

import bcrypt

from labs.playground import Playground
from labs.repairs.common import shell
from tests.repairs.cases import RepairCases, WrongRepair
from tests.repairs.repair_actions import remove, run

FILE = "/srv/auth/htpasswd"
REFUSED = (
    "the registry on port 5000 of node 1 does not let in {} with the password that was asked for"
)
A_LINE = "a line of the password file is `{}:`, then a bcrypt hash of the password"


def line(name: str, password: str) -> str:
    return f"{name}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n"


def make_the_file_again_and_restart(playground: Playground) -> None:
    lines = line("rosa", "opensesame") + line("linus", "penguin")
    playground.node(1).write_file(FILE, lines)
    playground.node(1).docker.containers.get("registry").restart(timeout=1)


def throw_linus_out(playground: Playground) -> None:
    playground.node(1).write_file(FILE, line("rosa", "opensesame"))


def hash_it_with_sha(playground: Playground) -> None:
    old = playground.node(1).read_file(FILE).decode().splitlines()[0]
    new = shell(playground.node(1), "openssl passwd -6 opensesame").strip()
    playground.node(1).write_file(FILE, f"{old}\nrosa:{new}\n")


def give_her_another_password(playground: Playground) -> None:
    old = playground.node(1).read_file(FILE).decode().splitlines()[0]
    playground.node(1).write_file(FILE, f"{old}\n{line('rosa', 'penguin')}")


def switch_passwords_off(playground: Playground) -> None:
    remove(playground.node(1), "registry")
    run(playground.node(1))


CASES = RepairCases(
    right=(make_the_file_again_and_restart,),
    wrong=(
        WrongRepair(throw_linus_out, REFUSED.format("linus"), A_LINE.format("linus")),
        WrongRepair(
            hash_it_with_sha,
            REFUSED.format("rosa"),
            "the line of rosa has a hash of SHA-512 of crypt; a registry takes bcrypt only",
        ),
        WrongRepair(give_her_another_password, REFUSED.format("rosa"), A_LINE.format("rosa")),
        WrongRepair(
            switch_passwords_off,
            "the registry on port 5000 of node 1 answers strangers, wanted a password from everyone",
            "REGISTRY_AUTH_HTPASSWD_REALM and REGISTRY_AUTH_HTPASSWD_PATH=/auth/htpasswd, with -v /srv/auth:/auth:ro",
        ),
    ),
)
