"""Forms a swarm of new nodes in parallel, and repairs one that lost members, roles or its quorum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError
from requests.exceptions import RequestException

from labs.playground.labels import Say
from labs.playground.node import Node
from labs.playground.node_errors import NodeUnavailable, PlaygroundError
from labs.playground.swarm import parsing
from labs.playground.swarm.elections import ELECTION_S, through_elections
from labs.playground.swarm.service_spec import in_sequence
from labs.playground.swarm.swarm import Swarm
from labs.waiting import WaitTimeout, wait_until

# Swarm's default port for cluster management.
PORT = 2377
_HEARTBEAT_NS = 2 * 10**9  # a node is down after three missed heartbeats: 6 seconds, 15 by default
_MINORITY_S = 3.0  # without a majority of members an election cannot succeed
_READY_S = 40.0  # longer than the 30 seconds after which nodes exchange their whole state
_THREADS = 9  # one a node, at most MAX_NODES


@dataclass(frozen=True)
class _Membership:
    """Membership as a node itself reports it."""

    inside: bool
    manager: bool
    id: str

    @classmethod
    def of(cls, node: Node) -> _Membership:
        info = node.docker.info()["Swarm"]
        return cls(info["LocalNodeState"] != "inactive", info["ControlAvailable"], info["NodeID"])


def begin(swarm: Swarm) -> None:
    """Form a swarm of new nodes, each as soon as its engine answers.

    Raises:
        NodeUnavailable: A node is lost meanwhile.
        PlaygroundError: An engine refuses; the message has its error.
    """
    seed_manager, *others = swarm.nodes
    with _engine_errors(), ThreadPoolExecutor(max_workers=_THREADS) as pool:
        # A future: the other engines start while the first creates the swarm, and join when the tokens exist.
        tokens = pool.submit(_start_seed, seed_manager)
        list(pool.map(lambda node: _join_when_ready(swarm, node, seed_manager, tokens), others))
        tokens.result()  # with a single node no join has waited for it
        _wait_until_whole(swarm, seed_manager, _READY_S)


def _start_seed(seed_manager: Node) -> dict[str, str]:
    seed_manager.wait()
    _init(seed_manager)
    return _tokens(seed_manager)


def _join_when_ready(
    swarm: Swarm, node: Node, seed_manager: Node, tokens: Future[dict[str, str]]
) -> None:
    node.wait()
    _join(swarm, node, seed_manager, tokens.result())


def form(swarm: Swarm, made: Iterable[str], say: Say) -> None:
    """Make all nodes members of one swarm, in their roles, and wait until all are ready.

    Args:
        swarm: Its engines answer.
        made: Names of new nodes; that they are in no swarm is expected and not reported.
        say: Receives what is repaired.

    Raises:
        NodeUnavailable: A node is lost meanwhile.
        PlaygroundError: An engine refuses; the message has its error.
    """
    with _engine_errors():
        _form(swarm, set(made), say)


@contextmanager
def _engine_errors() -> Iterator[None]:
    """Raise failures of engines as `NodeUnavailable`."""
    try:
        yield
    except (APIError, RequestException, WaitTimeout) as error:
        # The SDK has the engine's text in `explanation`, WaitTimeout in `message`; their str() adds URL or hint.
        reason = getattr(error, "explanation", None) or getattr(error, "message", None) or error
        raise NodeUnavailable(
            f"the swarm cannot be formed: {reason}",
            hint="run the cell with labs.open(…) again; lab.reset() begins with new nodes",
        ) from error


def _form(swarm: Swarm, fresh: set[str], say: Say) -> None:
    known = _memberships(swarm)
    seed_manager = _seed_manager(swarm, known, say)
    if seed_manager is None:
        if not fresh.issuperset(known):
            say("swarm: it was lost, made a new one")
        # An engine in a swarm can neither start one nor join another.
        _leave(node for node in swarm.nodes if known[node.name].inside)
        # All count as new now: that they are in no swarm is not reported node by node.
        seed_manager, fresh = swarm.managers[0], set(known)
        _init(seed_manager)
    elif {each.id for each in known.values()} != set(_members(seed_manager)):
        _drop_stale(swarm, seed_manager, say)
    _join_rest(swarm, seed_manager, fresh, say)
    _restore(swarm, seed_manager, say)
    _settle(swarm, seed_manager, say)


def _memberships(swarm: Swarm) -> dict[str, _Membership]:
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        every = pool.map(_Membership.of, swarm.nodes)
        return dict(zip((node.name for node in swarm.nodes), every, strict=True))


def _seed_manager(swarm: Swarm, known: dict[str, _Membership], say: Say) -> Node | None:
    """Return a manager with a quorum, after a forced new cluster if necessary; None if no member is left."""
    inside = [node for node in swarm.nodes if known[node.name].inside]
    if not inside:
        return None
    enough = len(inside) > len(swarm.managers) // 2
    ids = {each.id for each in known.values()}
    try:
        return wait_until(
            lambda: _reached(swarm, ids),
            "a quorum",
            # At least as many members as a majority of managers: the managers may still be electing a leader.
            timeout_s=ELECTION_S if enough else _MINORITY_S,
        )
    except WaitTimeout:
        pass
    for node in inside:
        # A worker refuses, so the first that accepts is a manager with a copy of the swarm's data.
        if _force_new_cluster(node):
            say(
                f"swarm: its quorum was lost; {node.name} started a new cluster with its services and secrets"
            )
            return node
    return None


def _reached(swarm: Swarm, ids: set[str]) -> Node | None:
    """Return a manager whose quorum is of existing nodes: a new node has the name of an old one, but another id."""
    found = swarm.answering()
    if found is None:
        return None
    try:
        # It may lose its quorum between the two requests. Then this is asked again, so no election is waited for here.
        managers = [raw["ID"] for raw in found.docker.api.nodes() if raw.get("ManagerStatus")]
    except (APIError, RequestException):
        return None
    return found if 2 * len(ids.intersection(managers)) > len(managers) else None


def _force_new_cluster(node: Node) -> bool:
    """Run `docker swarm init --force-new-cluster` on a manager; return whether that worked."""
    try:
        _init(node, force_new_cluster=True)
    except (APIError, RequestException):
        return False
    return True


def _init(node: Node, *, force_new_cluster: bool = False) -> None:
    # The SDK's `swarm` reads the swarm first, which fails where there is no leader.
    api = node.docker.api
    api.init_swarm(
        advertise_addr=node.inner_address,
        listen_addr=f"0.0.0.0:{PORT}",
        force_new_cluster=force_new_cluster,
        swarm_spec=api.create_swarm_spec(dispatcher_heartbeat_period=_HEARTBEAT_NS),
    )


def _tokens(seed_manager: Node) -> dict[str, str]:
    return dict(through_elections(seed_manager.docker.api.inspect_swarm)["JoinTokens"])


def _join(swarm: Swarm, node: Node, seed_manager: Node, tokens: dict[str, str]) -> None:
    remote = f"{seed_manager.inner_address}:{PORT}"
    try:
        node.docker.api.join_swarm(
            remote_addrs=[remote],
            join_token=tokens["Manager" if node in swarm.managers else "Worker"],
            advertise_addr=node.inner_address,
            listen_addr=f"0.0.0.0:{PORT}",
        )
    except APIError as error:
        # 503: the manager that was to take it in is gone, so the whole may be tried again.
        kind = NodeUnavailable if error.is_server_error() else PlaygroundError
        raise kind(
            f"{node.name}: docker swarm join {remote}: {error.explanation or error}",
            hint="run labs.open(…) again; lab.reset() begins with new nodes",
        ) from error


def _leave(nodes: Iterable[Node]) -> None:
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        list(pool.map(lambda node: node.docker.api.leave_swarm(force=True), nodes))


def _members(seed_manager: Node) -> dict[str, dict[str, Any]]:
    """Return the members of the seed manager's swarm by their id."""
    return {entry["ID"]: entry for entry in through_elections(seed_manager.docker.api.nodes)}


