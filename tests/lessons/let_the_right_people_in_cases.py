"""Right, blank and wrong answers to lesson 5."""

from __future__ import annotations

import base64
from typing import Any

import bcrypt

from labs.lesson import transfer
from labs.playground import Playground
from tests.lessons.actions import nothing, pull, run, wait
from tests.lessons.cases import Blank, Right, Table, Wrong, choose

AT_5001: dict[str, Any] = {"ports": {"5000/tcp": 5001}}
TEAM = "/srv/team/htpasswd"
ASKS = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "Team",
    "REGISTRY_AUTH_HTPASSWD_PATH": "/auth/htpasswd",
}
MOUNT = ["/srv/team:/auth:ro"]
CONFIG = """version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5000"}
auth:
  htpasswd:
    realm: Team
    path: /auth/htpasswd
"""


def hashed(user: str, password: str) -> str:
    return f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n"


ADA, GRACE, LINUS = hashed("ada", "lovelace"), hashed("grace", "hopper"), hashed("linus", "penguin")


def write(playground: Playground, *lines: str) -> None:
    playground.node(1).write_file(TEAM, "".join(lines))


def team(playground: Playground, *lines: str, **options: Any) -> None:
    """Run a registry with these members on port 5001, not waiting for it."""
    write(playground, *lines)
    given: dict[str, Any] = {"environment": ASKS, "volumes": MOUNT, **options}
    run(playground, "team", **AT_5001, **given)


def lessons_own(playground: Playground) -> None:
    run(playground, "registry", ports={"5000/tcp": 5000}, environment=ASKS)


def two(playground: Playground) -> None:
    team(playground, ADA, GRACE)


def by_htpasswd(playground: Playground) -> None:
    lines = []
    pull(playground, "httpd:2")
    for user, password in (("ada", "lovelace"), ("grace", "hopper")):
        command = ["htpasswd", "-Bbn", user, password]
        lines.append(
            playground.node(1).docker.containers.run("httpd:2", command, remove=True).decode()
        )
    team(playground, *lines)


def by_config_file(playground: Playground) -> None:
    playground.node(1).write_file("/srv/team/config.yml", CONFIG)
    team(playground, ADA, GRACE, environment={}, command="/auth/config.yml")


def open_to_all(playground: Playground) -> None:
    team(playground, ADA, GRACE, environment={})


def no_realm(playground: Playground) -> None:
    kept = {name: value for name, value in ASKS.items() if not name.endswith("REALM")}
    team(playground, ADA, GRACE, environment=kept)


def wrong_path(playground: Playground) -> None:
    team(playground, ADA, GRACE, volumes=["/srv/team:/etc/auth"])


def md5(playground: Playground) -> None:
    done = playground.node(1).exec(["openssl", "passwd", "-apr1", "lovelace"])
    team(playground, f"ada:{done.stdout}", GRACE)


def plain_text(playground: Playground) -> None:
    team(playground, "ada:lovelace\n", "grace:hopper\n")


def passwords_swapped(playground: Playground) -> None:
    team(playground, hashed("ada", "hopper"), hashed("grace", "lovelace"))


def newline_hashed(playground: Playground) -> None:
    team(playground, hashed("ada", "lovelace\n"), GRACE)


def only_the_last(playground: Playground) -> None:
    team(playground, GRACE)


def one_more(playground: Playground) -> None:
    team(playground, ADA, GRACE, hashed("moby", "gordon"))


def hashes_alone(playground: Playground) -> None:
    team(playground, ADA.partition(":")[2], GRACE)


def on_port_5000(playground: Playground) -> None:
    write(playground, ADA, GRACE)
    run(playground, "team", ports={"5000/tcp": 5000}, environment=ASKS, volumes=MOUNT)


def another_server(playground: Playground) -> None:
    run(playground, "team", "busybox", command="httpd -f -p 5000", **AT_5001)


def two_wait(playground: Playground) -> None:
    two(playground)
    wait(playground, 5001)


def changed(playground: Playground) -> None:
    two_wait(playground)
    write(playground, ADA, LINUS)


def edited_in_place(playground: Playground) -> None:
    """Write through the same file: its mount sees it, even one of the file alone."""
    team(playground, ADA, GRACE, volumes=[f"{TEAM}:/auth/htpasswd:ro"])
    wait(playground, 5001)
    line = LINUS.strip().replace("$", r"\$")
    playground.node(1).exec(
        ["sh", "-c", f'grep -v grace {TEAM} >/srv/new; echo "{line}" >>/srv/new']
    )
    playground.node(1).exec(["sh", "-c", f"cat /srv/new >{TEAM}"])


def restarted(playground: Playground) -> None:
    two_wait(playground)
    write(playground, ADA, LINUS)
    playground.node(1).docker.containers.get("team").restart(timeout=1)
    wait(playground, 5001)


def made_again(playground: Playground) -> None:
    two_wait(playground)
    playground.node(1).docker.containers.get("team").remove(force=True)
    team(playground, ADA, LINUS)
    wait(playground, 5001)


def added_only(playground: Playground) -> None:
    two_wait(playground)
    write(playground, ADA, GRACE, LINUS)


