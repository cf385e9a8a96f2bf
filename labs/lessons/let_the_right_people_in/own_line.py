"""The check of 6.2: a password file that a registry could use."""

from __future__ import annotations

import bcrypt

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import PasswordLines, listed
from labs.playground import Playground

PATH = "/srv/team/htpasswd"
USER, PASSWORD = "ada", "lovelace"
_COST = range(10, 15)  # less helps a thief of the file, more makes each request wait


def one_line(playground: Playground, _answers: Answers) -> Finding:
    """The file on node 1 has a line for ada, a bcrypt hash of her password."""
    try:
        text = playground.node(1).read_file(PATH).decode(errors="replace")
    except FileNotFoundError:
        return not_attempted(f"write a line for {USER} to {PATH} on node 1")
    lines = PasswordLines.read(text)
    if lines.broken:
        return not_yet(
            f"{PATH} has {lines.broken} line{'s' * (lines.broken > 1)} without a colon",
            hint="each line is user:hash",
        )
    if USER not in lines.hashes:
        return not_yet(
            f"{PATH} has lines for {listed(lines.hashes)}, wanted one for {USER}",
            hint="the user comes first, then a colon",
        )
    if not lines.is_bcrypt(USER):
        return not_yet(
            f"the line of {USER} has no bcrypt",
            hint="a hash of bcrypt begins with $2 and has 60 characters",
        )
    return _judge(lines.hashes[USER])


def _judge(hashed: str) -> Finding:
    cost = int(hashed.split("$")[2])
    if cost not in _COST:
        return not_yet(
            f"the hash of {USER} has the cost {cost}, wanted {_COST[0]} to {_COST[-1]}",
            hint="-C of htpasswd, the argument of bcrypt.gensalt",
        )
    # All variants are one algorithm, and the package knows $2a$ and $2b$.
    known = b"$2b$" + hashed.split("$", 2)[2].encode()
    if not bcrypt.checkpw(PASSWORD.encode(), known):
        return not_yet(
            f"the line of {USER} is bcrypt of another password",
            hint="an end of line that was hashed with it counts, too",
        )
    return passed()
