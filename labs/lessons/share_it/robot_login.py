"""Whether the access token of exercise 13.8 can push to one repository, and do nothing else."""

from __future__ import annotations

from contextlib import suppress

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import Member, listed, login_of
from labs.lessons.share_it import studio
from labs.lessons.share_it.hub_requests import HubProbe
from labs.playground import Node, Playground
from labs.waiting import WaitTimeout, wait_until

FILE = "/srv/robot/token"
PREFIX = "hub_pat_"
_ROBOT = login_of("robot")
_TAG = f"/v2/namespaces/{studio.SITE.replace('/', '/repositories/')}/tags/2"


def robot_pushes(playground: Playground, _answers: Answers) -> Finding:
    """The token in node 2's file pulls and pushes studio/site and no more, and studio is as in 13.7."""
    hub = HubProbe(playground)
    found = _text(playground.node(2), hub)
    if isinstance(found, Finding):
        return found
    login = ("robot", found)
    return (
        _not_the_robots(hub, login)
        or _no_studio(hub)
        or studio.not_as_wanted(playground, hub)
        or _wrong_rights(hub, login)
        or _too_much(hub, login)
        or _not_pushed(hub, login)
        or passed()
    )


def _text(node: Node, hub: HubProbe) -> str | Finding:
    """The access token in the file of a node, or what is wrong with the file."""
    try:
        text = node.read_file(FILE).decode(errors="replace").strip()
    except FileNotFoundError:
        if _begun(hub):
            return not_yet(
                f"node 2 has no file {FILE}", hint="lab.node(2).write_file(path, text, mode=0o600)"
            )
        return not_attempted(f"write an access token of robot into {FILE} of node 2")
    mode = node.read_output(["stat", "-L", "-c", "%a", FILE]).stdout.strip()
    if not mode.endswith("00"):
        return not_yet(
            f"{FILE} has the mode {mode}: others than its owner can read it",
            hint="write_file(…, mode=0o600)",
        )
    # Tried only if it can be one: the hub makes those wait who send wrong passwords.
    if not text.startswith(PREFIX) or len(text.split()) != 1:
        return not_yet(
            f"{FILE} does not hold an access token, whose text begins with {PREFIX}",
            hint="the text alone: the field `token` of the answer to POST /v2/access-tokens",
        )
    return text


def _begun(hub: HubProbe) -> bool:
    """Whether robot is in the organization or has an access token."""
    members = hub.rows("ada", f"/v2/orgs/{studio.ORGANIZATION}/members")
    return any(each["username"] == "robot" for each in members) or bool(
        hub.rows("robot", "/v2/access-tokens")
    )


def _no_studio(hub: HubProbe) -> Finding | None:
    if hub.ask("ada", f"/v2/orgs/{studio.ORGANIZATION}/members") is not None:
        return None
    return not_yet(f"make the organization {studio.ORGANIZATION} as ada first (13.7)")


def _not_the_robots(hub: HubProbe, login: Member) -> Finding | None:
    if hub.accepts(login):
        return None
    for name in ("ada", "linus", "grace"):
        if hub.accepts((name, login[1])):
            return not_yet(
                f"the access token is of {name}, wanted one of robot", hint="robot.post(…)"
            )
    return not_yet(
        "the hub refuses the access token for robot",
        hint="was it switched off, deleted, or cut? Make another one: its text is shown once",
    )


def _wrong_rights(hub: HubProbe, login: Member) -> Finding | None:
    """None if the token pulls from and pushes to studio/site, and robot has no more than write there."""
    by_password = hub.grants(_ROBOT, studio.SITE)
    if by_password != {"pull", "push"}:
        return not_yet(
            f"robot may {listed(by_password)} in {studio.SITE}, wanted {listed(['pull', 'push'])}",
            hint="robot is in a team of its own, which has write in that repository",
        )
    token = hub.token(login, studio.SITE, "pull,push")
    if not hub.pushes(token, studio.SITE):
        return not_yet(
            f"robot may push to {studio.SITE}, and not with this access token",
            hint="its scope is too small: repo:write",
        )
    if not hub.pulls(token, studio.SITE, "1"):
        return not_yet(f"the access token cannot pull {studio.SITE}:1")
    return None


def _too_much(hub: HubProbe, login: Member) -> Finding | None:
    """None if the token is good for nothing else."""
    with_token = hub.hub.log_in(*login)
    # Refused by its scope before the name is looked at, which no repository can have.
    answer = with_token.post("/v2/namespaces/robot/repositories", json={"name": "a/b"})
    if answer.status_code != 403:
        return not_yet(
            "the access token makes and deletes robot's own repositories: its scope is repo:admin",
            hint="the smallest scope that pushes is repo:write",
        )
    for each in hub.rows("ada", f"/v2/namespaces/{studio.ORGANIZATION}/repositories"):
        path = f"{studio.ORGANIZATION}/{each['name']}"
        if path != studio.SITE and hub.grants(login, path):
            return not_yet(
                f"the access token can pull {path}, wanted {studio.SITE} alone",
                hint="it can do what its account may: robot's team has a permission there too",
            )
    return None


def _not_pushed(hub: HubProbe, login: Member) -> Finding | None:
    """None if tag 2 was pushed with the access token; the hub learns of it a moment after the push."""
    with suppress(WaitTimeout):
        wait_until(lambda: hub.ask("ada", _TAG), "the event of the push", timeout_s=3)
    tag = hub.ask("robot", _TAG)
    if tag is None:
        return not_yet(f"{studio.SITE} has no tag 2", hint="log in as robot on node 2, and push")
    if tag["last_updater_username"] != "robot":
        return not_yet(
            f"tag 2 of {studio.SITE} is by {tag['last_updater_username']}, wanted robot",
            hint="log in on node 2 as robot, with the access token, and push it again",
        )
    if tag["last_updater_token"] is None:
        return not_yet(
            f"robot pushed tag 2 of {studio.SITE} with its password, wanted the access token",
            hint="docker.login with the token as the password, reauth=True; then push it again",
        )
    if tag["last_updater_token"] != _uuid(hub, login):
        return not_yet(
            f"robot pushed tag 2 of {studio.SITE} with another access token than that of {FILE}",
            hint="log in with the text of the file, and push it again",
        )
    return None


def _uuid(hub: HubProbe, login: Member) -> str:
    """The access token's, which its text does not tell: it is the one that was used last."""
    hub.accepts(login)
    used = [each for each in hub.rows("robot", "/v2/access-tokens") if each["last_used"]]
    return str(max(used, key=lambda each: str(each["last_used"]))["uuid"])
