"""Tries the receiver: calls it in wrong ways and in the right one, pushes to the base, waits for the app built on it.

Each try pushes one commit, `check 14.8: …`, which stays in the history of the base.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress

from docker.errors import ContainerError

from labs.lesson import Finding, not_attempted, not_yet
from labs.lessons.build_on_push.check_git import CheckGit
from labs.lessons.build_on_push.hub_builds import HubBuilds
from labs.lessons.build_on_push.receiver import HOOK, PORT, SECRET, STORE
from labs.lessons.build_on_push.signed_calls import (
    behavior_of,
    calls_to_refuse,
    lets_in,
    out_of_reach,
)
from labs.lessons.common import Record, ask
from labs.playground import Node, Playground
from labs.waiting import WaitTimeout, wait_until

APP, BASE, FILE = "app", "base", "base.txt"
APP_PORT = 8080
# Two builds and up to a minute for a delivery that is tried again.
_PATIENCE_S = 90.0
_EVENT_S = 10.0  # for the registry to tell the hub of a push, which takes less than one


def try_base(playground: Playground, hub: HubBuilds) -> Finding | None:
    """None if the receiver deploys what the hub tells, and refuses everything else."""
    node = playground.node(2)
    if missing := _nothing_to_try(node, hub):
        return missing
    secret = node.read_output(["cat", SECRET]).stdout.strip()
    if not secret:
        return not_yet(f"node 2 has no {SECRET}", hint="the webhook's secret goes there")
    calls = calls_to_refuse(secret, _last_payload(hub))
    hub.settle(BASE, APP)
    if wrong := lets_in(node, calls):
        return wrong
    behavior = behavior_of(node, secret, calls)
    # Most scripts start the deployment themselves. For another, what deploys may look for images by itself.
    unasked = None if behavior.wrong or behavior.waits else _follows_unasked(playground, hub)
    return behavior.wrong or unasked or _follows(playground, hub)


def _nothing_to_try(node: Node, hub: HubBuilds) -> Finding | None:
    webhooks = hub.listed(APP, "webhooks")
    hub.listed(BASE, "builds")
    script = node.read_output(["cat", HOOK]).stdout
    if not script:
        return not_attempted("run the cells that start the receiver and make the webhook first")
    if script.strip() == STORE.strip():
        return not_attempted(f"{HOOK} only stores what it is sent")
    if not webhooks:
        return not_yet(
            "acme/app has no webhook",
            hint="run the cell that makes it, then write the script again",
        )
    if ask(f"{node.url(PORT)}/") is None:
        return not_yet(
            f"nothing answers on port {PORT} of node 2",
            hint='start_receiver(lab.node(2), HOOK, hook["secret"])',
        )
    return None


def _last_payload(hub: HubBuilds) -> str:
    for each in _deliveries(hub):
        return str(each["payload"])
    repository = {"repo_name": "acme/app", "namespace": "acme", "name": "app"}
    return json.dumps({"push_data": {"tag": "latest"}, "repository": repository})


def _follows(playground: Playground, hub: HubBuilds) -> Finding | None:
    """None if a new commit of the base arrives on port 8080 of node 2."""
    value = secrets.token_hex(8)
    last_build, last_delivery = _last(hub.listed(APP, "builds")), _last(_deliveries(hub))
    if wrong := _push_base(playground, hub, value):
        return wrong
    if wrong := _built_again(hub, last_build) or _told(hub, last_delivery):
        return wrong
    if _shows(playground.node(2), value):
        return None
    return not_yet(
        f"port {APP_PORT} of node 2 does not show the new {FILE}, which acme/app:latest has",
        hint="cat /srv/receiver/log of node 2 is what the last deploy said",
    )


def _follows_unasked(playground: Playground, hub: HubBuilds) -> Finding | None:
    """None if a new base does not arrive on node 2 while the hub cannot reach the receiver."""
    node, value = playground.node(2), secrets.token_hex(8)
    last_build = _last(hub.listed(APP, "builds"))
    with out_of_reach(node):
        if wrong := _push_base(playground, hub, value) or _built_again(hub, last_build):
            return wrong
        if not _shows(node, value):
            return None
    return not_yet(
        f"port {APP_PORT} of node 2 shows the new {FILE}, and no call of the hub had reached the receiver",
        hint="the script starts the deployment when it is called: end what else looks for a new image",
    )


def _shows(node: Node, value: str) -> bool:
    """Whether the app on a node has a value in time."""
    url = f"{node.url(APP_PORT)}/{FILE}"
    with suppress(WaitTimeout):
        return wait_until(lambda: value in _text(url), "the new base", timeout_s=_PATIENCE_S / 3)
    return False


def _push_base(playground: Playground, hub: HubBuilds, value: str) -> Finding | None:
    message = f"check 14.8: {value}"
    with CheckGit(playground.node(1), BASE) as git:
        try:
            git("clone", "--quiet", git.url, ".")
            git.push({FILE: f"{value}\n"}, message, "HEAD:main")
        except ContainerError as error:
            words = str(error).strip().splitlines()
            return not_yet(
                "the git repository of acme/base took no push", hint=words[-1] if words else ""
            )
    last = next(iter(hub.builds(BASE)), None)
    if last is None or hub.details(BASE, last)["message"] != message:
        return not_yet(
            "a push to acme/base starts no build", hint='rule("base", "branch", "main", "latest")'
        )
    if last["state"] != "successful":
        return not_yet("the build of acme/base failed", hint=hub.last_line(BASE, last))
    return None


def _built_again(hub: HubBuilds, before: int) -> Finding | None:
    """None if a new image of the base has built the app again."""

    def new() -> list[Record]:
        made = (each for each in hub.listed(APP, "builds") if each["number"] > before)
        return [each for each in made if "latest" in each["tags"]]

    try:
        wait_until(new, "a build of the app", timeout_s=_EVENT_S)
    except WaitTimeout:
        return not_yet(
            "acme/base has a new image, and acme/app:latest was not built again",
            hint='ada.post(f"{APP}/links", json={"repository": "acme/base"})',
        )
    hub.settle(APP)
    if new()[0]["state"] != "successful":
        return not_yet("the build of acme/app failed", hint=hub.last_line(APP, new()[0]))
    return None


def _told(hub: HubBuilds, before: int) -> Finding | None:
    """None if the receiver took what the hub sent."""

    def sent() -> list[Record]:
        new = [each for each in _deliveries(hub) if each["id"] > before]
        taken = [each for each in new if each["state"] == "delivered"]
        return taken or [each for each in new if each["attempts"] > 1]

    try:
        last = wait_until(sent, "a delivery", timeout_s=_PATIENCE_S / 3)[0]
    except WaitTimeout:
        return not_yet("the hub has sent nothing to a webhook of acme/app")
    if last["state"] != "delivered":
        said = last["response_status"] or "nothing"
        return not_yet(
            f"the receiver answers {said} to the hub's own call, wanted 2xx",
            hint="sign the time, a dot and the body as they come, and compare with the whole header",
        )
    return None


def _deliveries(hub: HubBuilds) -> list[Record]:
    hooks = hub.listed(APP, "webhooks")
    return [each for hook in hooks for each in hub.listed(APP, f"webhooks/{hook['id']}/deliveries")]


def _last(records: list[Record]) -> int:
    return max((each.get("number") or each["id"] for each in records), default=0)


def _text(url: str) -> str:
    answer = ask(url)
    return answer.text if answer is not None else ""
