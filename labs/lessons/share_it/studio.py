"""Whether the organization of exercise 13.7 lets its people do what they should, and no one anything else."""

from __future__ import annotations

from docker.errors import APIError, ImageNotFound

from labs.lesson import Answers, Finding, not_attempted, not_yet, passed
from labs.lessons.common import Member, listed, login_of, tags_of, wrong_image
from labs.lessons.share_it.hub_requests import HubProbe
from labs.playground import Playground

ORGANIZATION = "studio"
SITE, NOTES = f"{ORGANIZATION}/site", f"{ORGANIZATION}/notes"
LINUS = login_of("linus")
_MEMBERS = f"/v2/orgs/{ORGANIZATION}/members"
_REPOSITORIES = f"/v2/namespaces/{ORGANIZATION}/repositories"


def team_may_pull(playground: Playground, _answers: Answers) -> Finding:
    """The organization has two private repositories; linus pulls one of them, and no one but ada does anything else."""
    return not_as_wanted(playground, HubProbe(playground)) or passed()


def not_as_wanted(playground: Playground, hub: HubProbe) -> Finding | None:
    """Return None if studio is as exercise 13.7 wants it, whatever robot may do; otherwise what is wrong."""
    return (
        _not_there(hub)
        or _owners(hub)
        or _wrong_repository(playground, hub, SITE)
        or _wrong_repository(playground, hub, NOTES)
        or _wrong_rights_of_linus(hub)
        or _others(hub)
        or _engine_of_linus(playground)
    )


def _not_there(hub: HubProbe) -> Finding | None:
    if hub.ask("ada", _MEMBERS) is not None:
        return None
    for name in ("linus", "grace", "robot"):
        if hub.ask(name, _MEMBERS) is not None:
            return not_yet(
                f"{ORGANIZATION} belongs to {name}, and ada is not in it",
                hint=f'{name} makes ada an owner: {name}.post("{_MEMBERS}", …); then ada takes {name} out',
            )
    return not_attempted(f"make the organization {ORGANIZATION} as ada")


def _owners(hub: HubProbe) -> Finding | None:
    owners = [each["username"] for each in hub.rows("ada", _MEMBERS) if each["role"] == "owner"]
    if owners == ["ada"]:
        return None
    return not_yet(
        f"{ORGANIZATION} is owned by {listed(owners)}, wanted ada alone",
        hint='an owner may do all in each repository. PUT gives a member the role "member"',
    )


def _wrong_repository(playground: Playground, hub: HubProbe, path: str) -> Finding | None:
    """None if a repository is there, private, with hello-world as tag 1."""
    name = path.partition("/")[2]
    found = hub.ask("ada", f"{_REPOSITORIES}/{name}")
    if found is None:
        return not_yet(f"{path} is not there", hint=f"POST {_REPOSITORIES}, private, then push")
    if not found["is_private"]:
        return not_yet(
            f"{path} is public: a stranger pulls it, wanted private",
            hint="a push makes a public repository. Make it first, or PATCH it",
        )
    registry = hub.registry(login_of("ada"), path)
    if "1" not in tags_of(registry, path):
        return not_yet(
            f"{path} has no tag 1", hint=f"tag hello-world as hub.lab/{path}:1 and push it"
        )
    return wrong_image(playground, registry, path, "1", image="hello-world:latest")


def _wrong_rights_of_linus(hub: HubProbe) -> Finding | None:
    token = hub.token(LINUS, SITE, "pull,push")
    if not hub.pulls(token, SITE, "1"):
        return not_yet(f"linus cannot pull {SITE}:1", hint=_why_not(hub))
    if hub.pushes(token, SITE):
        return not_yet(
            f"linus can push to {SITE}, wanted a team that pulls and does not push",
            hint="of all teams that he is in, the largest permission counts: read is enough",
        )
    for each in hub.rows("ada", _REPOSITORIES):
        path = f"{ORGANIZATION}/{each['name']}"
        if not each["is_private"]:
            return not_yet(
                f"{path} is public: linus can pull it, wanted {SITE} alone",
                hint="delete it, or PATCH it: a private one is for those whom a team lets in",
            )
        if path != SITE and hub.grants(LINUS, path):
            return not_yet(
                f"linus can pull {path}, wanted {SITE} alone",
                hint="a permission belongs to one repository; take the team out of the other one",
            )
    return None


def _why_not(hub: HubProbe) -> str:
    """The hint for a linus who may not pull, by what is there."""
    teams = hub.rows("ada", f"/v2/orgs/{ORGANIZATION}/groups")
    if not teams:
        return f"a team is missing: POST /v2/orgs/{ORGANIZATION}/groups"
    of_linus = [each["name"] for each in teams if _is_in(hub, each["name"])]
    if not of_linus:
        return f"linus is in no team; there is {listed(each['name'] for each in teams)}"
    return f"{listed(of_linus)} has no permission: POST /v2/repositories/{SITE}/groups"


def _is_in(hub: HubProbe, team: str) -> bool:
    members = hub.rows("ada", f"/v2/orgs/{ORGANIZATION}/groups/{team}/members")
    return any(each["username"] == "linus" for each in members)


def _others(hub: HubProbe) -> Finding | None:
    """None if grace and strangers may do nothing; robot is exercise 13.8's."""
    others: list[Member | None] = [login_of("grace"), None]
    for login in others:
        who = login[0] if login else "a stranger"
        for path in (SITE, NOTES):
            if hub.grants(login, path):
                return not_yet(
                    f"{who} can pull {path}, wanted nothing", hint="who is in the teams?"
                )
    return None


def _engine_of_linus(playground: Playground) -> Finding | None:
    """None if node 2's engine pulls as linus; what it did not have before is removed again."""
    images = playground.node(2).docker.images
    reference = f"{playground.hub.host}/{SITE}:1"
    had = any(reference in (each.tags or ()) for each in images.list())
    login = {"username": LINUS[0], "password": LINUS[1]}
    try:
        images.pull(reference, auth_config=login)
        if not had:
            images.remove(reference)
    except ImageNotFound:
        return not_yet(f"node 2's engine does not find {reference} as linus")
    except APIError as error:
        return not_yet(f"node 2's engine cannot pull {reference} as linus: {error.explanation}")
    return None
