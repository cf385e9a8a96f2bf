"""Checks of lesson 5. They send requests as members, as untrusted clients and with wrong passwords."""

from __future__ import annotations

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import Member, listed, named, no_registry, on_port
from labs.lessons.let_the_right_people_in.login_probe import PasswordFile, PortProbe
from labs.playground import Node, Playground
from labs.registry import ACCEPT, digest_of

PORT, READERS = 5001, 8080
ADA, GRACE, LINUS = ("ada", "lovelace"), ("grace", "hopper"), ("linus", "penguin")
REPOSITORY, TAG = "team/hello", "latest"
_FIRST = "registry"  # the lesson's own cells leave it on port 5000


def two_members(playground: Playground, _answers: Answers) -> Finding:
    """The registry on port 5001 accepts ada and grace with their passwords, and no one else."""
    node = playground.node(1)
    return (
        _not_guarded(node)
        or _kept_out(node, ADA, GRACE)
        or _too_open(node)
        or _too_many(node, ADA, GRACE)
        or passed()
    )


def _not_guarded(node: Node) -> Finding | None:
    """Return None if the registry asks untrusted clients for a password; otherwise what is wrong."""
    probe = PortProbe(node, PORT)
    probe.wait()
    answer = probe.ask()
    status = answer.status_code if answer is not None else 0
    if answer is not None and status == 401:
        return _no_basic(answer)
    # distribution answers 400 to every request while its htpasswd file has a line that it cannot parse.
    if answer is not None and status == 400 and (container := on_port(node, PORT)):
        return _unreadable(PasswordFile.of(container))
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
        return None
    return not_yet(
        f"port {PORT} asks for {scheme or 'nothing that has a name'}, wanted Basic",
        hint="REGISTRY_AUTH=htpasswd",
    )


def _kept_out(node: Node, *members: Member) -> Finding | None:
    """Return None if all of them are accepted with their passwords; otherwise what is wrong."""
    probe = PortProbe(node, PORT)
    for member in members:
        status = probe.status(member=member)
        if status != 200:
            container = on_port(node, PORT)
            file = PasswordFile.of(container) if container else None
            seen = f"{member[0]} with the password {member[1]} gets {status}, wanted 200"
            return _why(file, member[0], seen) if file else not_yet(seen)
    return None


