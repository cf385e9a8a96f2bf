"""Services as the engine's API has them: read, and changed without losing what the `docker` command put there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docker.errors import APIError, NotFound

from labs.playground.node_errors import PlaygroundError

Raw = dict[str, Any]
_TRIES = 10

# Its replicas one by one, and five seconds of looking on after the last, are for new images: a port is not open before.
AT_ONCE: Raw = {"Parallelism": 0, "Monitor": 10**8, "FailureAction": "continue"}


def service(api: Any, name: str) -> Raw:
    """A service by name or id.

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
    """What it publishes."""
    return list((raw["Spec"].get("EndpointSpec") or {}).get("Ports") or [])


def ingress(published: int, target: int) -> Raw:
    """A port of the routing mesh."""
    return {
        "Protocol": "tcp",
        "TargetPort": target,
        "PublishedPort": published,
        "PublishMode": "ingress",
    }


def update(api: Any, raw: Raw, *, endpoint: Raw, network: str = "") -> bool:
    """Change how a service is reached, and nothing else of it; what is so already is not touched.

    All its tasks are made anew at once. `restore` gives it back the pace of its own updates.

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
    spec["UpdateConfig"] = AT_ONCE
    post(api, f"/services/{raw['ID']}/update", spec, version=raw["Version"]["Index"])
    return True


def restore(api: Any, before: Raw) -> None:
    """Give a service the pace of updates that it had; its tasks notice nothing."""
    pace = before["Spec"].get("UpdateConfig")

    def with_pace(spec: Raw) -> Raw:
        rest = {name: value for name, value in spec.items() if name != "UpdateConfig"}
        return {**rest, "UpdateConfig": pace} if pace else rest

    rewrite(api, before["ID"], with_pace)


def rewrite(api: Any, id: str, change: Callable[[Raw], Raw]) -> None:
    """Give a service the specification that `change` makes of its own, whatever the swarm changes meanwhile.

    Raises:
        APIError: The engine refuses.
    """

    def once() -> None:
        raw = api.inspect_service(id)
        spec = change(raw["Spec"])
        post(api, f"/services/{raw['ID']}/update", spec, version=raw["Version"]["Index"])

    in_sequence(once)


def in_sequence(change: Callable[[], None]) -> None:
    """Do what reads an object and changes it, once more where the swarm itself changed it in between.

    Raises:
        APIError: The engine refuses for another reason, or each time.
    """
    for left in reversed(range(_TRIES)):
        try:
            change()
        except APIError as error:
            if not left or "out of sequence" not in str(error.explanation):
                raise
        else:
            return


def _plain(raw: Raw) -> Raw:
    """Its endpoint, as `update` would write it."""
    endpoint = raw["Spec"].get("EndpointSpec") or {}
    return {"Mode": endpoint.get("Mode", "vip"), "Ports": endpoint.get("Ports") or []}


def post(api: Any, path: str, spec: Raw, **params: Any) -> Raw:
    """Send a whole spec: the SDK's own calls would build it anew from the parts they know.

    The engine keeps the credentials of before where the request has none.
    """
    answer: Raw = api._result(api._post_json(api._url(path), data=spec, params=params), True)
    return answer
