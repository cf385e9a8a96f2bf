"""Forming a swarm of new nodes, side by side, and mending one that lost members, its roles or its quorum."""

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
from labs.playground.swarm.service_spec import in_sequence
from labs.playground.swarm.swarm import Swarm
from labs.waiting import WaitTimeout, wait_until

PORT = 2377
_HEARTBEAT_NS = 2 * 10**9  # three missed ones and a node is down: 6 seconds where the default is 15
_ELECTION_S = 30.0
_HEARD_S = 40.0
_AT_ONCE = 9


@dataclass(frozen=True)
class _Membership:
    """What a node thinks of itself."""

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
        NodeUnavailable: One is lost on the way.
        PlaygroundError: An engine refuses; its words are in the message.
    """
    keeper, *others = swarm.nodes
    with _told(), ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        tokens = pool.submit(_first, keeper)
        list(pool.map(lambda node: _follow(swarm, node, keeper, tokens), others))
        tokens.result()  # where there are no others, nobody has waited for it
        _wait_until_whole(swarm, keeper, _HEARD_S)


def _first(keeper: Node) -> dict[str, str]:
    keeper.wait()
    _init(keeper)
    return _tokens(keeper)


def _follow(swarm: Swarm, node: Node, keeper: Node, tokens: Future[dict[str, str]]) -> None:
    node.wait()
    _join(swarm, node, keeper, tokens.result())


def form(swarm: Swarm, made: Iterable[str], say: Say) -> None:
    """Make all nodes members of one swarm, in their roles, and wait until it says so.

    Args:
        swarm: Its engines answer.
        made: Names of nodes that are new, which nobody misses in a swarm.
        say: Told what is mended.

    Raises:
        NodeUnavailable: One is lost on the way.
        PlaygroundError: An engine refuses; its words are in the message.
    """
    with _told():
        _form(swarm, set(made), say)


@contextmanager
def _told() -> Iterator[None]:
    """Engines that fail while they are formed, as an error of this room."""
    try:
        yield
    except (APIError, RequestException, WaitTimeout) as error:
        words = getattr(error, "explanation", None) or getattr(error, "message", None) or error
        raise NodeUnavailable(
            f"the swarm cannot be formed: {words}",
            hint="run the cell with labs.open(…) again; lab.reset() begins with new nodes",
        ) from error


def _form(swarm: Swarm, fresh: set[str], say: Say) -> None:
    known = _memberships(swarm)
    keeper = _keeper(swarm, known, say)
    if keeper is None:
        if not fresh.issuperset(known):
            say("swarm: it was lost, made anew")
        _leave(node for node in swarm.nodes if known[node.name].inside)
        keeper, fresh = swarm.managers[0], set(known)
        _init(keeper)
    elif {each.id for each in known.values()} != set(_members(keeper)):
        _drop_stale(swarm, keeper, say)
    _join_rest(swarm, keeper, fresh, say)
    _restore(swarm, keeper, say)
    _settle(swarm, keeper, say)


def _memberships(swarm: Swarm) -> dict[str, _Membership]:
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        every = pool.map(_Membership.of, swarm.nodes)
        return dict(zip((node.name for node in swarm.nodes), every, strict=True))


def _keeper(swarm: Swarm, known: dict[str, _Membership], say: Say) -> Node | None:
    """A manager of the swarm that is there, if need be with a quorum of its own alone; None where none is left."""
    inside = [node for node in swarm.nodes if known[node.name].inside]
    if not inside:
        return None
    enough = len(inside) > len(swarm.managers) // 2
    ids = {each.id for each in known.values()}
    try:
        return wait_until(
            lambda: _reached(swarm, ids), "a quorum", timeout_s=_ELECTION_S if enough else 3.0
        )
    except WaitTimeout:
        pass
    for node in inside:
        if _alone(node):
            say(f"swarm: its quorum was lost; {node.name} began anew with its services and secrets")
            return node
    return None


def _reached(swarm: Swarm, ids: set[str]) -> Node | None:
    """A manager with a quorum of nodes that are still there: a new node has an old one's name, and not its id."""
    found = swarm.answering()
    if found is None:
        return None
    try:
        managers = [id for id, raw in _members(found).items() if raw.get("ManagerStatus")]
    except (APIError, RequestException):
        return None
    return found if 2 * len(ids.intersection(managers)) > len(managers) else None


def _alone(node: Node) -> bool:
    """`docker swarm init --force-new-cluster` on a manager; whether that worked."""
    try:
        _init(node, anew=True)
    except (APIError, RequestException):
        return False
    return True


def _init(node: Node, *, anew: bool = False) -> None:
    api = (
        node.docker.api
    )  # the SDK's `swarm` reads the swarm first, which fails where there is no leader
    api.init_swarm(
        advertise_addr=node.inner_address,
        listen_addr=f"0.0.0.0:{PORT}",
        force_new_cluster=anew,
        swarm_spec=api.create_swarm_spec(dispatcher_heartbeat_period=_HEARTBEAT_NS),
    )


def _tokens(keeper: Node) -> dict[str, str]:
    return dict(keeper.docker.api.inspect_swarm()["JoinTokens"])