def _why(file: PasswordFile, user: str, seen: str) -> Finding:
    """Say why a member is refused, by the password file."""
    if any(not rest for rest in file.lines.values()):
        return _unreadable(file)
    if list(file.lines) == ["docker"]:
        return not_yet(
            f"{seen}: the registry found no file at {file.path} and made one, for a user called docker",
            hint="mount the folder that has your file, and give the path as the container sees it",
        )
    if user not in file.lines:
        return not_yet(
            f"{seen}: {file.path} has lines for {listed(file.lines)}",
            hint=f"one line for each member, {user} too; > writes a file anew, >> adds to it",
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
    broken = sum(not rest for rest in file.lines.values())
    return not_yet(
        f"{file.path} has {broken} line without a colon, and the registry lets in nobody",
        hint="each line is user:hash, and nothing else stands in the file",
    )


def _too_open(node: Node) -> Finding | None:
    """Return None if wrong passwords are refused; otherwise what is wrong."""
    for member in ((ADA[0], GRACE[1]), (ADA[0], ""), ("nobody", "nothing")):
        status = PortProbe(node, PORT).status(member=member)
        if status != 401:
            return not_yet(
                f"user {member[0]} with a wrong password gets {status}, wanted 401",
                hint="who looks at the passwords on this port? Run the registry with REGISTRY_AUTH",
            )
    return None


def _too_many(node: Node, *members: Member) -> Finding | None:
    """Return None if the password file has no other member. Other passwords are not known here, so the file is read."""
    container = on_port(node, PORT)
    lines = PasswordFile.of(container).lines if container else {}
    others = set(lines) - {user for user, _ in members}
    if not others:
        return None
    return not_yet(
        f"the password file has lines for {listed(lines)}, wanted {listed(user for user, _ in members)} alone",
        hint="whoever has a line gets in: write the file anew, with these two lines alone",
    )


def members_change(playground: Playground, _answers: Answers) -> Finding:
    """Grace is out, linus is in, ada never noticed: the registry was not restarted."""
    node = playground.node(1)
    container = on_port(node, PORT)
    if container is None or _not_guarded(node):
        return not_attempted(f"run the registry with members on port {PORT} first (5.1)")
    file = PasswordFile.of(container)
    probe = PortProbe(node, PORT)
    # First: with the mount of a replaced file, every other finding would be about the old one.
    if file.is_stale:
        return not_yet(
            f"{named(container)} still reads the file of before: it has a mount of that one file",
            hint="a file that is written anew is another file. Mount its folder, as in 5.1, and write it again",
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
        hint="a restart cuts off whoever is pushing. Write the file once more and leave the container alone",
    )


def door_for_readers(playground: Playground, _answers: Answers) -> Finding:
    """Everyone can pull team/hello through port 8080, no one can write through it."""
    node = playground.node(1)
    members = PortProbe(node, PORT)
    if _not_guarded(node) or members.status(member=ADA) != 200:
        return not_attempted(f"run the registry with members on port {PORT} first (5.1)")
    probe = PortProbe(node, READERS)
    probe.wait()
    status = probe.status()
    manifest = members.ask(_manifest(), member=ADA, headers={"Accept": ACCEPT})
    there = manifest is not None and manifest.status_code == 200
    if not status:
        return _no_door(node, there)
    if not there or manifest is None:
        return not_yet(
            f"the registry on port {PORT} has no {REPOSITORY}:{TAG}",
            hint=f"log in as ada to 127.0.0.1:{PORT} and push it there",
        )
    return _not_open(status) or _not_read(probe, manifest.content) or _writes(probe, manifest)


def _manifest() -> str:
    return f"/v2/{REPOSITORY}/manifests/{TAG}"


def _no_door(node: Node, pushed: bool) -> Finding:
    """Nothing answers on port 8080."""
    every = node.docker.containers.list(all=True, ignore_removed=True)
    proxies = [c for c in every if "nginx" in c.attrs["Config"]["Image"]]
    if not proxies:
        first = "" if pushed else f"push {REPOSITORY} to port {PORT} as ada, and "
        return not_attempted(f"{first}run a proxy that answers on port {READERS}")
    state = f"{named(proxies[0])} is {proxies[0].status}"
    return not_yet(
        f"{state}, and nothing answers on port {READERS}",
        hint=f'docker.containers.get("{proxies[0].name}").logs() tells why. Does it listen on {READERS} of the node?',
    )


def _not_open(status: int) -> Finding | None:
    """Return None if GET /v2/ without a password is answered with 200; otherwise what is wrong."""
    if status == 200:
        return None
    hints = {
        401: "the proxy has to log in itself, as a member of the registry behind it: "
        "proxy_set_header Authorization",
        404: "location /v2/ { proxy_pass …; } passes requests on; is your file in /etc/nginx/conf.d?",
        502: f"nothing answers where proxy_pass leads. In a container 127.0.0.1 is that container: "
        f'network_mode="host" makes it the node, and the registry is on {PORT}',
    }
    return not_yet(
        f"GET /v2/ on port {READERS} without a password gives {status}, wanted 200",
        hint=hints.get(status, "the proxy's log tells why"),
    )


def _not_read(probe: PortProbe, wanted: bytes) -> Finding | None:
    """Return None if a client without a password gets the manifest that members pushed; otherwise what is wrong."""
    seen = probe.ask(_manifest(), headers={"Accept": ACCEPT})
    status = seen.status_code if seen is not None else 0
    if seen is not None and status == 200 and digest_of(seen.content) == digest_of(wanted):
        return None
    what = "another manifest" if status == 200 else str(status)
    return not_yet(
        f"{REPOSITORY}:{TAG} through port {READERS} gives {what}, wanted what is on port {PORT}",
        hint=f"the proxy passes everything below /v2/ on to the registry on port {PORT}",
    )


def _writes(probe: PortProbe, manifest: httpx.Response) -> Finding:
    """A POST and a PUT have to fail, without a password and with a member's."""
    # As a member too: a proxy that passes her password on would let her write.
    for member, words in ((None, "without a password"), (ADA, "as ada")):
        begun = probe.ask(f"/v2/{REPOSITORY}/blobs/uploads/", method="POST", member=member)
        if begun is not None and begun.status_code < 400:
            return not_yet(
                f"port {READERS} lets uploads through: POST {words} gives {begun.status_code}, wanted a refusal",
                hint="let your map give nothing for other methods, or limit_except GET { deny all; } in the location",
            )
    kind = {"Content-Type": manifest.headers["content-type"]}
    # The same bytes under the same tag: if the proxy lets them in, nothing has changed.
    put = probe.ask(_manifest(), method="PUT", headers=kind, content=manifest.content)
    if put is not None and put.status_code < 400:
        return not_yet(
            f"port {READERS} lets tags be moved: PUT without a password gives {put.status_code}, wanted a refusal",
            hint="POST is not all that writes: name what may pass, not what may not",
        )
    return passed()
