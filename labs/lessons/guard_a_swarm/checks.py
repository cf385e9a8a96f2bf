"""Check of 8.8. It asks the registry through every node, as members and as untrusted clients."""

from __future__ import annotations

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import missing_nodes
from labs.lessons.guard_a_swarm import member_access
from labs.lessons.guard_a_swarm.registry_service import Guard
from labs.playground import Playground

MOBY, GRACE = ("moby", "gordon"), ("grace", "hopper")
_ADD = (
    "make a secret with the lines of moby and grace, and let the service registry use it as members"
)


def two_members(playground: Playground, _answers: Answers) -> Finding:
    """Both members and no one else get in through every node, over TLS, from a secret, and all images are kept."""
    if missing := missing_nodes(playground):
        return missing
    guard = Guard.settled(playground)
    if guard is None and not member_access.status(playground.node(1)):
        return not_attempted("run the cell that makes the service registry, then add grace")
    if closed := member_access.closed(playground, guard) or member_access.untrusted(playground):
        return closed
    return (
        _untouched(playground, guard)
        or member_access.kept_out(playground, MOBY, guard)
        or member_access.kept_out(playground, GRACE, guard)
        or member_access.too_open(playground, MOBY, GRACE)
        or _shown(playground, guard)
        or member_access.lost(playground, MOBY)
        or passed()
    )


def _untouched(playground: Playground, guard: Guard | None) -> Finding | None:
    """Whether grace was not added yet; a secret that no service uses is half of it."""
    node = playground.node(1)
    refused = member_access.steady(node) == 401
    if not (
        refused
        and member_access.steady(node, MOBY) == 200
        and member_access.steady(node, GRACE) == 401
    ):
        return None
    if guard is None or not guard.lines or GRACE[0] in guard.lines:
        return None
    if spare := guard.unused_secrets:
        return not_yet(
            f"grace gets 401: no service uses the secret {spare[0]}",
            hint="docker.services.get(…).update(secrets=[…], fetch_current_spec=True) with all it needs",
        )
    return not_attempted(_ADD)


def _shown(playground: Playground, guard: Guard | None) -> Finding | None:
    """Whether the hashes can be read by everyone, or are on one node only."""
    if where := guard and guard.shown_in:
        return not_yet(
            f"{where} shows the members' hashes to anyone who asks a manager, wanted them in a secret",
            hint="docker.secrets.create, and SecretReference in place of ConfigReference",
        )
    if guard and guard.path and not guard.path_of_secret:
        return not_yet(
            f"{guard.path} comes from no secret of the service {guard.name}",
            hint="a file on one node stays there when the task moves",
        )
    return None