def removed_only(playground: Playground) -> None:
    two_wait(playground)
    write(playground, ADA)


def ada_lost(playground: Playground) -> None:
    two_wait(playground)
    write(playground, LINUS)


def linus_in_sha(playground: Playground) -> None:
    two_wait(playground)
    write(
        playground,
        ADA,
        "linus:" + playground.node(1).exec(["openssl", "passwd", "-6", "penguin"]).stdout,
    )


def mount_of_one_file(playground: Playground) -> None:
    team(playground, ADA, GRACE, volumes=[f"{TEAM}:/auth/htpasswd:ro"])
    wait(playground, 5001)
    write(playground, ADA, LINUS)


def pushed(playground: Playground) -> None:
    two_wait(playground)
    engine = playground.node(1).docker
    engine.login("ada", "lovelace", registry="127.0.0.1:5001", reauth=True)
    pull(playground, "hello-world").tag("127.0.0.1:5001/team/hello")
    transfer.push(engine, "127.0.0.1:5001/team/hello")


def proxy(playground: Playground, inside: str = "", **options: Any) -> None:
    """Run nginx on port 8080, which passes all below /v2/ on to the members' registry."""
    options = {"to": 5001, "login": b"ada:lovelace", "host": True, **options}
    login = f'proxy_set_header Authorization "Basic {base64.b64encode(options["login"]).decode()}";'
    rules = f"""server {{ listen 8080; location /v2/ {{ {inside}
        proxy_set_header Host $http_host; {login if options["login"] else ""}
        proxy_pass http://127.0.0.1:{options["to"]}; }} }}"""
    playground.node(1).write_file("/srv/readers/default.conf", rules)
    net = {"network_mode": "host"} if options["host"] else {"ports": {"8080/tcp": 8080}}
    run(playground, "readers", "nginx", volumes=["/srv/readers:/etc/nginx/conf.d:ro"], **net)


READ_ONLY = "limit_except GET HEAD { deny all; }"


def door(playground: Playground) -> None:
    pushed(playground)
    proxy(playground, READ_ONLY)


def door_by_method(playground: Playground) -> None:
    pushed(playground)
    proxy(playground, "if ($request_method !~ ^(GET|HEAD)$) { return 405; }")


def door_but_nothing_pushed(playground: Playground) -> None:
    two_wait(playground)
    proxy(playground, READ_ONLY)


def proxy_without_login(playground: Playground) -> None:
    pushed(playground)
    proxy(playground, READ_ONLY, login=b"")


def proxy_in_its_own_network(playground: Playground) -> None:
    pushed(playground)
    proxy(playground, READ_ONLY, host=False)


def proxy_open_for_all(playground: Playground) -> None:
    pushed(playground)
    proxy(playground)


def proxy_without_post_only(playground: Playground) -> None:
    pushed(playground)
    proxy(playground, "if ($request_method = POST) { return 403; }")


def proxy_asks_who_writes(playground: Playground) -> None:
    """The lesson's own rules, with the other port."""
    pushed(playground)
    inside = (
        'limit_except GET HEAD { auth_basic "Team"; auth_basic_user_file /etc/nginx/conf.d/users; }'
    )
    playground.node(1).write_file("/srv/readers/users", ADA)
    proxy(playground, inside)


def proxy_to_another_registry(playground: Playground) -> None:
    pushed(playground)
    run(playground, "registry", ports={"5000/tcp": 5000})
    wait(playground, 5000)
    proxy(playground, READ_ONLY, to=5000)


def proxy_with_a_mistake(playground: Playground) -> None:
    pushed(playground)
    proxy(playground, "limit_exept GET { deny all; }")


BCRYPT = "a registry takes bcrypt alone: htpasswd -B, or the package bcrypt"
ADA_401 = "ada with the password lovelace gets 401, wanted 200: "
FIRST = "run the registry with members on port 5001 first (5.1)"
RESTART = (
    "container team was started after the password file was changed, wanted no restart",
    "a restart cuts off whoever is pushing. Write the file once more and leave the container alone",
)
WHOSE = "which password belongs to whom? An end of line that was hashed with it counts, too"

