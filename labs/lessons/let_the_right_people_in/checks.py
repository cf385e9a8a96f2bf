"""Checks of lesson 6. They send requests as members, as untrusted clients and with wrong passwords."""

from __future__ import annotations

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    Member,
    listed,
    named,
    no_registry,
    on_port,
    open_to_strangers,
    says_registry,
)
from labs.lessons.let_the_right_people_in.login_probe import PasswordFile, PortProbe
from labs.playground import Node, Playground

PORT = 5001
ADA, GRACE, LINUS = ("ada", "lovelace"), ("grace", "hopper"), ("linus", "penguin")
REPOSITORY, TAG = "team/hello", "latest"
_FIRST = "registry"  # the lesson's own cells leave it on port 5000


def two_members(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5001 accepts ada and grace with their passwords, and no one else."""
    node = playground.node(1)
    return (
        not_guarded(node)
        or _kept_out(node, ADA, GRACE)
        or _too_open(node)
        or _too_many(node, ADA, GRACE)
        or passed()
    )


def not_guarded(node: Node) -> Finding | None:
    """Return None if the registry asks untrusted clients for a password; otherwise what is wrong."""
    probe = PortProbe(node, PORT)
    probe.wait()
    answer = probe.ask()
    status = answer.status_code if answer is not None else 0
    if answer is not None and status == 401:
        return _no_basic(answer)
    # distribution answers 400 to every request while its htpasswd file has a line that it cannot parse.
    if answer is not None and status == 400 and (container := on_port(node, PORT)):
        return _unreadable(PasswordFile.of(node, container))
    missing = no_registry(node, PORT, left=_FIRST)
    if missing:
        return missing
    return not_yet(
        f"the registry on port {PORT} lets in everybody: GET /v2/ without a password gives {status}, wanted 401",
        hint="REGISTRY_AUTH_HTPASSWD_REALM and REGISTRY_AUTH_HTPASSWD_PATH tell it whom to ask for",
    )


def _no_basic(answer: httpx.Response) -> Finding | None:
    scheme = answer.headers.get("www-authenticate", "").partition(" ")[0]
    if scheme.lower() == "basic":
        return None if says_registry(answer) else _proxy_asks()
    return not_yet(
        f"port {PORT} asks for {scheme or 'nothing that has a name'}, wanted Basic",
        hint="REGISTRY_AUTH=htpasswd",
    )


def _proxy_asks() -> Finding:
    return not_yet(
        f"on port {PORT} a proxy asks for a password, and the registry behind it asks no one",
        hint="the registry itself asks at every request: run it with REGISTRY_AUTH",
    )


def _kept_out(node: Node, *members: Member) -> Finding | None:
    """Return None if all of them are accepted with their passwords; otherwise what is wrong."""
    probe = PortProbe(node, PORT)
    for member in members:
        status = probe.status(member=member)
        if status != 200:
            container = on_port(node, PORT)
            file = PasswordFile.of(node, container) if container else None
            seen = f"{member[0]} with the password {member[1]} gets {status}, wanted 200"
            return _why(file, member[0], seen) if file else not_yet(seen)
    return None


def _why(file: PasswordFile, user: str, seen: str) -> Finding:
    """Say why a member is refused, by the password file."""
    if file.members.broken:
        return _unreadable(file)
    if list(file.lines) == ["docker"]:
        return not_yet(
            f"{seen}: the registry found no file at {file.path} and made one, for a user called docker",
            hint="mount the folder that has your file, and give the path as the container sees it",
        )
    if user not in file.lines:
        return not_yet(
            f"{seen}: {file.path} has lines for {listed(file.lines)}",
            hint=f"one line for each member, {user} too; > replaces a file, >> adds to it",
        )
    kind = file.kind(user)
    if kind != "bcrypt":
        return not_yet(
            f"{seen}: the line of {user} has {kind}, wanted bcrypt",
            hint="a registry takes bcrypt alone: htpasswd -B, or the package bcrypt",
        )
    return not_yet(
        f"{seen}: the line of {user} is bcrypt of another password",
        hint="which password belongs to whom? An end of line that was hashed with it counts, too",
    )


def _unreadable(file: PasswordFile) -> Finding:
    broken = file.members.broken
    return not_yet(
        f"{file.path} has {broken} line{'s' * (broken > 1)} without a colon, and the registry lets in nobody",
        hint="each line is user:hash; only blank lines and comments, which begin with #, are skipped",
    )


def _too_open(node: Node) -> Finding | None:
    """Return None if requests without a password, and with a wrong one, are refused; otherwise what is wrong."""
    probe = PortProbe(node, PORT)
    for member in ((ADA[0], GRACE[1]), (ADA[0], ""), ("nobody", "nothing")):
        status = probe.status(member=member)
        if status != 401:
            return not_yet(
                f"user {member[0]} with a wrong password gets {status}, wanted 401",
                hint="who looks at the passwords on this port? Run the registry with REGISTRY_AUTH",
            )
    # A proxy may guard one path and leave the others open.
    if found := open_to_strangers(REPOSITORY, TAG, probe.send):
        return not_yet(
            f"without a password {found[0]} gives {found[1]}, wanted 401",
            hint="the registry itself asks at every request: run it with REGISTRY_AUTH",
        )
    return None


def _too_many(node: Node, *members: Member) -> Finding | None:
    """Return None if the password file has no other member. Other passwords are not known here, so the file is read."""
    container = on_port(node, PORT)
    if container is None:
        return None
    file = PasswordFile.of(node, container).members
    # A registry compares with bcrypt alone: a line with anything else lets no one in.
    names = [user for user in file.hashes if file.is_bcrypt(user)]
    if not set(names) - {user for user, _ in members}:
        return None
    return not_yet(
        f"the password file has lines for {listed(names)}, wanted {listed(user for user, _ in members)} alone",
        hint="anyone who has a line gets in: write the file again, with these two lines alone",
    )


def members_change(playground: Playground, _answers: Answers) -> Finding:
    """Grace is out, linus is in, ada never noticed: the registry was not restarted."""
    node = playground.node(1)
    container = on_port(node, PORT)
    if container is None or not_guarded(node):
        return not_attempted(f"run the registry with members on port {PORT} first (6.3)")
    file = PasswordFile.of(node, container)
    probe = PortProbe(node, PORT)
    # First: with the mount of a replaced file, every other finding would be about the old one.
    if file.is_stale:
        return not_yet(
            f"{named(container)} still reads the file of before: it has a mount of that one file",
            hint="a file that is written again is another file. Mount its folder, as in 6.3, and write it again",
        )
    if GRACE[0] in file.lines and LINUS[0] not in file.lines and probe.status(member=ADA) == 200:
        return not_attempted(f"take {GRACE[0]} out of the password file and put {LINUS[0]} in")
    return (
        _kept_out(node, ADA)
        or _still_in(probe)
        or _kept_out(node, LINUS)
        or _too_open(node)
        or _too_many(node, ADA, LINUS)
        or _restarted(file)
        or passed()
    )


def _still_in(probe: PortProbe) -> Finding | None:
    if probe.status(member=GRACE) == 401:
        return None
    return not_yet(
        f"{GRACE[0]} is still let in, wanted 401", hint="her line has to leave the password file"
    )


def _restarted(file: PasswordFile) -> Finding | None:
    if file.is_newer:
        return None
    return not_yet(
        f"{named(file.container)} was started after the password file was changed, wanted no restart",
        hint="a restart cuts off anyone who is pushing. Write the file once more and leave the container alone",
    )