def _drop_stale(swarm: Swarm, seed_manager: Node, say: Say) -> None:
    """Remove members that do not exist any more; have nodes that are in another swarm leave it."""
    known, members = _memberships(swarm), _members(seed_manager)
    _leave(n for n in swarm.nodes if known[n.name].inside and known[n.name].id not in members)
    for id in members.keys() - {each.id for each in known.values()}:
        name = members[id].get("Description", {}).get("Hostname", id)
        say(f"swarm: the old {name} is gone, removed from its members")
        # The swarm does not remove a manager, only a worker. After a forced new cluster old managers are no longer
        # listed as managers.
        if members[id].get("ManagerStatus"):
            _change(seed_manager, id, Role="worker")
        wait_until(lambda id=id: _removed(seed_manager, id), f"{name} to be removed")  # type: ignore[misc]


def _removed(seed_manager: Node, id: str) -> bool:
    """Remove a member; return whether it is gone. The swarm refuses for a while after a demotion."""
    try:
        seed_manager.docker.api.remove_node(id, force=True)
    except APIError as error:
        # Another process, or an earlier try whose answer was lost, has removed it.
        return error.status_code == 404
    return True


def _join_rest(swarm: Swarm, seed_manager: Node, fresh: set[str], say: Say) -> None:
    known, members = _memberships(swarm), _members(seed_manager)
    outside = [n for n in swarm.nodes if n is not seed_manager and known[n.name].id not in members]
    if not outside:
        return
    tokens = _tokens(seed_manager)
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        list(pool.map(lambda node: _join(swarm, node, seed_manager, tokens), outside))
    for node in outside:
        if node.name not in fresh:
            say(f"{node.name}: was not in the swarm, joined it again")


