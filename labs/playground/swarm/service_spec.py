"""Reads and changes specifications of services without losing what the `docker` command wrote into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docker.errors import APIError, NotFound

from labs.playground.node_errors import PlaygroundError
from labs.playground.swarm.elections import through_elections

Raw = dict[str, Any]
_TRIES = 10  # the swarm itself updates a service a few times while its tasks start

# By default replicas are replaced one by one, and the last is monitored for five seconds: right for a new image, but a
# published port would not be open before. Parallelism 0 means all at once; Monitor is in nanoseconds: 0.1 s.
AT_ONCE: Raw = {"Parallelism": 0, "Monitor": 10**8, "FailureAction": "continue"}


def service(api: Any, name: str) -> Raw:
    """Return a service by name or id.

    Raises:
        PlaygroundError: There is none.
    """
    try:
        found: Raw = api.inspect_service(name)
    except NotFound as error:
        names = ", ".join(sorted(each["Spec"]["Name"] for each in api.services()))
        raise PlaygroundError(
            f"the swarm has no service {name!r}", hint=f"it has {names or 'none yet'}"
        ) from error
    return found


def ports(raw: Raw) -> list[Raw]:
    """Return the ports that a service publishes."""
    return list((raw["Spec"].get("EndpointSpec") or {}).get("Ports") or [])


def ingress(published: int, target: int) -> Raw:
    """Return a port published with the routing mesh."""
    return {
        "Protocol": "tcp",
        "TargetPort": target,
        "PublishedPort": published,
        "PublishMode": "ingress",
    }


def update(api: Any, raw: Raw, *, endpoint: Raw, network: str = "") -> bool:
    """Change how a service is reached and nothing else; do nothing if it is so already.

    All its tasks are replaced at once. `restore` gives it back its own update settings.

    Returns:
        Whether anything changed.
    """
    spec = {**raw["Spec"], "EndpointSpec": endpoint}
    task = dict(spec["TaskTemplate"])
    joined = list(task.get("Networks") or [])
    if network and network not in [each["Target"] for each in joined]:
        task["Networks"] = [*joined, {"Target": network}]
    spec["TaskTemplate"] = task
    if spec == {**raw["Spec"], "EndpointSpec": _plain(raw)}:
        return False
    # Compared before this line: a service that is published already is left alone, so its tasks are not replaced.
    spec["UpdateConfig"] = AT_ONCE
    post(api, f"/services/{raw['ID']}/update", spec, version=raw["Version"]["Index"])
    return True


def restore(api: Any, before: Raw) -> None:
    """Give a service its own update settings back; its tasks are not touched."""
    pace = before["Spec"].get("UpdateConfig")

    def with_pace(spec: Raw) -> Raw:
        rest = {name: value for name, value in spec.items() if name != "UpdateConfig"}
        return {**rest, "UpdateConfig": pace} if pace else rest

    rewrite(api, before["ID"], with_pace)


def rewrite(api: Any, id: str, change: Callable[[Raw], Raw]) -> None:
    """Apply `change` to a service's specification, again if the swarm changed it meanwhile.

    Raises:
        APIError: The engine refuses.
    """

    def once() -> None:
        raw = api.inspect_service(id)
        spec = change(raw["Spec"])
        post(api, f"/services/{raw['ID']}/update", spec, version=raw["Version"]["Index"])

    in_sequence(once)


def in_sequence(change: Callable[[], None]) -> None:
    """Run a read-modify-write of an object; repeat it if the swarm changed the object in between, or elects a leader.

    Raises:
        APIError: The engine refuses for another reason, or each time.
    """
    # No pause: each try reads the object again, and the swarm changes it a few times at most.
    for left in reversed(range(_TRIES)):
        try:
            through_elections(change)
        except APIError as error:
            # The engine rejects a write whose version is not the object's present one, and says `update out of
            # sequence`.
            if not left or "out of sequence" not in str(error.explanation):
                raise
        else:
            return


def _plain(raw: Raw) -> Raw:
    """Return its endpoint, as `update` would write it."""
    endpoint = raw["Spec"].get("EndpointSpec") or {}
    return {"Mode": endpoint.get("Mode", "vip"), "Ports": endpoint.get("Ports") or []}


def post(api: Any, path: str, spec: Raw, **params: Any) -> Raw:
    """Send a whole specification: the SDK's own calls rebuild it from the fields they know and drop the others.

    Without credentials in the request the engine keeps those it has.
    """
    # Private names of the SDK: it has no public call that takes a specification as it was read.
    answer: Raw = api._result(api._post_json(api._url(path), data=spec, params=params), True)
    return answer
