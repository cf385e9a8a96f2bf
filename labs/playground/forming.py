"""Forming a swarm of new nodes, side by side, and mending one that lost members, its roles or its quorum."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from docker.errors import APIError
from requests.exceptions import RequestException

from labs.playground import reading
from labs.playground.failure import NodeUnavailable, PlaygroundError
from labs.playground.labels import Say
from labs.playground.node import Node
from labs.playground.swarm import Swarm
from labs.waiting import WaitTimeout, wait_until

PORT = 2377
_HEARTBEAT_NS = 2 * 10**9  # three missed ones and a node is down: 6 seconds where the default is 15
_ELECTION_S = 30.0
_HEARD_S = 40.0


def form(swarm: Swarm, made: Iterable[str], say: Say) -> None:
    """Make all nodes members of one swarm, in their roles, and wait until it says so.

    Args:
        swarm: Its engines answer.
        made: Names of nodes that are new, which nobody misses in a swarm.
        say: Told what is mended.

    Raises:
        PlaygroundError: A node cannot be made a member; its engine's words are in the message.
    """
    fresh = set(made)
    with ThreadPoolExecutor(max_workers=8) as pool:
        memberships = list(pool.map(_membership, swarm.nodes))
    inside = {node.name: m for node, m in zip(swarm.nodes, memberships, strict=True) if m["in"]}
    keeper = _keeper(swarm, inside, say)
    if keeper is None:
        if not fresh.issuperset(node.name for node in swarm.nodes):
            say("swarm: it was lost, made anew")
        _leave(node for node in swarm.nodes if node.name in inside)
        keeper = swarm.managers[0]
        _init(keeper)
    elif not _whole(swarm, keeper):
        _drop_stale(swarm, keeper, say)
    _join_rest(swarm, keeper, fresh, say)
    _restore(swarm, keeper, say)
    _settle(swarm, keeper, say)


def _membership(node: Node) -> dict[str, Any]:
    """What the node thinks of itself: whether it is in a swarm, and as a manager."""
    info = node.docker.info()["Swarm"]
    return {"in": info["LocalNodeState"] != "inactive", "manager": info["ControlAvailable"]}


def _keeper(swarm: Swarm, inside: dict[str, dict[str, Any]], say: Say) -> Node | None:
    """A manager of the swarm that is there, if need be with a quorum of its own alone; None where none is left."""
    managers = [node for node in swarm.nodes if inside.get(node.name, {}).get("manager")]
    if not inside:
        return None
    enough = len(inside) > len(swarm.managers) // 2
    try:
        return wait_until(
            lambda: _reached(swarm), "a quorum", timeout_s=_ELECTION_S if enough else 3.0
        )
    except WaitTimeout:
        pass
    for node in managers:
        if recover(node):
            say(f"swarm: its quorum was lost; {node.name} began anew with its services and secrets")
            return node
    return None


def _reached(swarm: Swarm) -> Node | None:
    try:
        return swarm.reach()
    except NodeUnavailable:
        return None


def recover(node: Node) -> bool:
    """`docker swarm init --force-new-cluster` on a manager; whether that worked."""
    address = node.inner_address
    try:
        node.docker.swarm.init(
            advertise_addr=address, listen_addr=f"0.0.0.0:{PORT}", force_new_cluster=True
        )
    except (APIError, RequestException):
        return False
    return True


def _init(node: Node) -> None:
    try:
        node.docker.swarm.init(
            advertise_addr=node.inner_address,
            listen_addr=f"0.0.0.0:{PORT}",
            dispatcher_heartbeat_period=_HEARTBEAT_NS,
        )
    except APIError as error:
        raise PlaygroundError(
            f"{node.name}: docker swarm init: {error.explanation or error}",
            hint="lab.reset() begins with new nodes",
        ) from error


def _leave(nodes: Iterable[Node]) -> None:
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(lambda node: node.docker.swarm.leave(force=True), nodes))


def _members(keeper: Node) -> dict[str, dict[str, Any]]:
    """Members of the keeper's swarm by their id."""
    return {entry["ID"]: entry for entry in keeper.docker.api.nodes()}


def _own_id(node: Node) -> str:
    return str(node.docker.info()["Swarm"]["NodeID"])


def _whole(swarm: Swarm, keeper: Node) -> bool:
    return {_own_id(node) for node in swarm.nodes} == set(_members(keeper))


def _drop_stale(swarm: Swarm, keeper: Node, say: Say) -> None:
    """Remove members that are no node any more; nodes that are in another swarm leave that."""
    ids = {_own_id(node): node for node in swarm.nodes}
    members = _members(keeper)
    strangers = [node for id, node in ids.items() if id and id not in members]
    _leave(strangers)
    for id, entry in members.items():
        if id in ids:
            continue
        name = entry.get("Description", {}).get("Hostname", id)
        say(f"swarm: {name} of before is gone, removed from its members")
        if entry["Spec"]["Role"] == "manager":
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
    members = _members(keeper)
    outside = [n for n in swarm.nodes if n is not keeper and _own_id(n) not in members]
    if not outside:
        return
    tokens = keeper.docker.api.inspect_swarm()["JoinTokens"]
    remote = f"{keeper.inner_address}:{PORT}"

    def join(node: Node) -> None:
        role = "Manager" if node in swarm.managers else "Worker"
        try:
            node.docker.swarm.join(
                remote_addrs=[remote],
                join_token=tokens[role],
                advertise_addr=node.inner_address,
                listen_addr=f"0.0.0.0:{PORT}",
            )
        except APIError as error:
            raise PlaygroundError(
                f"{node.name}: docker swarm join {remote}: {error.explanation or error}",
                hint="run labs.open(…) again; lab.reset() begins with new nodes",
            ) from error

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(join, outside))
    for node in outside:
        if node.name not in fresh:
            say(f"{node.name}: was not in the swarm, joined it again")


def _restore(swarm: Swarm, keeper: Node, say: Say) -> None:
    """Give each member its role, and let it take tasks: a lesson may have been left in the middle."""
    known = reading.by_name(_members(keeper).values())
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
    entry = api.inspect_node(id)
    api.update_node(id, entry["Version"]["Index"], {**entry["Spec"], **spec})


def _settle(swarm: Swarm, keeper: Node, say: Say) -> None:
    """Wait until the swarm hears all; who stays away, with a swarm of its own perhaps, is joined anew."""
    try:
        _wait_until_whole(swarm, keeper, _HEARD_S)
    except WaitTimeout:
        strangers = _unready(swarm, keeper)
        _leave(node for node in strangers if node is not keeper)
        for node in strangers:
            say(f"{node.name}: the swarm did not hear it")
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
    known = reading.by_name(_members(keeper).values())
    return [node for node in swarm.nodes if not _is_ready(swarm, node, known.get(node.name, {}))]


def _is_ready(swarm: Swarm, node: Node, entry: dict[str, Any]) -> bool:
    reachable = (entry.get("ManagerStatus") or {}).get("Reachability") == "reachable"
    heard = (entry.get("Status") or {}).get("State") == "ready"
    return heard and (reachable or node in swarm.workers)