def _restore(swarm: Swarm, seed_manager: Node, say: Say) -> None:
    """Give each member its role and let it take tasks: a student may have left a lesson in the middle."""
    known, members = _memberships(swarm), _members(seed_manager)
    for node in swarm.nodes:
        # By id: a member that has just joined is listed without its name until its engine reports.
        entry = members.get(known[node.name].id)
        if entry is None:  # `_settle` has it join again
            continue
        role = "manager" if node in swarm.managers else "worker"
        if entry["Spec"]["Role"] != role:
            say(f"{node.name}: is a {role} again")
            _change(seed_manager, entry["ID"], Role=role)
        if entry["Spec"]["Availability"] != "active":
            say(f"{node.name}: was set to {entry['Spec']['Availability']}, takes tasks again")
            _change(seed_manager, entry["ID"], Availability="active")


def _change(seed_manager: Node, id: str, **spec: str) -> None:
    api: Any = seed_manager.docker.api  # types-docker does not accept a spec as it was read

    def change() -> None:
        entry = api.inspect_node(id)
        api.update_node(id, entry["Version"]["Index"], {**entry["Spec"], **spec})

    in_sequence(change)


def _settle(swarm: Swarm, seed_manager: Node, say: Say) -> None:
    """Wait until all nodes are ready; nodes that are not, perhaps in a swarm of their own, leave and join again."""
    try:
        _wait_until_whole(swarm, seed_manager, _READY_S)
    except WaitTimeout:
        unheard = [node for node in _unready(swarm, seed_manager) if node is not seed_manager]
        # A new leader has heard of none at first. If all of those left, the quorum would go with them.
        if _may_leave(swarm, unheard):
            for node in unheard:
                say(f"{node.name}: not heard by the swarm, joining again")
            _leave(unheard)
            _drop_stale(swarm, seed_manager, say)
            _join_rest(swarm, seed_manager, set(), say)
        # Twice: it is the last try, after which only `lab.reset()` is left.
        _wait_until_whole(swarm, seed_manager, 2 * _READY_S)


def _may_leave(swarm: Swarm, nodes: list[Node]) -> bool:
    """Whether a majority of the managers is left without these nodes."""
    staying = [manager for manager in swarm.managers if manager not in nodes]
    return 2 * len(staying) > len(swarm.managers)


def _wait_until_whole(swarm: Swarm, seed_manager: Node, timeout_s: float) -> None:
    wait_until(
        lambda: not _unready(swarm, seed_manager),
        "all nodes of the swarm to be ready",
        timeout_s=timeout_s,
        last_words=lambda: (
            ", ".join(node.name for node in _unready(swarm, seed_manager)) + " not ready"
        ),
    )


def _unready(swarm: Swarm, seed_manager: Node) -> list[Node]:
    known = parsing.by_name(_members(seed_manager).values())
    return [node for node in swarm.nodes if not _is_ready(swarm, node, known.get(node.name, {}))]


def _is_ready(swarm: Swarm, node: Node, entry: dict[str, Any]) -> bool:
    reachable = (entry.get("ManagerStatus") or {}).get("Reachability") == "reachable"
    heard = (entry.get("Status") or {}).get("State") == "ready"
    return heard and (reachable or node in swarm.workers)
