"""Checks of the small tasks of lesson 13. They ask the hub as the lesson's accounts, and its registry with tokens."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from docker.errors import ImageNotFound

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import listed, login_of, tags_of, wrong_image
from labs.lessons.share_it.hub_requests import HubProbe, claims_of
from labs.playground import Playground

HELLO, SITE, TOOLS = "ada/hello", "acme/site", "ada/tools"
_ALL = {"pull", "push"}
# What a scope has for a name, be it one or not.
_NAME = re.compile(r"repository:([\w./:@-]+):[a-z,*]+")


def token_for_push(playground: Playground, answers: Answers) -> Finding:
    """With a token for the scope, the registry lets ada pull from and push to ada/hello."""
    hub, scope = HubProbe(playground), answers.get("scope")
    if not isinstance(scope, str) or not scope.strip():
        return not_attempted("write a scope between the quotes")
    hub.account("ada")  # a new hub has no accounts yet, and would refuse the login
    token = hub.token_for(login_of("ada"), scope)
    access: dict[str, set[str]] = {}
    for each in claims_of(token).get("access") or []:
        access.setdefault(each["name"], set()).update(each["actions"])
    if set(access) != {HELLO}:
        return _other_name(scope, access)
    if access[HELLO] != _ALL:
        missing = _ALL - access[HELLO]
        return not_yet(
            f"the token grants {listed(access[HELLO])}, wanted {listed(_ALL)}",
            hint=f"several actions have a comma between them, and no space; {listed(missing)} is not there"
            if missing
            else f"{listed(access[HELLO] - _ALL)} is more than a push needs",
        )
    if not hub.pushes(token, HELLO) or not hub.pulls(token, HELLO, "1"):
        return not_yet(f"{HELLO}:1 is not there", hint="run the cell that pushes it")
    return passed()


def _other_name(scope: str, access: Iterable[str]) -> Finding:
    named = _NAME.search(scope)
    if named and named[1] != HELLO and HELLO in named[1]:
        return not_yet(
            f'the scope names "{named[1]}", wanted "{HELLO}"',
            hint="the name is the repository's, without host and tag",
        )
    return not_yet(
        f"the token is good for {listed(access)}, wanted {HELLO}",
        hint="a scope is a type, a name and actions, with colons between: repository:…:…",
    )


def team_may_push(playground: Playground, _answers: Answers) -> Finding:
    """For linus: pull from and push to acme/site and no more, and no one else may do anything there."""
    hub = HubProbe(playground)
    site = hub.ask("ada", f"/v2/namespaces/{SITE.replace('/', '/repositories/')}")
    if site is None:
        return not_attempted(f"run the cell that makes {SITE} first")
    if not site["is_private"]:
        return not_yet(
            f"{SITE} is public, wanted private", hint='PATCH it with {"is_private": True}'
        )
    roles = {each["username"]: each["role"] for each in hub.rows("ada", "/v2/orgs/acme/members")}
    if owners := sorted(name for name in set(roles) - {"ada"} if roles[name] == "owner"):
        return not_yet(
            f"{owners[0]} owns acme, wanted a member",
            hint="an owner may do all, in each repository; the permission of a team is enough",
        )
    granted = hub.grants(login_of("linus"), SITE)
    # A second team is an attempt, though one of two reads alone.
    if granted == {"pull"} and len(hub.rows("ada", "/v2/orgs/acme/groups")) < 2:
        return not_attempted(f"linus may pull from {SITE} and not push: change that")
    if granted != _ALL:
        return not_yet(
            f"linus may {listed(granted)} in {SITE}, wanted {listed(_ALL)}",
            hint="a team has read, write or admin; POST gives it another one",
        )
    for name in ("grace", "robot"):
        if hub.grants(login_of(name), SITE):
            return not_yet(f"{name} may pull from {SITE}, wanted nothing", hint="who is in teams?")
    return passed()


def image_deleted(playground: Playground, _answers: Answers) -> Finding:
    """Of ada/tools there is the tag 2, busybox, and no other; it is still the private one."""
    hub = HubProbe(playground)
    repository = hub.ask("ada", f"/v2/namespaces/{TOOLS.replace('/', '/repositories/')}")
    if repository is None:
        if _was_pushed(playground, hub):
            return not_yet(
                f"{TOOLS} is deleted as a whole, wanted its tag 2",
                hint="an image has a path of its own, …/images/<digest>. Run the cell again",
            )
        return not_attempted(f"run the cell that pushes {TOOLS} first")
    registry = hub.registry(login_of("ada"), TOOLS)
    tags = set(tags_of(registry, TOOLS))
    if tags >= {"1", "old", "2"}:
        if registry.head(TOOLS, "1").digest != registry.head(TOOLS, "old").digest:
            return not_yet(
                f"the tags 1 and old of {TOOLS} are not one image any more",
                hint="a push to a tag deletes nothing. Run the cell again",
            )
        return not_attempted("delete the image of the tags 1 and old")
    if "2" not in tags:
        return not_yet(
            f"{TOOLS} has the tags {listed(tags)}, wanted {listed('2')}",
            hint="the digest is that of tag 1. Run the cell again",
        )
    if tags != {"2"}:
        return not_yet(
            f"{TOOLS} has the tags {listed(tags)}, wanted {listed('2')} alone",
            hint="delete the digest that each of the others has",
        )
    if not repository["is_private"]:
        return not_yet(
            f"{TOOLS} is public, wanted the private one of before",
            hint="a push made it again. Delete the image, not the repository",
        )
    return wrong_image(playground, registry, TOOLS, "2", image="busybox:latest") or passed()


def _was_pushed(playground: Playground, hub: HubProbe) -> bool:
    """Whether the registry still has what was pushed to ada/tools: a config's digest is the image's id."""
    token = hub.token(login_of("ada"), TOOLS, "pull")
    with suppress(ImageNotFound):
        image = playground.node(1).docker.images.get("busybox")
        return hub.has_blob(token, TOOLS, str(image.id))
    return False
