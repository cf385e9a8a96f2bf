"""The check of 60.3: who may read, who may write, and that nobody else gets anything on any port of any node."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import (
    Member,
    PortAnswer,
    Request,
    ask_ports,
    beginning,
    begun_at,
    lets_through,
    open_to_strangers,
    reading,
    writing,
)
from labs.lessons.run_the_registry_of_a_team.door import (
    HOST,
    PORT,
    READER,
    WRITER,
    DoorProbe,
    not_open,
)
from labs.lessons.run_the_registry_of_a_team.trial_image import Trial, pushed, why_refused
from labs.playground import Node, Playground

TEAM, TAG = "team/app", "1"
_REFUSED = (401, 403, 405)
_PATIENCE_S = 20.0
_PUBLISHED = (5000, 5001, 5002)
_PROXY = "who looks at the method? A registry's htpasswd knows no roles, a proxy in front of it can"


def roles(playground: Playground, _answers: Answers) -> Finding:
    """The reader reads, the writer writes and deletes, and nobody else gets in, on any port."""
    if closed := not_open(playground):
        return closed
    probe = DoorProbe(playground.node(1))
    if found := _unknown(probe):
        return found
    try:
        with pushed(playground.node(2)) as trial:
            return (
                _strangers(probe, trial)
                or _wrong_passwords(probe)
                or _reader(probe, trial)
                or _other_ports(playground, trial)
                or _writer_deletes(probe, trial)
                or passed()
            )
    except httpx.HTTPError as error:
        return why_refused(error)


def _unknown(probe: DoorProbe) -> Finding | None:
    """Return None if both accounts get in with their passwords; otherwise which of them does not."""
    open_to_all = probe.status() == 200
    for member in (READER, WRITER):
        if (seen := probe.status(member=member)) != 200:
            return not_yet(
                f"{member[0]} with the password {member[1]} gets {seen}, wanted 200",
                hint="a line for each account, where the one that asks for passwords looks",
            )
    if open_to_all:
        return not_attempted("let the registry ask for passwords")
    return None


def _strangers(probe: DoorProbe, trial: Trial) -> Finding | None:
    found = open_to_strangers(trial.repository, trial.tag, probe.send, digests=trial.digests)
    if found is None:
        return None
    return not_yet(
        f"without a password {found[0]} gives {found[1]}, wanted 401",
        hint="ask for a password at every path and method",
    )


def _wrong_passwords(probe: DoorProbe) -> Finding | None:
    # Right passwords of the wrong account too: one who looks at the password alone would accept them.
    wrong: tuple[Member, ...] = (
        (READER[0], WRITER[1]),
        (WRITER[0], READER[1]),
        (WRITER[0], ""),
        ("nobody", WRITER[1]),
    )
    for member in wrong:
        if (seen := probe.status(member=member)) != 401:
            return not_yet(f"{member[0]} with a wrong password gets {seen}, wanted 401")
    return None


def _reader(probe: DoorProbe, trial: Trial) -> Finding | None:
    """Return None if the reader reads everything and writes nothing; otherwise what is wrong."""
    for digest in trial.digests:
        kind = "manifests" if digest == trial.digests[0] else "blobs"
        seen = probe.status(f"/v2/{trial.repository}/{kind}/{digest}", member=READER)
        if seen != 200:
            return not_yet(f"{READER[0]} gets {seen} for one of the {kind}, wanted 200")
    for request in _writes(trial):
        answer = probe.send(request, READER)
        if begun := begun_at(answer):
            probe.send(Request("DELETE", begun), WRITER)
        if answer is not None and (lets_through(answer) or answer.status_code not in _REFUSED):
            return not_yet(
                f"{READER[0]} may write: {request} gives {answer.status_code}, wanted 401 or 403",
                hint=_PROXY,
            )
    if missing := trial.lacks(probe.node, patience_s=_PATIENCE_S):
        return not_yet(f"after a DELETE by {READER[0]}, {missing}", hint=_PROXY)
    return None


def _writes(trial: Trial) -> list[Request]:
    manifests = f"/v2/{trial.repository}/manifests"
    own = [Request("DELETE", f"{manifests}/{trial.document.digest}")]
    over = Request(
        "PUT", f"{manifests}/{trial.tag}", trial.document.content, trial.document.media_type
    )
    return [*beginning(trial.repository), *writing(trial.repository), over, *own]


def _writer_deletes(probe: DoorProbe, trial: Trial) -> Finding | None:
    path = f"/v2/{trial.repository}/manifests/{trial.document.digest}"
    answer = probe.ask(path, method="DELETE", member=WRITER)
    status = answer.status_code if answer is not None else 0
    if status != 202:
        return not_yet(
            f"{WRITER[0]} cannot delete: DELETE gives {status}, wanted 202",
            hint="lesson 11: a registry deletes if its storage settings say delete: {enabled: true}",
        )
    return None


def _other_ports(playground: Playground, trial: Trial) -> Finding | None:
    """Return None if no port of any node gives what is the team's without a password; otherwise which one does."""
    asked = [r for r in reading(trial.repository, trial.tag, trial.digests) if _tells(r)]
    asked += [r for r in reading(TEAM, TAG) if _tells(r)]

    def answers(node: Node) -> list[PortAnswer]:
        asker = playground.node(2 if node.name == "node1" else 1)
        return ask_ports(asker, node, asked, host=node.name, published=_PUBLISHED, always=[PORT])

    with ThreadPoolExecutor(max_workers=len(playground.nodes)) as pool:
        for node, found in zip(playground.nodes, pool.map(answers, playground.nodes), strict=True):
            for each in found:
                if each.of_registry and each.status == 200:
                    return not_yet(
                        f"port {each.port} of {node.name} gives the team's images to everyone: "
                        f"{each.request} gives 200, wanted 401",
                        hint=f"close it, or publish it on 127.0.0.1 alone; {HOST}:{PORT} is the way in",
                    )
                if each.plain and each.status == 401:
                    return not_yet(
                        f"port {each.port} of {node.name} asks for passwords over plain HTTP",
                        hint="close it, or publish it on 127.0.0.1 alone",
                    )
    return None


def _tells(request: Request) -> bool:
    """Whether a request asks for something of a repository of the team: a cache answers 200 for /v2/ and its own."""
    return request.method == "GET" and any(
        f"/{end}" in request.path for end in ("tags", "manifests", "blobs/sha256")
    )
