"""Right, blank and wrong answers to lesson 14.

A case starts the repositories over that it uses. The receiver, the base and its link, which take seconds to make, are
kept from one case of 14.8 to the next.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import httpx

from labs.lesson import Answers
from labs.lessons.build_on_push.hub_builds import ADA, SPACE
from labs.lessons.build_on_push.node_git import NodeGit
from labs.lessons.build_on_push.receiver import STORE, start_receiver
from labs.playground import Playground
from labs.waiting import wait_until
from tests.lessons.actions import nothing
from tests.lessons.cases import Blank, Give, LessonTests, Right, Table, Wrong, choose

ALL = f"/v2/namespaces/{SPACE}/repositories"
DOCKERFILE = 'FROM busybox\nCMD ["httpd", "-f", "-h", "/www"]\nCOPY www /www\n'
HELLO = {"Dockerfile": DOCKERFILE, "www/index.html": "<h1>Hello</h1>\n"}
WELCOME = {"www/index.html": "<h1>Welcome</h1>\n"}
BROKEN = {"Dockerfile": DOCKERFILE.replace("COPY www", "COPY pages")}
TOOL = {"Dockerfile": 'FROM busybox\nCMD ["date"]\n'}


def ada(playground: Playground) -> httpx.Client:
    client: httpx.Client = playground.hub.sign_up(*ADA)
    client.post("/v2/orgs", json={"orgname": SPACE})
    return client


class Work:
    """One repository of the lesson, as its cells use it."""

    def __init__(self, playground: Playground, name: str, *, over: bool = True) -> None:
        self.http, self.name, self.path = ada(playground), name, f"{ALL}/{name}"
        self.git = NodeGit(playground.node(1))
        self.host = playground.hub.host
        if over:
            self.http.delete(self.path)
            # What an earlier case has pushed: a hub whose tables were emptied would take it for new.
            playground.hub.container.exec_run(["rm", "-rf", f"/data/git/{SPACE}/{name}.git"])
            self.http.post(ALL, json={"name": name}).raise_for_status()
            self.put("source", git_repository=name)
            self.git.start(name, f"https://{self.host}/git/{SPACE}/{name}.git")

    def put(self, what: str, **body: Any) -> None:
        self.http.put(f"{self.path}/{what}", json=body).raise_for_status()

    def post(self, what: str, **body: Any) -> Any:
        answer = self.http.post(f"{self.path}/{what}", json=body)
        answer.raise_for_status()
        return answer.json()

    def rule(
        self, source: str = "main", tag: str = "latest", kind: str = "branch", **more: Any
    ) -> None:
        self.post("build-rules", source_type=kind, source=source, tag=tag, **more)

    def push(self, files: dict[str, str], message: str = "a commit") -> None:
        self.git.commit(self.name, files, message, ("--force", "origin", "HEAD"))

    def push_tag(self, tag: str = "v1.2.3") -> None:
        self.git.run(self.name, "push", "--force", "origin", f"HEAD:refs/tags/{tag}")

    def built(self) -> dict[str, Any]:
        def ended() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = self.http.get(f"{self.path}/builds").json()["results"]
            return found if found and all(each["ended"] for each in found) else []

        return wait_until(ended, "the builds", timeout_s=120)[0]


def by_hand(playground: Playground, *images: str) -> None:
    """Push busybox by `docker push`."""
    engine = playground.node(1).docker
    engine.login(*ADA, registry=playground.hub.host, reauth=True)
    for image in images:
        name = f"{playground.hub.host}/{SPACE}/{image}"
        engine.images.pull("busybox", "latest").tag(name)
        engine.images.push(name)
    client = ada(playground)
    paths = ["{}/{}/tags/{}".format(ALL, *image.split(":")) for image in images]
    wait_until(lambda: all(client.head(path).is_success for path in paths), "the events")


# 14.1


def linked(playground: Playground) -> None:
    Work(playground, "app").push(HELLO)


def with_rule(playground: Playground, *rule: str, after: bool = True, **more: Any) -> None:
    app = Work(playground, "app")
    app.push(HELLO)
    app.rule(*rule, **more)
    if after:
        app.push({})


def right_rule(playground: Playground) -> None:
    with_rule(playground)


def rule_with_an_expression(playground: Playground) -> None:
    with_rule(playground, "/^main$/", "latest, newest")


def rule_of_master(playground: Playground) -> None:
    with_rule(playground, "master")


def names_swapped(playground: Playground) -> None:
    with_rule(playground, "latest", "main")


def rule_for_tags(playground: Playground) -> None:
    with_rule(playground, "main", "latest", "tag")


def no_push_after_the_rule(playground: Playground) -> None:
    with_rule(playground, after=False)


def built_without_a_push(playground: Playground) -> None:
    """By a rule that no push starts."""
    with_rule(playground, autobuild=False)
    app = Work(playground, "app", over=False)
    app.post("builds")
    app.built()


def pushed_by_hand(playground: Playground) -> None:
    linked(playground)
    by_hand(playground, "app:latest")


# 14.2


def broken(playground: Playground) -> Work:
    app = Work(playground, "app")
    app.rule()
    app.push(HELLO)
    app.push(BROKEN, "another folder")
    app.post(f"builds/{app.built()['number']}/retry")
    app.built()
    return app


def left_broken(playground: Playground) -> None:
    broken(playground)


def right_folder(playground: Playground) -> None:
    broken(playground).push({**WELCOME, "Dockerfile": DOCKERFILE})


def folder_that_is_asked_for(playground: Playground) -> None:
    broken(playground).push({"pages/index.html": "<p>welcome</p>\n"})


def retried(playground: Playground) -> None:
    app = broken(playground)
    app.post(f"builds/{app.built()['number']}/retry")


def only_the_page(playground: Playground) -> None:
    broken(playground).push(WELCOME)


def without_the_page(playground: Playground) -> None:
    broken(playground).push({**WELCOME, "Dockerfile": "FROM busybox\n"})


def without_welcome(playground: Playground) -> None:
    broken(playground).push({"Dockerfile": DOCKERFILE})


def welcome_by_hand(playground: Playground) -> None:
    broken(playground)
    by_hand(playground, "app:latest")


def older_build_by_hand(playground: Playground) -> None:
    """The mended build is there, and `latest` is moved back to the image of the first."""
    right_folder(playground)
    app = Work(playground, "app", over=False)
    app.built()
    tags = f"{app.path}/tags/latest"
    first = app.http.get(f"{app.path}/builds").json()["results"][-1]["digest"]
    engine, name = playground.node(1).docker, f"{app.host}/{SPACE}/app"
    engine.login(*ADA, registry=app.host, reauth=True)
    engine.images.pull(name, first).tag(name, "latest")
    engine.images.push(name, "latest")
    wait_until(lambda: app.http.get(tags).json()["digest"] == first, "the event")


def by_hand_after_the_build(playground: Playground) -> None:
    right_folder(playground)
    Work(playground, "app", over=False).built()
    by_hand(playground, "app:latest")


# 14.3

GROUP = "([0-9]+)"
VERSION = rf"/^v{GROUP}\.{GROUP}\.{GROUP}$/"
THREE = r"{\1}.{\2}.{\3}, {\1}.{\2}, {\1}"


def tools(playground: Playground, *rules: tuple[str, str], push: bool = True, **more: Any) -> None:
    work = Work(playground, "tools")
    for source, tag in rules:
        work.rule(source, tag, "tag", **more)
    work.push(TOOL)
    if push:
        work.push_tag()


def tools_without_rules(playground: Playground) -> None:
    tools(playground)


def rule_of_the_app(playground: Playground) -> None:
    tools(playground)
    Work(playground, "app").rule(VERSION, THREE, "tag")


def one_rule(playground: Playground) -> None:
    tools(playground, (VERSION, THREE))


def three_rules(playground: Playground) -> None:
    digits = r"/^v(\d+)[.](\d+)[.](\d+)$/"
    tools(playground, *((digits, tag) for tag in THREE.split(", ")))


def three_rules_without_the_cache(playground: Playground) -> None:
    tools(playground, *((VERSION, tag) for tag in THREE.split(", ")), caching=False)


def no_end(playground: Playground) -> None:
    tools(playground, (VERSION.replace("$", ""), THREE))


def an_earlier_try_is_left(playground: Playground) -> None:
    tools(playground, (VERSION, THREE), (r"/^v(\d)\.(\d)\.(\d)/", r"{\1}"))


def one_digit(playground: Playground) -> None:
    tools(playground, (r"/^v(\d)\.(\d)\.(\d)$/", THREE))


def digits_without_0(playground: Playground) -> None:
    tools(playground, (VERSION.replace("0-9", "1-9"), THREE))


def no_begin(playground: Playground) -> None:
    tools(playground, (VERSION.replace("^", ""), THREE))


def any_dot(playground: Playground) -> None:
    tools(playground, (VERSION.replace("\\", ""), THREE))


def anything(playground: Playground) -> None:
    tools(playground, (r"/^v(.+)\.(.+)\.(.+)$/", THREE))


def that_version_alone(playground: Playground) -> None:
    tools(playground, ("v1.2.3", "1.2.3, 1.2, 1"))


def whole_version_alone(playground: Playground) -> None:
    tools(playground, (VERSION, r"{\1}.{\2}.{\3}"))


def with_v(playground: Playground) -> None:
    tools(playground, (VERSION, r"v{\1}.{\2}.{\3}, v{\1}.{\2}, v{\1}"))


def no_autobuild(playground: Playground) -> None:
    tools(playground, (VERSION, THREE), autobuild=False)


def no_tag_pushed(playground: Playground) -> None:
    tools(playground, (VERSION, THREE), push=False)


def tags_by_hand(playground: Playground) -> None:
    tools(playground, (VERSION, THREE), push=False)
    by_hand(playground, "tools:1.2.3", "tools:1.2", "tools:1")


def older_version_by_hand(playground: Playground) -> None:
    """All is built, and then `1` is pushed by hand."""
    one_rule(playground)
    Work(playground, "tools", over=False).built()
    by_hand(playground, "tools:1")


# 14.4


def with_hook(playground: Playground, text: str, name: str = "hooks/pre_build") -> None:
    app = Work(playground, "app")
    app.rule()
    app.push({**HELLO, name: text})
    app.built()


def no_hook(playground: Playground) -> None:
    right_rule(playground)


def commit_before_the_build(playground: Playground) -> None:
    with_hook(playground, 'echo "$SOURCE_COMMIT" >www/version\n')


def short_commit_after_checkout(playground: Playground) -> None:
    with_hook(
        playground, 'printf "%.8s $DOCKER_TAG" $SOURCE_COMMIT >www/version', "hooks/post_checkout"
    )


def into_the_root(playground: Playground) -> None:
    with_hook(playground, 'mkdir /www && echo "$SOURCE_COMMIT" >/www/version\n')


def other_variable(playground: Playground) -> None:
    with_hook(playground, 'echo "$GIT_COMMIT" >www/version\n')


def message_of_the_commit(playground: Playground) -> None:
    with_hook(playground, 'echo "$COMMIT_MSG" >www/version\n')


def instead_of_the_build(playground: Playground) -> None:
    with_hook(playground, 'echo "$SOURCE_COMMIT" >www/version\n', "hooks/build")


def hook_that_fails(playground: Playground) -> None:
    with_hook(playground, "git rev-parse HEAD >www/version\n")


# 14.6


def nightly(
    playground: Playground, asked: dict[str, str] | None, *, autobuild: bool = False
) -> None:
    work = Work(playground, "tools")
    work.rule("main", "nightly", autobuild=autobuild)
    work.push(TOOL)
    if asked is not None:
        call(playground, work, asked)


def call(playground: Playground, work: Work, asked: dict[str, str]) -> None:
    url = work.post("triggers", name="every night")["url"].removeprefix(f"https://{work.host}")
    playground.hub.http().post(url, json=asked).raise_for_status()


def not_called(playground: Playground) -> None:
    nightly(playground, None)
    Work(playground, "tools", over=False).post("triggers", name="every night")


def build_again(playground: Playground) -> None:
    nightly(playground, {"docker_tag": "nightly"})


def branch_main(playground: Playground) -> None:
    nightly(playground, {"source_type": "branch", "source_name": "main"})


def empty_body(playground: Playground) -> None:
    """Without a name it is main."""
    nightly(playground, {})


def branch_master(playground: Playground) -> None:
    nightly(playground, {"source_type": "branch", "source_name": "master"})


def as_docker_hub_names_tags(playground: Playground) -> None:
    nightly(playground, {"source_type": "tag", "source_name": "nightly"})


def by_each_push(playground: Playground) -> None:
    nightly(playground, {"source_type": "branch", "source_name": "main"}, autobuild=True)


def rule_for_the_next_push(playground: Playground) -> None:
    branch_main(playground)
    tools = Work(playground, "tools", over=False)
    tools.built()
    tools.rule("main", "nightly")


def started_by_ada(playground: Playground) -> None:
    nightly(playground, None)
    Work(playground, "tools", over=False).post("builds")


# 14.7 and 14.8

URL = "http://node2:8081/cgi-bin/hook"


def chain(playground: Playground, script: str = STORE, *, link: bool = True) -> Work:
    """The app on its base, its webhook and the receiver with a script; what is there already is kept."""
    app, base = (Work(playground, name, over=False) for name in ("app", "base"))
    links = app.http.get(f"{app.path}/links").json()
    if not links.get("count"):
        base = Work(playground, "base")
        base.rule()
        base.push(
            {"Dockerfile": DOCKERFILE.replace("www /www", "base.txt /www/"), "base.txt": "one\n"}
        )
        app = Work(playground, "app")
        app.rule()
        base.built()
        app.push({**WELCOME, "Dockerfile": "FROM hub.lab/acme/base\nCOPY www /www\n"})
        app.built()
        app.post("links", repository="acme/base")
    if not link:
        for each in app.http.get(f"{app.path}/links").json()["results"]:
            app.http.delete(f"{app.path}/links/{each['id']}").raise_for_status()
    for each in app.http.get(f"{app.path}/webhooks").json()["results"]:
        app.http.delete(f"{app.path}/webhooks/{each['id']}")
    hook = app.post("webhooks", name="deploy", url=URL)
    # What an earlier case has started beside the receiver, in a group of its own.
    playground.node(2).exec(["sh", "-c", "kill -- -$(cat /srv/beside); rm -f /srv/beside"])
    playground.node(2).exec(["sh", "-c", "docker rm -f app"])
    start_receiver(playground.node(2), script, hook["secret"])
    return app


def stored(playground: Playground) -> None:
    app = chain(playground)
    app.post("builds")
    delivered(app, 1)


def sent_again(playground: Playground) -> None:
    stored(playground)
    app = Work(playground, "app", over=False)
    hook, sent = delivered(app, 1)
    app.post(f"webhooks/{hook}/deliveries/{sent[0]['id']}/redeliver")
    delivered(app, 2)


def delivered(app: Work, times: int) -> tuple[int, list[dict[str, Any]]]:
    """The webhook, and its deliveries when so many have arrived."""
    hook = app.http.get(f"{app.path}/webhooks").json()["results"][0]["id"]

    def arrived() -> list[dict[str, Any]]:
        listed = app.http.get(f"{app.path}/webhooks/{hook}/deliveries").json()["results"]
        found = [each for each in listed if each["state"] == "delivered"]
        return found if len(found) >= times else []

    return hook, wait_until(arrived, "the deliveries", timeout_s=60)


def file(playground: Playground, name: str) -> str:
    return playground.node(2).exec(["cat", f"/srv/receiver/{name}"]).stdout


def signed(
    form: str = "{time}.{body}", *, key: str = "", before: str = "", again: bool = False
) -> Give:
    """Digits of a delivery and of a forged one, each made from a text."""

    def give(playground: Playground) -> Answers:
        body, secret = file(playground, "body"), key or file(playground, "secret")
        time = file(playground, "headers").split()[0]
        texts = [json.dumps(json.loads(body), indent=1) if again else body]
        texts.append(body.replace("latest", "forged"))
        macs = []
        for text in body, texts[1]:
            message = form.replace("{time}", time).replace("{body}", text)
            mac = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
            macs.append(f"{before}{mac}")
        return {"time": time, "texts": texts, "macs": macs}

    return give


def no_key(playground: Playground) -> Answers:
    answers: Any = signed()(playground)
    messages = (f"{answers['time']}.{text}".encode() for text in answers["texts"])
    return {**answers, "macs": [hashlib.sha256(each).hexdigest() for each in messages]}


def not_calculated(playground: Playground) -> Answers:
    return {**signed()(playground), "macs": ["", ""]}


def digits_of_the_header(playground: Playground) -> Answers:
    """`return given.removeprefix("sha256=")`: right for the one body, and for all others."""
    header = file(playground, "headers").split()[1].removeprefix("sha256=")
    return {**signed()(playground), "macs": [header, header]}


def of_another_body(playground: Playground) -> Answers:
    """For the forged body, the HMAC of nothing."""
    answers: Any = signed()(playground)
    other = hmac.new(file(playground, "secret").encode(), b"", hashlib.sha256).hexdigest()
    return {**answers, "macs": [answers["macs"][0], other]}


MAC = """body=$(cat)
mac=$(printf '%s' "$HTTP_X_HUB_TIMESTAMP.$body" | openssl dgst -sha256 -hmac "$(cat secret)" -r | cut -c 1-64)
"""
REFUSE = "{ printf 'Status: 403 Forbidden\\n\\n'; exit; }\n"
SIGNED = f'[ "$HTTP_X_HUB_SIGNATURE_256" = "sha256=$mac" ] || {REFUSE}'
FRESH = f"[ $(($(date +%s) - HTTP_X_HUB_TIMESTAMP)) -lt 300 ] || {REFUSE}"
ACCEPT = "printf 'Status: 202 Accepted\\n\\n'\n"
BACKGROUND = "sh deploy >log 2>&1 &\n"


def as_the_lesson_does(playground: Playground) -> None:
    chain(playground, MAC + SIGNED + FRESH + ACCEPT + BACKGROUND)


def what_the_payload_names(playground: Playground) -> None:
    """By digest, in a background of its own, with other words to refuse; time before signature, as that is cheaper."""
    chain(
        playground,
        "age=$(($(date +%s) - ${HTTP_X_HUB_TIMESTAMP:-0}))\n"
        "no() { printf 'Status: 403 Forbidden\\n\\nno\\n'; exit; }\n"
        f'[ "$age" -lt 120 ] || no\n{MAC}[ "$HTTP_X_HUB_SIGNATURE_256" = "sha256=$mac" ] || no\n'
        'image=hub.lab/acme/app@$(printf %s "$body" | sed \'s/.*"digest": "\\([^"]*\\)".*/\\1/\')\n'
        f"{ACCEPT}exec >log 2>&1\n"
        "docker rm -f app; docker run -d --name app -p 8080:80 $image\n",
    )


def beside(playground: Playground, loop: str) -> None:
    """Run a loop on node 2, beside the receiver."""
    playground.node(2).write_file("/srv/receiver/loop", f"echo $$ >/srv/beside\n{loop}")
    command = "cd /srv/receiver && setsid sh loop >/dev/null 2>&1 &"
    playground.node(2).exec(["sh", "-c", command])


def left_to_a_worker(playground: Playground) -> None:
    """The script notes what it was told, and a loop that was there before deploys."""
    chain(playground, MAC + SIGNED + FRESH + "touch told\n" + ACCEPT)
    beside(playground, "while sleep 0.5; do [ -e told ] && rm told && sh deploy; done\n")


def polls_beside(playground: Playground) -> None:
    """The script verifies and does nothing else; a loop looks for a new image every two seconds."""
    refuses_and_deploys_nothing(playground)
    image = "hub.lab/acme/app"
    beside(
        playground,
        f"""while sleep 2; do
  docker pull --quiet {image}
  runs=$(docker container inspect --format '{{{{.Image}}}}' app)
  [ "$runs" = "$(docker image inspect --format '{{{{.Id}}}}' {image})" ] || sh deploy