CASES: Table = {
    "5.1": [
        Blank(nothing, "run a registry that answers on port 5001"),
        Blank(lessons_own, "run a registry that answers on port 5001"),
        Right(two),
        Right(by_htpasswd),
        Right(by_config_file),
        Wrong(
            open_to_all,
            "the registry on port 5001 lets in everybody: GET /v2/ without a password gives 200, wanted 401",
            "REGISTRY_AUTH_HTPASSWD_REALM and REGISTRY_AUTH_HTPASSWD_PATH tell it whom to ask for",
        ),
        Wrong(
            no_realm,
            "container team is exited, wanted running",
            'docker.containers.get("team").logs() tells why, where it ever ran',
        ),
        Wrong(
            wrong_path,
            ADA_401
            + "the registry found no file at /auth/htpasswd and made one, for a user called docker",
            "mount the folder that has your file, and give the path as the container sees it",
        ),
        Wrong(md5, ADA_401 + "the line of ada has $apr1$, wanted bcrypt", BCRYPT),
        Wrong(plain_text, ADA_401 + "the line of ada has no hash, wanted bcrypt", BCRYPT),
        Wrong(passwords_swapped, ADA_401 + "the line of ada is bcrypt of another password", WHOSE),
        Wrong(newline_hashed, ADA_401 + "the line of ada is bcrypt of another password", WHOSE),
        Wrong(
            only_the_last,
            ADA_401 + '/auth/htpasswd has lines for ["grace"]',
            "one line for each member, ada too; > writes a file anew, >> adds to it",
        ),
        Wrong(
            one_more,
            'the password file has lines for ["ada", "grace", "moby"], wanted ["ada", "grace"] alone',
            "whoever has a line gets in: write the file anew, with these two lines alone",
        ),
        Wrong(
            hashes_alone,
            "/auth/htpasswd has 1 line without a colon, and the registry lets in nobody",
            "each line is user:hash, and nothing else stands in the file",
        ),
        Wrong(
            on_port_5000,
            "container team publishes its port 5000 as 5000, wanted its port 5000 as 5001",
            "the container's port is on the left, the node's on the right: ports={\"5000/tcp\": 5001}",
        ),
        Wrong(
            another_server,
            "something answers on port 5001 with status 404, but it is no registry",
            "the image to run is registry:2",
        ),
    ],
    "5.2": [
        Blank(nothing, FIRST),
        Blank(open_to_all, FIRST),
        Blank(two_wait, "take grace out of the password file and put linus in"),
        Right(changed),
        Right(edited_in_place),
        Wrong(restarted, *RESTART),
        Wrong(made_again, *RESTART),
        Wrong(
            added_only,
            "grace is still let in, wanted 401",
            "her line has to leave the password file",
        ),
        Wrong(
            removed_only,
            'linus with the password penguin gets 401, wanted 200: /auth/htpasswd has lines for ["ada"]',
            "one line for each member, linus too; > writes a file anew, >> adds to it",
        ),
        Wrong(
            ada_lost,
            ADA_401 + '/auth/htpasswd has lines for ["linus"]',
            "one line for each member, ada too; > writes a file anew, >> adds to it",
        ),
        Wrong(
            linus_in_sha,
            "linus with the password penguin gets 401, wanted 200: the line of linus has $6$, wanted bcrypt",
            BCRYPT,
        ),
        Wrong(
            mount_of_one_file,
            "container team still reads the file of before: it has a mount of that one file",
            "a file that is written anew is another file. Mount its folder, as in 5.1, and write it again",
        ),
    ],
    "5.3": [
        Blank(nothing, FIRST),
        Blank(
            two_wait,
            "push team/hello to port 5001 as ada, and run a proxy that answers on port 8080",
        ),
        Blank(pushed, "run a proxy that answers on port 8080"),
        Right(door),
        Right(door_by_method),
        Wrong(
            door_but_nothing_pushed,
            "the registry on port 5001 has no team/hello:latest",
            "log in as ada to 127.0.0.1:5001 and push it there",
        ),
        Wrong(
            proxy_without_login,
            "GET /v2/ on port 8080 without a password gives 401, wanted 200",
            "the proxy has to log in itself, as a member of the registry behind it: proxy_set_header Authorization",
        ),
        Wrong(
            proxy_in_its_own_network,
            "GET /v2/ on port 8080 without a password gives 502, wanted 200",
            "nothing answers where proxy_pass leads. In a container 127.0.0.1 is that container: "
            'network_mode="host" makes it the node, and the registry is on 5001',
        ),
        Wrong(
            proxy_open_for_all,
            "port 8080 lets uploads through: POST without a password gives 202, wanted a refusal",
            "let your map give nothing for other methods, or limit_except GET { deny all; } in the location",
        ),
        Wrong(
            proxy_asks_who_writes,
            "port 8080 lets uploads through: POST as ada gives 202, wanted a refusal",
            "let your map give nothing for other methods, or limit_except GET { deny all; } in the location",
        ),
        Wrong(
            proxy_without_post_only,
            "port 8080 lets tags be moved: PUT without a password gives 201, wanted a refusal",
            "POST is not all that writes: name what may pass, not what may not",
        ),
        Wrong(
            proxy_to_another_registry,
            "team/hello:latest through port 8080 gives 404, wanted what is on port 5001",
            "the proxy passes everything below /v2/ on to the registry on port 5001",
        ),
        Wrong(
            proxy_with_a_mistake,
            "container readers is exited, and nothing answers on port 8080",
            'docker.containers.get("readers").logs() tells why. Does it listen on 8080 of the node?',
        ),
    ],
    "5.4": [
        Blank(nothing, "choose a, b or c", give=choose(None)),
        Right(
            nothing,
            "Nobody compares addresses: localhost:5000 and 127.0.0.1:5000 are two entries.",
            give=choose("b"),
        ),
        Wrong(
            nothing,
            "Nothing is encrypted there: base64 can be read by everybody who can read the file.",
            "",
            give=choose("a"),
        ),
        Wrong(
            nothing,
            "A registry remembers no login. The password travels with the requests, each time.",
            "",
            give=choose("c"),
        ),
    ],
}
