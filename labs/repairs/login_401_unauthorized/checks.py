"""Whether both members get in with their passwords, and no one else."""

from __future__ import annotations

from dataclasses import replace

from labs.lesson import Answers, Finding, passed
from labs.playground import Node, Playground
from labs.repairs.common import guarded_image_kept
from labs.repairs.login_401_unauthorized.set_up import LINUS, ROSA

_KINDS = {
    "$apr1$": "MD5 (apr1)",
    "$1$": "MD5",
    "$5$": "SHA-256 of crypt",
    "$6$": "SHA-512 of crypt",
    "{SHA}": "SHA-1",
}


def mended(playground: Playground, notes: Answers) -> Finding:
    """Strangers get a 401, linus and rosa get in, and what was pushed is there."""
    found = guarded_image_kept(playground, notes, LINUS, ROSA)
    if found and "rosa" in found.message:
        return replace(found, hint=_why(playground.node(1)) or found.hint)
    return found or passed()


def _why(server: Node) -> str:
    """What is wrong with the line of rosa, as far as the file on node 1 shows it."""
    lines = server.read_output(["cat", "/srv/auth/htpasswd"]).stdout.splitlines()
    hashes = [each.partition(":")[2] for each in lines if each.startswith("rosa:")]
    if not hashes:
        return "/srv/auth/htpasswd has no line of rosa"
    for begins, kind in _KINDS.items():
        if hashes[-1].startswith(begins):
            return f"the line of rosa has a hash of {kind}; a registry takes bcrypt only"
    return ""
