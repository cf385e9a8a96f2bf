"""Checks of lesson 7. They ask the registry through every node, read the swarm from a manager, try a bad update."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import missing_nodes
from labs.lessons.keep_a_swarm_serving import member_access, rollback
from labs.lessons.keep_a_swarm_serving.registry_service import Guard
from labs.playground import Playground, PlaygroundError, service_spec
from labs.registry import Reference
from labs.waiting import WaitTimeout

MOBY, GRACE = ("moby", "gordon"), ("grace", "hopper")
SERVICE, REPLICAS = "shop", 5
OWN = ("registry.lab:5000", "127.0.0.1:5000", "localhost:5000")
_PATIENCE_S = 15.0  # for tasks that were just started, and pull their image first
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


def takes_back(playground: Playground, _answers: Answers) -> Finding:
    """Five tasks of a pinned image of the own registry, and a bad update, which the check tries, is rolled back."""
    if missing := missing_nodes(playground):
        return missing
    try:
        raw = service_spec.service(playground.swarm.reach().docker.api, SERVICE)
    except PlaygroundError:
        return not_attempted(
            f"run a service called {SERVICE}, {REPLICAS} replicas of an image from your registry"
        )
    return (
        _not_pinned(raw)
        or _too_few(playground, raw)
        or _in_one_place(playground)
        or _all_at_once(raw)
        or rollback.keeps_bad_update(playground, SERVICE)
        or passed()
    )


def _not_pinned(raw: dict[str, Any]) -> Finding | None:
    image = str(raw["Spec"]["TaskTemplate"]["ContainerSpec"]["Image"])
    reference = Reference.parse(image)
    named = image.partition("@")[0]
    if not image.startswith(tuple(f"{host}/" for host in OWN)):
        return not_yet(
            f"{SERVICE} runs {named}, wanted an image from {OWN[0]}",
            hint=f"push it there, and name it {OWN[0]}/…",
        )
    if not reference.digest:
        return not_yet(
            f"{SERVICE} runs {named}, wanted it pinned by digest",
            hint="docker.images.get_registry_data(…).id is the digest; put @ before it",
        )
    return None


def _too_few(playground: Playground, raw: dict[str, Any]) -> Finding | None:
    """Return None if five tasks run; those that were started a moment ago get some seconds."""
    swarm = playground.swarm
    mode = raw["Spec"]["Mode"]
    wanted = mode.get("Replicated", {}).get("Replicas", 0) if "Global" not in mode else REPLICAS
    if wanted != REPLICAS:
        return not_yet(
            f"{SERVICE} has {wanted} replicas, wanted {REPLICAS}",
            hint=f'docker.services.get("{SERVICE}").scale({REPLICAS})',
        )
    with suppress(WaitTimeout):
        swarm.wait(SERVICE, running=REPLICAS, timeout_s=_PATIENCE_S)
        return None
    state = swarm.state()
    now = next((each for each in state.services if each.name == SERVICE), None)
    errors = sorted({task.error for task in swarm.tasks(SERVICE) if task.error})
    paused = "; its last update is paused" if now and now.update == "paused" else ""
    return not_yet(
        f"{now.running if now else 0} of {REPLICAS} tasks of {SERVICE} run{paused}",
        # Without the digest: a verdict has the same text in every run.
        hint=errors[0].partition("@")[0]
        if errors
        else f'lab.swarm.tasks("{SERVICE}") has what each says',
    )


def _in_one_place(playground: Playground) -> Finding | None:
    running = [t for t in playground.swarm.tasks(SERVICE) if t.state == t.desired == "running"]
    nodes = sorted({task.node for task in running})
    if len(nodes) != 1:
        return None
    return not_yet(
        f"all tasks of {SERVICE} run on {nodes[0]}, wanted them on several nodes",
        hint="a constraint holds them there, or the others have no login to pull the image with",
    )


def _all_at_once(raw: dict[str, Any]) -> Finding | None:
    at_once = (raw["Spec"].get("UpdateConfig") or {}).get("Parallelism", 1)
    if at_once == 1:
        return None
    return not_yet(
        f"an update of {SERVICE} replaces {at_once or 'all'} tasks at once, wanted one after the other",
        hint="UpdateConfig(parallelism=1, …): where nothing is said, the SDK says 0, which is all at once",
    )