def _join(swarm: Swarm, node: Node, keeper: Node, tokens: dict[str, str]) -> None:
    remote = f"{keeper.inner_address}:{PORT}"
    try:
        node.docker.api.join_swarm(
            remote_addrs=[remote],
            join_token=tokens["Manager" if node in swarm.managers else "Worker"],
            advertise_addr=node.inner_address,
            listen_addr=f"0.0.0.0:{PORT}",
        )
    except APIError as error:
        raise PlaygroundError(
            f"{node.name}: docker swarm join {remote}: {error.explanation or error}",
            hint="run labs.open(…) again; lab.reset() begins with new nodes",
        ) from error


def _leave(nodes: Iterable[Node]) -> None:
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        list(pool.map(lambda node: node.docker.api.leave_swarm(force=True), nodes))


def _members(keeper: Node) -> dict[str, dict[str, Any]]:
    """Members of the keeper's swarm by their id."""
    return {entry["ID"]: entry for entry in keeper.docker.api.nodes()}


def _drop_stale(swarm: Swarm, keeper: Node, say: Say) -> None:
    """Remove members that are no node any more; nodes that are in another swarm leave that."""
    known, members = _memberships(swarm), _members(keeper)
    _leave(n for n in swarm.nodes if known[n.name].inside and known[n.name].id not in members)
    for id in members.keys() - {each.id for each in known.values()}:
        name = members[id].get("Description", {}).get("Hostname", id)
        say(f"swarm: {name} of before is gone, removed from its members")
        if members[id].get("ManagerStatus"):  # a swarm that began anew has none of its old managers
            _change(keeper, id, Role="worker")
        wait_until(lambda id=id: _removed(keeper, id), f"{name} to be removed")  # type: ignore[misc]


def _removed(keeper: Node, id: str) -> bool:
    """Whether a member is gone; one that was demoted a moment ago is refused for a while."""
    try:
        keeper.docker.api.remove_node(id, force=True)
    except APIError as error:
        return error.status_code == 404
    return True


def _join_rest(swarm: Swarm, keeper: Node, fresh: set[str], say: Say) -> None:
    known, members = _memberships(swarm), _members(keeper)
    outside = [n for n in swarm.nodes if n is not keeper and known[n.name].id not in members]
    if not outside:
        return
    tokens = _tokens(keeper)
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        list(pool.map(lambda node: _join(swarm, node, keeper, tokens), outside))
    for node in outside:
        if node.name not in fresh:
            say(f"{node.name}: was not in the swarm, joined it again")


def _restore(swarm: Swarm, keeper: Node, say: Say) -> None:
    """Give each member its role, and let it take tasks: a lesson may have been left in the middle."""
    known = parsing.by_name(_members(keeper).values())
    for node in swarm.nodes:
        entry = known[node.name]
        role = "manager" if node in swarm.managers else "worker"
        if entry["Spec"]["Role"] != role:
            say(f"{node.name}: is a {role} again")
            _change(keeper, entry["ID"], Role=role)
        if entry["Spec"]["Availability"] != "active":
            say(f"{node.name}: was set to {entry['Spec']['Availability']}, takes tasks again")
            _change(keeper, entry["ID"], Availability="active")


def _change(keeper: Node, id: str, **spec: str) -> None:
    api: Any = keeper.docker.api  # its types know no spec that was read before

    def change() -> None:
        entry = api.inspect_node(id)
        api.update_node(id, entry["Version"]["Index"], {**entry["Spec"], **spec})

    in_sequence(change)


def _settle(swarm: Swarm, keeper: Node, say: Say) -> None:
    """Wait until the swarm hears all; who stays away, with a swarm of its own perhaps, is joined anew."""
    try:
        _wait_until_whole(swarm, keeper, _HEARD_S)
    except WaitTimeout:
        strangers = [node for node in _unready(swarm, keeper) if node is not keeper]
        for node in strangers:
            say(f"{node.name}: the swarm did not hear it")
        _leave(strangers)
        _drop_stale(swarm, keeper, say)
        _join_rest(swarm, keeper, set(), say)
        _wait_until_whole(swarm, keeper, 2 * _HEARD_S)


def _wait_until_whole(swarm: Swarm, keeper: Node, timeout_s: float) -> None:
    wait_until(
        lambda: not _unready(swarm, keeper),
        "all nodes of the swarm to be ready",
        timeout_s=timeout_s,
        last_words=lambda: ", ".join(node.name for node in _unready(swarm, keeper)) + " not ready",
    )


def _unready(swarm: Swarm, keeper: Node) -> list[Node]:
    known = parsing.by_name(_members(keeper).values())
    return [node for node in swarm.nodes if not _is_ready(swarm, node, known.get(node.name, {}))]


def _is_ready(swarm: Swarm, node: Node, entry: dict[str, Any]) -> bool:
    reachable = (entry.get("ManagerStatus") or {}).get("Reachability") == "reachable"
    heard = (entry.get("Status") or {}).get("State") == "ready"
    return heard and (reachable or node in swarm.workers)