done
""",
    )


def only_stores(playground: Playground) -> None:
    chain(playground)


def deploys_anything(playground: Playground) -> None:
    chain(playground, ACCEPT + BACKGROUND)


def signature_is_there(playground: Playground) -> None:
    chain(playground, f'[ -n "$HTTP_X_HUB_SIGNATURE_256" ] || {REFUSE}{ACCEPT}{BACKGROUND}')


def any_sha256(playground: Playground) -> None:
    some = f"case $HTTP_X_HUB_SIGNATURE_256 in sha256=*) ;; *) {REFUSE.strip()} ;; esac\n"
    chain(playground, some + ACCEPT + BACKGROUND)


def any_digits(playground: Playground) -> None:
    some = f"[ ${{#HTTP_X_HUB_SIGNATURE_256}} -eq 71 ] || {REFUSE}"
    chain(playground, some + ACCEPT + BACKGROUND)


def never_too_old(playground: Playground) -> None:
    chain(playground, MAC + SIGNED + ACCEPT + BACKGROUND)


def an_hour_is_not_too_old(playground: Playground) -> None:
    chain(playground, MAC + SIGNED + FRESH.replace("300", "3600") + ACCEPT + BACKGROUND)


def refuses_with_401(playground: Playground) -> None:
    script = MAC + SIGNED + FRESH + ACCEPT + BACKGROUND
    chain(playground, script.replace("403 Forbidden", "401 Unauthorized"))


def does_not_parse(playground: Playground) -> None:
    chain(playground, f"{MAC}if [ 1 = 1 ]; then\n{ACCEPT}")


def deploys_before_it_refuses(playground: Playground) -> None:
    chain(playground, BACKGROUND + MAC + SIGNED + FRESH + ACCEPT)


def deploys_and_then_answers(playground: Playground) -> None:
    chain(playground, MAC + SIGNED + FRESH + "sh deploy >log 2>&1\n" + ACCEPT)


def deployed_by_hand(playground: Playground) -> None:
    """The deployment was run once, and not by the receiver."""
    refuses_and_deploys_nothing(playground)
    playground.node(2).exec(["sh", "-c", "cd /srv/receiver && sh deploy"])


def signs_the_body_alone(playground: Playground) -> None:
    chain(
        playground, MAC.replace("$HTTP_X_HUB_TIMESTAMP.", "") + SIGNED + FRESH + ACCEPT + BACKGROUND
    )


def refuses_and_deploys_nothing(playground: Playground) -> None:
    chain(playground, MAC + SIGNED + FRESH + ACCEPT)


def no_link(playground: Playground) -> None:
    chain(playground, MAC + SIGNED + FRESH + ACCEPT + BACKGROUND, link=False)


def no_receiver(playground: Playground) -> None:
    chain(playground, MAC + SIGNED + FRESH + ACCEPT + BACKGROUND)
    playground.node(2).docker.containers.get("receiver").remove(force=True)


def no_webhook(playground: Playground) -> None:
    app = chain(playground, MAC + SIGNED + FRESH + ACCEPT + BACKGROUND)
    for each in app.http.get(f"{app.path}/webhooks").json()["results"]:
        app.http.delete(f"{app.path}/webhooks/{each['id']}")


def secret_in_the_script(playground: Playground) -> None:
    chain(playground, MAC + SIGNED + FRESH + ACCEPT + BACKGROUND)
    playground.node(2).exec(["rm", "/srv/receiver/secret"])


FIRST = "run the lesson's cells before this one first"
RULE = "source is what git calls it, tag is what follows the colon in the image's reference"
BY_HAND = "latest was pushed by hand, wanted the image of the last build"
MEND = "mend the Dockerfile, and let git push build it"
ALL_THREE = 'wanted ["1", "1.2", "1.2.3"]'
COMMAS = r"{\1}.{\2}.{\3}, {\1}.{\2}, {\1}: three tags with commas between, in one rule or in three"
DIGITS = "a rule of source_type tag, with autobuild, whose expression has three groups of digits"
MORE_DIGITS = 'a git tag like v10.20.300 makes nothing, wanted ["10", "10.20", "10.20.300"]'
ANY_DIGITS = "a number has any digits, and more than one: [0-9]+"
END = "$ at the end of the expression: it says that nothing follows the third number"
PUSH_TAG = (
    "tag and push after the rule; a tag that git has starts nothing unless it moves to a new commit"
)
COMMIT = "the variable is $SOURCE_COMMIT, and the hook reads it at each build"
COMPARE = "compare the header with sha256= and the digits that you calculate"
TOO_OLD = "a call that was signed six minutes ago is answered with 202, wanted 403"
TOO_LATE = (
    "the script did not answer a signed call within 5 s, while the engine was busy",
    "answer first, then deploy in the background: sh deploy >log 2>&1 &",
)
FIVE_MINUTES = "the time in the header must be less than five minutes ago: $(date +%s) is now"
FUNCTION = "calculate them from the time and the body that the function is given"
KEY = "HMAC of time, dot and body, with the secret as key"
CALCULATE = 'hmac.new(key, f"{time}.{body}".encode(), hashlib.sha256).hexdigest()'

CASES: Table = {
    "14.1": [
        Right(right_rule),
        Right(rule_with_an_expression),
        Blank(nothing, FIRST),
        Blank(linked, "acme/app has no build rule"),
        Wrong(
            names_swapped,
            "a rule makes main of branch latest, wanted latest of branch main",
            RULE,
        ),
        Wrong(
            rule_of_master,
            "a rule makes latest of branch master, wanted latest of branch main",
            RULE,
        ),
        Wrong(rule_for_tags, "a rule makes latest of tag main, wanted latest of branch main", RULE),
        Wrong(
            no_push_after_the_rule,
            "the rule is there and no build of latest",
            "a push after the rule starts one",
        ),
        Wrong(
            built_without_a_push,
            "latest was started by ada, wanted by a push",
            "a rule with autobuild, then git.push",
        ),
        Wrong(
            pushed_by_hand,
            "acme/app has an image and no build rule",
            "a rule makes images of each push to git",
        ),
    ],
    "14.2": [
        Right(right_folder),
        Right(folder_that_is_asked_for),
        Blank(nothing, FIRST),
        Blank(left_broken, "mend the Dockerfile: the last build of latest failed"),
        Wrong(
            retried,
            "the last build of latest failed again",
            "a retry builds the same commit, with the same mistake: push another one",
        ),
        Wrong(
            only_the_page,
            "the last build of latest failed again",
            "COPY failed: file not found in build context or excluded by .dockerignore: "
            "stat pages: file does not exist",
        ),
        Wrong(
            without_the_page,
            "the image of the last build has no /www/index.html",
            "COPY www /www in the Dockerfile",
        ),
        Wrong(without_welcome, "/www/index.html does not say Welcome", "push the page too: **page"),
        Wrong(welcome_by_hand, BY_HAND, MEND),
        Wrong(by_hand_after_the_build, BY_HAND, MEND),
        Wrong(older_build_by_hand, BY_HAND, MEND),
    ],
    "14.3": [
        Right(one_rule),
        Right(three_rules),
        Blank(nothing, FIRST),
        Blank(tools_without_rules, "acme/tools has no rule for tags of git"),
        Wrong(
            rule_of_the_app,
            "the rule for tags of git is one of acme/app, wanted one of acme/tools",
            'rule("tools", "tag", …)',
        ),
        Wrong(
            no_end,
            'a git tag like v1.2.3-rc1 makes ["1", "1.2", "1.2.3"], wanted nothing',
            END,
        ),
        Wrong(
            no_begin,
            'a git tag like release-v1.2.3 makes ["1", "1.2", "1.2.3"], wanted nothing',
            "^v at the beginning of the expression: it is searched anywhere in the name",
        ),
        Wrong(
            any_dot,
            'a git tag like v1x2x3 makes ["1", "1.2", "1.2.3"], wanted nothing',
            r"a dot stands for any character: write \. for a dot",
        ),
        Wrong(
            anything,
            'a git tag like v1.2.3-rc1 makes ["1", "1.2", "1.2.3-rc1"], wanted nothing',
            END,
        ),
        Wrong(
            an_earlier_try_is_left,
            'a git tag like v1.2.3-rc1 makes ["1"], wanted nothing',
            f'{END}; acme/tools has 2 rules for tags, and no_rules("tools", "tag") deletes them',
        ),
        Wrong(one_digit, MORE_DIGITS, ANY_DIGITS),
        Wrong(digits_without_0, MORE_DIGITS, ANY_DIGITS),
        Wrong(that_version_alone, MORE_DIGITS, ANY_DIGITS),
        Wrong(no_autobuild, f"a git tag like v1.2.3 makes nothing, {ALL_THREE}", DIGITS),
        Wrong(whole_version_alone, f'a git tag like v1.2.3 makes ["1.2.3"], {ALL_THREE}', COMMAS),
        Wrong(with_v, f'a git tag like v1.2.3 makes ["v1", "v1.2", "v1.2.3"], {ALL_THREE}', COMMAS),
        Wrong(
            no_tag_pushed,
            'the rules are right, and acme/tools has no ["1", "1.2", "1.2.3"]',
            PUSH_TAG,
        ),
        Wrong(tags_by_hand, "acme/tools:1.2.3 was not built from v1.2.3", "push v1.2.3 to git"),
        Wrong(
            older_version_by_hand,
            "acme/tools:1 was pushed by hand after it was built",
            "move v1.2.3 to a new commit and push it to git",
        ),
        Wrong(
            three_rules_without_the_cache,
            "1, 1.2 and 1.2.3 are different images, wanted one",
            "three rules without the cache build three times: one rule can make all three tags",
        ),
    ],
    "14.4": [
        Right(commit_before_the_build),
        Right(short_commit_after_checkout),
        Blank(nothing, FIRST),
        Blank(no_hook, "the last build of latest ran no hook"),
        Wrong(other_variable, "/www/version holds nothing, wanted the commit of its build", COMMIT),
        Wrong(
            message_of_the_commit,
            "/www/version holds a commit, wanted the commit of its build",
            COMMIT,
        ),
        Wrong(
            into_the_root,
            "a hook ran, and the image has no /www/version",
            "it runs before the build, in the folder of the source: it writes www/version, which COPY takes",
        ),
        Wrong(
            instead_of_the_build,
            "git has hooks/build, and the last build of latest ran no hook",
            "its name is hooks/pre_build, or post_checkout, post_build, pre_push, post_push",
        ),
        Wrong(
            hook_that_fails,
            "the last build of latest failed: hooks/pre_build ended with status 127",
            "",
        ),
    ],
    "14.5": [
        Right(
            nothing,
            "The link follows the image: the new one starts the app's builds.",
            choose("c"),
        ),
        Blank(nothing, "choose a, b or c", choose(None)),
        Wrong(nothing, "That is how it is without a link.", "", choose("a")),
        Wrong(
            nothing,
            "At that moment the registry still has the old base, and FROM would pull that one.",
            "",
            choose("b"),
        ),
    ],
    "14.6": [
        Right(branch_main),
        Right(empty_body),
        Blank(nothing, FIRST),
        Blank(not_called, "no trigger of acme/tools was called"),
        Wrong(
            build_again,
            'the trigger was asked for {"docker_tag": "nightly"}',
            "it answered: no build has made the tag nightly",
        ),
        Wrong(
            branch_master,
            'the trigger was asked for {"source_type": "branch", "source_name": "master"}',
            "it answered: acme/tools has no branch master",
        ),
        Wrong(
            as_docker_hub_names_tags,
            'the trigger was asked for {"source_type": "tag", "source_name": "nightly"}',
            "it answered: acme/tools has no tag nightly",
        ),
        Wrong(
            by_each_push,
            "a push to git has built nightly, wanted the trigger alone",
            "autobuild=False in the rule; start over with the cell that makes acme/tools",
        ),
        Wrong(
            rule_for_the_next_push,
            "a rule lets the next push build nightly, wanted the trigger alone",
            'no_rules("tools", "branch") deletes the rules for branches; then run this cell again',
        ),
        Wrong(
            started_by_ada, "nightly was started by ada, wanted by the trigger", "POST to its URL"
        ),
    ],
    "14.7": [
        Right(stored, give=signed()),
        Right(sent_again, give=signed()),
        Blank(nothing, FIRST),
        Blank(stored, "calculate the digits of the signature", not_calculated),
        Wrong(stored, "this is the HMAC of the body alone", KEY, signed("{body}")),
        Wrong(stored, "this is the HMAC without the dot", KEY, signed("{time}{body}")),
        Wrong(
            stored,
            "this is the HMAC of the body with the time behind it",
            KEY,
            signed("{body}.{time}"),
        ),
        Wrong(stored, "this is a digest without the secret", KEY, no_key),
        Wrong(stored, "other digits than in the header", CALCULATE, signed(key="deploy")),
        Wrong(
            stored,
            "digits gives the same for a body that was forged: a receiver would take any",
            FUNCTION,
            digits_of_the_header,
        ),
        Wrong(
            stored,
            "digits gives other digits for the forged body than its HMAC",
            FUNCTION,
            of_another_body,
        ),
        Wrong(
            stored,
            "the digits are right, and the cell compares other text with the header",
            "small letters, as hexdigest() gives them, and sha256= is put before them there",
            signed(before="sha256="),
        ),
        Wrong(
            stored,
            "body is not what the hub sent",
            "the text as it came, not parsed and not printed",
            signed(again=True),
        ),
    ],
    "14.8": [
        Right(as_the_lesson_does),
        Right(what_the_payload_names, slow=True),
        Right(left_to_a_worker, slow=True),
        Blank(nothing, FIRST),
        Blank(only_stores, "/srv/receiver/hook only stores what it is sent"),
        Wrong(
            deploys_anything,
            "a call that has no signature is answered with 202, wanted 403",
            COMPARE,
        ),
        Wrong(
            signature_is_there,
            "a call whose signature is sha256= alone is answered with 202, wanted 403",
            COMPARE,
        ),
        Wrong(
            any_sha256,
            "a call whose signature is sha256= alone is answered with 202, wanted 403",
            COMPARE,
        ),
        Wrong(
            any_digits,
            "a call that is signed with another secret is answered with 202, wanted 403",
            COMPARE,
        ),
        Wrong(
            never_too_old,
            TOO_OLD,
            FIVE_MINUTES,
        ),
        Wrong(an_hour_is_not_too_old, TOO_OLD, FIVE_MINUTES),
        Wrong(
            refuses_with_401,
            "a call that has no signature is answered with 401, wanted 403",
            "printf 'Status: 403 Forbidden\\n\\n'",
        ),
        Wrong(
            does_not_parse,
            "the script gave no answer to a call that has no signature, wanted 403",
            "docker logs receiver on node 2 has its errors",
        ),
        Wrong(
            deploys_before_it_refuses,
            "calls that are refused start a deployment",
            "refuse first, then deploy",
        ),
        Wrong(
            signs_the_body_alone,
            "a call that is signed as the hub does is answered with 403, wanted 2xx",
            "sign the time, a dot and the body as they come, and compare with the whole header",
        ),
        Wrong(deploys_and_then_answers, *TOO_LATE),
        Wrong(
            refuses_and_deploys_nothing,
            "port 8080 of node 2 does not show the new base.txt, which acme/app:latest has",
            "cat /srv/receiver/log of node 2 is what the last deploy said",
            slow=True,
        ),
        Wrong(
            polls_beside,
            "port 8080 of node 2 shows the new base.txt, and no call of the hub had reached the receiver",
            "the script starts the deployment when it is called: end what else looks for a new image",
            slow=True,
        ),
        Wrong(
            deployed_by_hand,
            "port 8080 of node 2 does not show the new base.txt, which acme/app:latest has",
            "cat /srv/receiver/log of node 2 is what the last deploy said",
            slow=True,
        ),
        Wrong(
            no_receiver,
            "nothing answers on port 8081 of node 2",
            'start_receiver(lab.node(2), HOOK, hook["secret"])',
        ),
        Wrong(
            no_webhook,
            "acme/app has no webhook",
            "run the cell that makes it, then write the script again",
        ),
        Wrong(
            secret_in_the_script,
            "node 2 has no /srv/receiver/secret",
            "the webhook's secret goes there",
        ),
        Wrong(
            no_link,
            "acme/base has a new image, and acme/app:latest was not built again",
            'ada.post(f"{APP}/links", json={"repository": "acme/base"})',
            slow=True,
        ),
    ],
}

TESTS = LessonTests(
    clean_each=False,
    # They use what cells between make: a repository, a webhook.
    only_at_their_place=frozenset({"14.3", "14.6", "14.7"}),
)
