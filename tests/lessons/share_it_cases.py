"""Right, blank and wrong answers to lesson 13."""

from __future__ import annotations

from typing import Any

import httpx

from labs.lesson import transfer
from labs.lessons.common import login_of
from labs.lessons.share_it import robot_login
from labs.lessons.share_it.hub_requests import HubProbe
from labs.lessons.share_it.short_forms import tried
from labs.playground import Playground
from labs.waiting import wait_until
from tests.lessons.actions import nothing
from tests.lessons.cases import Blank, Give, LessonTests, Right, Table, Wrong, choose
from tests.lessons.hub_state import empty_hub

HOST = "hub.lab"
FILE = "/srv/robot/token"
ADA, LINUS, ROBOT = (login_of(name) for name in ("ada", "linus", "robot"))
HELLO, BUSYBOX = "hello-world", "busybox"


def api(playground: Playground, name: str) -> httpx.Client:
    return HubProbe(playground).account(name).http


def post(playground: Playground, name: str, path: str, /, **body: Any) -> Any:
    answer = api(playground, name).post(path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


def repository(playground: Playground, path: str, *, private: bool = True) -> None:
    space, _, name = path.partition("/")
    where = f"/v2/namespaces/{space}/repositories"
    post(playground, "ada", where, name=name, is_private=private)


def one(path: str) -> str:
    """A repository's path in the API."""
    return "/v2/namespaces/{}/repositories/{}".format(*path.split("/"))


def push(
    playground: Playground, to: str, *, image: str = HELLO, by: Any = ADA, node: int = 1
) -> None:
    """Push an image of the course, and wait until the hub knows it."""
    api(playground, by[0])  # who makes the account
    engine = playground.node(node).docker
    engine.images.pull(image, "latest").tag(f"{HOST}/{to}")
    engine.login(*by, registry=HOST, reauth=True)
    digest = transfer.push(engine, f"{HOST}/{to}")
    path, _, tag = to.partition(":")
    ada, there = api(playground, "ada"), f"{one(path)}/tags/{tag}"

    def known() -> bool:
        answer = ada.get(there)
        return answer.status_code == 200 and answer.json()["digest"] == digest

    wait_until(known, "the event of the push")


def team(playground: Playground, organization: str, name: str, *members: str) -> int:
    where = f"/v2/orgs/{organization}/groups"
    made = post(playground, "ada", where, name=name)
    for each in members:
        api(playground, each)  # who makes the account
        post(playground, "ada", f"{where}/{name}/members", member=each)
    return int(made["id"])


def permit(playground: Playground, path: str, number: int, permission: str) -> None:
    where = f"/v2/repositories/{path}/groups"
    post(playground, "ada", where, group_id=number, permission=permission)


# 13.2


def hello(playground: Playground) -> None:
    empty_hub(playground)
    push(playground, "ada/hello:1")


def scope(text: Any) -> Give:
    return lambda _playground: {"scope": text}


# 13.4


SITE = "acme/site"


def acme(playground: Playground, permission: str = "read") -> int:
    empty_hub(playground)
    post(playground, "ada", "/v2/orgs", orgname="acme")
    developers = team(playground, "acme", "developers", "linus")
    repository(playground, SITE)
    push(playground, f"{SITE}:1")
    if permission:
        permit(playground, SITE, developers, permission)
    return developers


def readers(playground: Playground) -> None:
    acme(playground)


def writers(playground: Playground) -> None:
    acme(playground, "write")


def second_team(playground: Playground) -> None:
    acme(playground)
    permit(playground, SITE, team(playground, "acme", "writers", "linus"), "write")


def second_team_reads(playground: Playground) -> None:
    acme(playground)
    permit(playground, SITE, team(playground, "acme", "writers", "linus"), "read")


def administrators(playground: Playground) -> None:
    acme(playground, "admin")


def linus_owns(playground: Playground) -> None:
    acme(playground)
    post(playground, "ada", "/v2/orgs/acme/members", member="linus", role="owner")


def everyone(playground: Playground) -> None:
    acme(playground)
    api(playground, "ada").patch(one(SITE), json={"is_private": False}).raise_for_status()


def no_permission(playground: Playground) -> None:
    acme(playground, "")


def with_grace(playground: Playground) -> None:
    acme(playground, "write")
    post(playground, "ada", "/v2/orgs/acme/groups/developers/members", member="grace")


# 13.6


TOOLS = "ada/tools"


def tools(playground: Playground) -> None:
    empty_hub(playground)
    repository(playground, TOOLS)
    for tag, image in {"1": HELLO, "old": HELLO, "2": BUSYBOX}.items():
        push(playground, f"{TOOLS}:{tag}", image=image)


def digest_of(playground: Playground, tag: str) -> str:
    return str(api(playground, "ada").get(f"{one(TOOLS)}/tags/{tag}").json()["digest"])


def delete_image(playground: Playground, tag: str) -> None:
    path = f"{one(TOOLS)}/images/{digest_of(playground, tag)}"
    api(playground, "ada").delete(path).raise_for_status()


def image_deleted(playground: Playground) -> None:
    tools(playground)
    delete_image(playground, "old")


def deleted_in_the_registry(playground: Playground) -> None:
    """As an engine's user with a token for it would: the hub learns of it by events."""
    tools(playground)
    token = HubProbe(playground).token(ADA, TOOLS, "delete")
    with playground.hub.http() as http:
        path = f"/v2/{TOOLS}/manifests/{digest_of(playground, '1')}"
        answer = http.delete(path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 202, answer.text


def both_deleted(playground: Playground) -> None:
    image_deleted(playground)
    delete_image(playground, "2")


def other_deleted(playground: Playground) -> None:
    tools(playground)
    delete_image(playground, "2")


def repository_deleted(playground: Playground) -> None:
    tools(playground)
    api(playground, "ada").delete(one(TOOLS)).raise_for_status()


def pushed_again(playground: Playground) -> None:
    repository_deleted(playground)
    push(playground, f"{TOOLS}:2", image=BUSYBOX)


def overwritten(playground: Playground) -> None:
    tools(playground)
    push(playground, f"{TOOLS}:1", image=BUSYBOX)


def one_overwritten(playground: Playground) -> None:
    """And the other one deleted: the tag 1 is left, as another name of busybox."""
    overwritten(playground)
    delete_image(playground, "old")


def other_image(playground: Playground) -> None:
    image_deleted(playground)
    push(playground, f"{TOOLS}:2")


# 13.7


STUDIO, NOTES = "studio/site", "studio/notes"


def only_studio(playground: Playground) -> None:
    empty_hub(playground)
    post(playground, "ada", "/v2/orgs", orgname="studio")


def unshared(playground: Playground) -> None:
    only_studio(playground)
    for path in (STUDIO, NOTES):
        repository(playground, path)
        push(playground, f"{path}:1")


def studio(playground: Playground) -> int:
    unshared(playground)
    readers = team(playground, "studio", "readers", "linus")
    permit(playground, STUDIO, readers, "read")
    return readers


def shared(playground: Playground) -> None:
    studio(playground)


def shared_in_another_order(playground: Playground) -> None:
    """Public by the push, private later; linus is a member before he is in a team."""
    only_studio(playground)
    post(playground, "ada", "/v2/orgs/studio/members", member="linus")
    number = team(playground, "studio", "qa", "linus")
    for path in (STUDIO, NOTES):
        push(playground, f"{path}:1")
        api(playground, "ada").patch(one(path), json={"is_private": True}).raise_for_status()
    permit(playground, STUDIO, number, "read")


def public_by_push(playground: Playground) -> None:
    only_studio(playground)
    for path in (STUDIO, NOTES):
        push(playground, f"{path}:1")
    permit(playground, STUDIO, team(playground, "studio", "readers", "linus"), "read")


def public_notes(playground: Playground) -> None:
    studio(playground)
    api(playground, "ada").patch(one(NOTES), json={"is_private": False}).raise_for_status()


def linus_writes(playground: Playground) -> None:
    permit(playground, STUDIO, studio(playground), "write")


def linus_writes_by_a_second_team(playground: Playground) -> None:
    studio(playground)
    permit(playground, STUDIO, team(playground, "studio", "writers", "linus"), "write")


def linus_owns_studio(playground: Playground) -> None:
    unshared(playground)
    post(playground, "ada", "/v2/orgs/studio/members", member="linus", role="owner")


def no_team(playground: Playground) -> None:
    unshared(playground)
    post(playground, "ada", "/v2/orgs/studio/members", member="linus")


def team_without_linus(playground: Playground) -> None:
    unshared(playground)
    permit(playground, STUDIO, team(playground, "studio", "readers"), "read")


def team_without_permission(playground: Playground) -> None:
    unshared(playground)
    team(playground, "studio", "readers", "linus")


def notes_too(playground: Playground) -> None:
    permit(playground, NOTES, studio(playground), "read")


def grace_too(playground: Playground) -> None:
    studio(playground)
    post(playground, "ada", "/v2/orgs/studio/groups/readers/members", member="grace")


def studio_of_linus(playground: Playground) -> None:
    empty_hub(playground)
    post(playground, "linus", "/v2/orgs", orgname="studio")


def other_image_in_site(playground: Playground) -> None:
    studio(playground)
    push(playground, f"{STUDIO}:1", image=BUSYBOX)


def another_tag(playground: Playground) -> None:
    only_studio(playground)
    for path in (STUDIO, NOTES):
        repository(playground, path)
        push(playground, f"{path}:latest")


def nothing_pushed(playground: Playground) -> None:
    only_studio(playground)
    for path in (STUDIO, NOTES):
        repository(playground, path)
    permit(playground, STUDIO, team(playground, "studio", "readers", "linus"), "read")


def public_demo(playground: Playground) -> None:
    studio(playground)
    repository(playground, "studio/demo", private=False)


# 13.8


def token_of(playground: Playground, name: str, scope: str = "repo:write") -> str:
    made = post(playground, name, "/v2/access-tokens", token_label="night", scopes=[scope])
    return str(made["token"])


def keep(playground: Playground, text: str, *, mode: int = 0o600, node: int = 2) -> None:
    playground.node(node).write_file(FILE, text, mode=mode)


def without_file(playground: Playground) -> None:
    for node in playground.nodes:
        node.exec(["rm", "-rf", "/srv/robot"])


def robots(playground: Playground, permission: str = "write") -> int:
    """studio with robot in a team of its own; no token yet."""
    without_file(playground)
    studio(playground)
    number = team(playground, "studio", "robots", "robot")
    permit(playground, STUDIO, number, permission)
    return number


def robot_ready(
    playground: Playground, *, permission: str = "write", scope: str = "repo:write"
) -> str:
    """All of it, but for the push."""
    robots(playground, permission)
    secret = token_of(playground, "robot", scope)
    keep(playground, secret)
    return secret


def push_by_robot(playground: Playground, secret: str) -> None:
    push(playground, f"{STUDIO}:2", by=("robot", secret), node=2)


def robot_pushes(playground: Playground) -> None:
    push_by_robot(playground, robot_ready(playground))


def robot_pushes_in_another_way(playground: Playground) -> None:
    """From node 1, busybox, with a line end in the file, which its owner can only read."""
    secret = robot_ready(playground)
    keep(playground, f"{secret}\n", mode=0o400)
    push(playground, f"{STUDIO}:2", image=BUSYBOX, by=("robot", secret))


def shared_and_no_robot(playground: Playground) -> None:
    without_file(playground)
    shared(playground)


def robot_without_studio(playground: Playground) -> None:
    empty_hub(playground)
    keep(playground, token_of(playground, "robot"))


def team_and_no_file(playground: Playground) -> None:
    robots(playground)


def file_on_node_1(playground: Playground) -> None:
    robots(playground)
    keep(playground, token_of(playground, "robot"), node=1)


def readable_file(playground: Playground) -> None:
    keep(playground, robot_ready(playground), mode=0o644)


def password_in_file(playground: Playground) -> None:
    robots(playground)
    keep(playground, ROBOT[1])


def token_of_linus(playground: Playground) -> None:
    robots(playground)
    keep(playground, token_of(playground, "linus"))


def switched_off(playground: Playground) -> None:
    robot_pushes(playground)
    robot = api(playground, "robot")
    for each in robot.get("/v2/access-tokens").json()["results"]:
        robot.patch(f"/v2/access-tokens/{each['uuid']}", json={"is_active": False})


def token_that_reads(playground: Playground) -> None:
    robot_ready(playground, scope="repo:read")
    push(playground, f"{STUDIO}:2", by=ROBOT, node=2)


def token_that_manages(playground: Playground) -> None:
    push_by_robot(playground, robot_ready(playground, scope="repo:admin"))


def robot_administers(playground: Playground) -> None:
    push_by_robot(playground, robot_ready(playground, permission="admin"))


def robot_among_readers(playground: Playground) -> None:
    """One team for both, and more for it."""
    without_file(playground)
    permit(playground, STUDIO, studio(playground), "write")
    post(playground, "ada", "/v2/orgs/studio/groups/readers/members", member="robot")
    secret = token_of(playground, "robot")
    keep(playground, secret)
    push_by_robot(playground, secret)


def robot_writes_notes(playground: Playground) -> None:
    number = robots(playground)
    permit(playground, NOTES, number, "write")
    secret = token_of(playground, "robot")
    keep(playground, secret)
    push_by_robot(playground, secret)


def robot_owns(playground: Playground) -> None:
    secret = robot_ready(playground)
    post(playground, "ada", "/v2/orgs/studio/members", member="robot", role="owner")
    push_by_robot(playground, secret)


def robot_without_permission(playground: Playground) -> None:
    without_file(playground)
    studio(playground)
    keep(playground, token_of(playground, "robot"))


def not_pushed(playground: Playground) -> None:
    robot_ready(playground)


def pushed_by_password(playground: Playground) -> None:
    robot_ready(playground)
    push(playground, f"{STUDIO}:2", by=ROBOT, node=2)


def pushed_by_password_elsewhere(playground: Playground) -> None:
    """With the token the engine has pulled, and the check was run before, which uses it too."""
    secret = robot_ready(playground)
    engine = playground.node(1).docker
    engine.login("robot", secret, registry=HOST, reauth=True)
    engine.images.pull(f"{HOST}/{STUDIO}:1")
    robot_login.robot_pushes(playground, {})
    push(playground, f"{STUDIO}:2", by=ROBOT)


def refused_and_pushed_by_password(playground: Playground) -> None:
    """The token was tried before the team could push, and the password after that."""
    without_file(playground)
    studio(playground)
    number = team(playground, "studio", "robots", "robot")
    permit(playground, STUDIO, number, "read")
    secret = token_of(playground, "robot")
    keep(playground, secret)
    engine = playground.node(2).docker
    engine.login("robot", secret, registry=HOST, reauth=True)
    engine.images.pull(HELLO, "latest").tag(f"{HOST}/{STUDIO}", "2")
    assert "denied" in tried(lambda to, **_: transfer.push(engine, to), f"{HOST}/{STUDIO}:2")
    permit(playground, STUDIO, number, "write")
    push(playground, f"{STUDIO}:2", by=ROBOT, node=2)


def pushed_another_tag_with_it(playground: Playground) -> None:
    secret = robot_ready(playground)
    push(playground, f"{STUDIO}:3", by=("robot", secret), node=2)
    push(playground, f"{STUDIO}:2", by=ROBOT, node=2)


def pushed_with_an_earlier_token(playground: Playground) -> None:
    robot_pushes(playground)
    keep(playground, token_of(playground, "robot"))


def checked_often(playground: Playground) -> None:
    """So often that the hub has forgotten the use of the token for the push."""
    secret = robot_ready(playground)
    push_by_robot(playground, secret)
    for _ in range(51):
        assert HubProbe(playground).accepts(("robot", secret))


def robot_without_token(playground: Playground) -> None:
    without_file(playground)
    studio(playground)
    team(playground, "studio", "robots", "robot")


def pushed_by_ada(playground: Playground) -> None:
    robot_ready(playground)
    push(playground, f"{STUDIO}:2")


AGAIN = "Run the cell again"
COLONS = "a scope is a type, a name and actions, with colons between: repository:…:…"
OWNER = 'an owner may do all in each repository. PUT gives a member the role "member"'
PUBLIC = "a push makes a public repository. Make it first, or PATCH it"
LEVEL = "a team has read, write or admin; POST gives it another one"
OWN_TEAM = "robot is in a team of its own, which has write in that repository"
READ_IS_ENOUGH = "of all teams that he is in, the largest permission counts: read is enough"
LINUS_PUSHES = f"linus can push to {STUDIO}, wanted a team that pulls and does not push"
REFUSED = "was it switched off, deleted, or cut? Make another one: its text is shown once"
NO_TOKEN = (
    f"{FILE} does not hold an access token, whose text begins with hub_pat_",
    "the text alone: the field `token` of the answer to POST /v2/access-tokens",
)
NOT_WITH_TOKEN = (
    f"robot pushed tag 2 of {STUDIO} with its password, wanted the access token",
    "docker.login with the token as the password, reauth=True; then push it again",
)
WITHOUT = "the name is the repository's, without host and tag"
MORE = (
    'the token grants ["delete", "pull", "push"], wanted ["pull", "push"]',
    '["delete"] is more than a push needs',
)
FULL = "repository:ada/hello:pull,push"
TESTS = LessonTests(clean_each=False, only_at_their_place=frozenset({"13.2", "13.5", "13.6"}))


def good_for(access: str) -> tuple[str, str]:
    return f"the token is good for {access}, wanted ada/hello", COLONS


def named(name: str) -> tuple[str, str]:
    return f'the scope names "{name}", wanted "ada/hello"', WITHOUT


def question(right: str, words: str, wrong: dict[str, str]) -> list[Any]:
    return [
        Right(nothing, words, give=choose(right)),
        Blank(nothing, "choose a, b or c", give=choose(None)),
        *(Wrong(nothing, why, "", give=choose(letter)) for letter, why in wrong.items()),
    ]


CASES: Table = {
    "13.1": question(
        "c",
        "A push makes a public repository, unless its namespace says otherwise.",
        {
            "a": "That is a private repository. This one was made by a push.",
            "b": "For a public repository no one has to log in, as you pull from Docker Hub without an account.",
        },
    ),
    "13.2": [
        Blank(hello, "write a scope between the quotes", give=scope("")),
        Blank(nothing, "write a scope between the quotes", give=scope(" ")),
        Blank(hello, "write a scope between the quotes", give=scope(None)),
        Right(hello, give=scope(FULL)),
        Right(hello, give=scope("repository:ada/hello:push,pull")),
        Right(hello, give=scope("repository:ada/hello:push,pull repository:ada/hello:pull")),
        Wrong(hello, *good_for("[]"), give=scope("ada/hello:pull,push")),
        Wrong(
            hello, *named("hub.lab/ada/hello"), give=scope("repository:hub.lab/ada/hello:pull,push")
        ),
        Wrong(hello, *named("ada/hello:1"), give=scope("repository:ada/hello:1:pull,push")),
        Wrong(hello, *MORE, give=scope("repository:ada/hello:*")),
        Wrong(hello, *MORE, give=scope("repository:ada/hello:pull,push,delete")),
        Wrong(
            hello,
            *good_for('["ada/hello", "ada/other"]'),
            give=scope(f"{FULL} repository:ada/other:pull"),
        ),
        Wrong(hello, *good_for('["ada/other"]'), give=scope("repository:ada/other:pull,push")),
        Wrong(
            hello,
            'the token grants ["pull"], wanted ["pull", "push"]',
            'several actions have a comma between them, and no space; ["push"] is not there',
            give=scope("repository:ada/hello:pull"),
        ),
        Wrong(
            hello,
            'the token grants ["pull"], wanted ["pull", "push"]',
            'several actions have a comma between them, and no space; ["push"] is not there',
            give=scope("repository:ada/hello:pull,write"),
        ),
        Wrong(nothing, "ada/hello:1 is not there", "run the cell that pushes it", give=scope(FULL)),
    ],
    "13.3": question(
        "b",
        "Another answer for what exists would tell that it exists.",
        {
            "a": "Then linus could find out which private repositories ada has, by trying names.",
            "c": "He is logged in, and no login of his would help.",
        },
    ),
    "13.4": [
        Blank(readers, f"linus may pull from {SITE} and not push: change that"),
        Blank(nothing, f"run the cell that makes {SITE} first"),
        Right(writers),
        Right(second_team),
        Wrong(
            administrators,
            f'linus may ["delete", "pull", "push"] in {SITE}, wanted ["pull", "push"]',
            LEVEL,
        ),
        Wrong(
            linus_owns,
            "linus owns acme, wanted a member",
            "an owner may do all, in each repository; the permission of a team is enough",
        ),
        Wrong(everyone, f"{SITE} is public, wanted private", 'PATCH it with {"is_private": True}'),
        Wrong(second_team_reads, f'linus may ["pull"] in {SITE}, wanted ["pull", "push"]', LEVEL),
        Wrong(no_permission, f'linus may [] in {SITE}, wanted ["pull", "push"]', LEVEL),
        Wrong(with_grace, f"grace may pull from {SITE}, wanted nothing", "who is in teams?"),
    ],
    "13.5": question(
        "b",
        "What is signed is valid until `exp`, and a minute more for clocks that differ: about five more minutes.",
        {
            "a": "The registry would have to ask someone. It reads the signature and `exp`, and both are good.",
            "c": "A registry token is good for the repositories and actions in `access`, and not for the API.",
        },
    ),
    "13.6": [
        Blank(tools, "delete the image of the tags 1 and old"),
        Blank(nothing, f"run the cell that pushes {TOOLS} first"),
        Right(image_deleted),
        Right(deleted_in_the_registry),
        Wrong(
            both_deleted,
            f'{TOOLS} has the tags [], wanted ["2"]',
            f"the digest is that of tag 1. {AGAIN}",
        ),
        Wrong(
            other_deleted,
            f'{TOOLS} has the tags ["1", "old"], wanted ["2"]',
            f"the digest is that of tag 1. {AGAIN}",
        ),
        Wrong(
            repository_deleted,
            f"{TOOLS} is deleted as a whole, wanted its tag 2",
            f"an image has a path of its own, …/images/<digest>. {AGAIN}",
        ),
        Wrong(
            pushed_again,
            f"{TOOLS} is public, wanted the private one of before",
            "a push made it again. Delete the image, not the repository",
        ),
        Wrong(
            overwritten,
            f"the tags 1 and old of {TOOLS} are not one image any more",
            f"a push to a tag deletes nothing. {AGAIN}",
        ),
        Wrong(
            one_overwritten,
            f'{TOOLS} has the tags ["1", "2"], wanted ["2"] alone',
            "delete the digest that each of the others has",
        ),
        Wrong(
            other_image,
            f'{TOOLS}:2 is not busybox: it runs ["/hello"], wanted ["sh"]',
            'tag the image that docker.images.pull("busybox", tag="latest") gives',
        ),
    ],
    "13.7": [
        Blank(nothing, "make the organization studio as ada"),
        Right(shared),
        Right(shared_in_another_order),
        Right(robot_pushes),
        Wrong(public_by_push, f"{STUDIO} is public: a stranger pulls it, wanted private", PUBLIC),
        Wrong(public_notes, f"{NOTES} is public: a stranger pulls it, wanted private", PUBLIC),
        Wrong(linus_writes, LINUS_PUSHES, READ_IS_ENOUGH),
        Wrong(linus_writes_by_a_second_team, LINUS_PUSHES, READ_IS_ENOUGH),
        Wrong(linus_owns_studio, 'studio is owned by ["ada", "linus"], wanted ada alone', OWNER),
        Wrong(
            only_studio,
            f"{STUDIO} is not there",
            "POST /v2/namespaces/studio/repositories, private, then push",
        ),
        Wrong(
            no_team,
            f"linus cannot pull {STUDIO}:1",
            "a team is missing: POST /v2/orgs/studio/groups",
        ),
        Wrong(
            team_without_linus,
            f"linus cannot pull {STUDIO}:1",
            'linus is in no team; there is ["readers"]',
        ),
        Wrong(
            team_without_permission,
            f"linus cannot pull {STUDIO}:1",
            f'["readers"] has no permission: POST /v2/repositories/{STUDIO}/groups',
        ),
        Wrong(
            notes_too,
            f"linus can pull {NOTES}, wanted {STUDIO} alone",
            "a permission belongs to one repository; take the team out of the other one",
        ),
        Wrong(grace_too, f"grace can pull {STUDIO}, wanted nothing", "who is in the teams?"),
        Wrong(
            studio_of_linus,
            "studio belongs to linus, and ada is not in it",
            'linus makes ada an owner: linus.post("/v2/orgs/studio/members", …); then ada takes linus out',
        ),
        Wrong(
            other_image_in_site,
            f'{STUDIO}:1 is not hello-world: it runs ["sh"], wanted ["/hello"]',
            'tag the image that docker.images.pull("hello-world", tag="latest") gives',
        ),
        Wrong(
            another_tag,
            f"{STUDIO} has no tag 1",
            f"tag hello-world as hub.lab/{STUDIO}:1 and push it",
        ),
        Wrong(
            nothing_pushed,
            f"{STUDIO} has no tag 1",
            f"tag hello-world as hub.lab/{STUDIO}:1 and push it",
        ),
        Wrong(
            public_demo,
            f"studio/demo is public: linus can pull it, wanted {STUDIO} alone",
            "delete it, or PATCH it: a private one is for those whom a team lets in",
        ),
    ],
    "13.8": [
        Blank(nothing, f"write an access token of robot into {FILE} of node 2"),
        Blank(shared_and_no_robot, f"write an access token of robot into {FILE} of node 2"),
        Right(robot_pushes),
        Right(robot_pushes_in_another_way),
        Right(checked_often),
        Wrong(password_in_file, *NO_TOKEN),
        Wrong(
            team_and_no_file,
            f"node 2 has no file {FILE}",
            "lab.node(2).write_file(path, text, mode=0o600)",
        ),
        Wrong(
            robot_without_token,
            f"node 2 has no file {FILE}",
            "lab.node(2).write_file(path, text, mode=0o600)",
        ),
        Wrong(
            file_on_node_1,
            f"node 2 has no file {FILE}",
            "lab.node(2).write_file(path, text, mode=0o600)",
        ),
        Wrong(
            readable_file,
            f"{FILE} has the mode 644: others than its owner can read it",
            "write_file(…, mode=0o600)",
        ),
        Wrong(token_of_linus, "the access token is of linus, wanted one of robot", "robot.post(…)"),
        Wrong(switched_off, "the hub refuses the access token for robot", REFUSED),
        Wrong(robot_without_studio, "make the organization studio as ada first (13.7)", ""),
        Wrong(
            token_that_reads,
            f"robot may push to {STUDIO}, and not with this access token",
            "its scope is too small: repo:write",
        ),
        Wrong(
            token_that_manages,
            "the access token makes and deletes robot's own repositories: its scope is repo:admin",
            "the smallest scope that pushes is repo:write",
        ),
        Wrong(
            robot_administers,
            f'robot may ["delete", "pull", "push"] in {STUDIO}, wanted ["pull", "push"]',
            OWN_TEAM,
        ),
        Wrong(
            robot_without_permission, f'robot may [] in {STUDIO}, wanted ["pull", "push"]', OWN_TEAM
        ),
        Wrong(robot_among_readers, LINUS_PUSHES, READ_IS_ENOUGH),
        Wrong(
            robot_writes_notes,
            f"the access token can pull {NOTES}, wanted {STUDIO} alone",
            "it can do what its account may: robot's team has a permission there too",
        ),
        Wrong(robot_owns, 'studio is owned by ["ada", "robot"], wanted ada alone', OWNER),
        Wrong(not_pushed, f"{STUDIO} has no tag 2", "log in as robot on node 2, and push"),
        Wrong(
            pushed_by_ada,
            f"tag 2 of {STUDIO} is by ada, wanted robot",
            "log in on node 2 as robot, with the access token, and push it again",
        ),
        Wrong(pushed_by_password, *NOT_WITH_TOKEN),
        Wrong(pushed_by_password_elsewhere, *NOT_WITH_TOKEN),
        Wrong(refused_and_pushed_by_password, *NOT_WITH_TOKEN),
        Wrong(pushed_another_tag_with_it, *NOT_WITH_TOKEN),
        Wrong(
            pushed_with_an_earlier_token,
            f"robot pushed tag 2 of {STUDIO} with another access token than that of {FILE}",
            "log in with the text of the file, and push it again",
        ),
    ],
}
