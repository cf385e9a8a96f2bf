"""Right, blank and wrong answers to lesson 5."""

from __future__ import annotations

import base64
from typing import Any

import bcrypt

from labs.lesson import transfer
from labs.playground import Playground
from tests.lessons.cases import Blank, Right, Table, Wrong, choose
from tests.lessons.doing import nothing, pull, run, wait

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


def write(place: Playground, *lines: str) -> None:
    place.node(1).write_file(TEAM, "".join(lines))


def team(place: Playground, *lines: str, **options: Any) -> None:
    """Run a registry with these members on port 5001, not waiting for it."""
    write(place, *lines)
    given: dict[str, Any] = {"environment": ASKS, "volumes": MOUNT, **options}
    run(place, "team", **AT_5001, **given)


def lessons_own(place: Playground) -> None:
    run(place, "registry", ports={"5000/tcp": 5000}, environment=ASKS)


def two(place: Playground) -> None:
    team(place, ADA, GRACE)


def by_htpasswd(place: Playground) -> None:
    lines = []
    pull(place, "httpd:2")
    for user, password in (("ada", "lovelace"), ("grace", "hopper")):
        command = ["htpasswd", "-Bbn", user, password]
        lines.append(place.node(1).docker.containers.run("httpd:2", command, remove=True).decode())
    team(place, *lines)


def by_config_file(place: Playground) -> None:
    place.node(1).write_file("/srv/team/config.yml", CONFIG)
    team(place, ADA, GRACE, environment={}, command="/auth/config.yml")


def open_to_all(place: Playground) -> None:
    team(place, ADA, GRACE, environment={})


def no_realm(place: Playground) -> None:
    kept = {name: value for name, value in ASKS.items() if not name.endswith("REALM")}
    team(place, ADA, GRACE, environment=kept)


def wrong_path(place: Playground) -> None:
    team(place, ADA, GRACE, volumes=["/srv/team:/etc/auth"])


def md5(place: Playground) -> None:
    done = place.node(1).exec(["openssl", "passwd", "-apr1", "lovelace"])
    team(place, f"ada:{done.stdout}", GRACE)


def plain_text(place: Playground) -> None:
    team(place, "ada:lovelace\n", "grace:hopper\n")


def passwords_swapped(place: Playground) -> None:
    team(place, hashed("ada", "hopper"), hashed("grace", "lovelace"))


def newline_hashed(place: Playground) -> None:
    team(place, hashed("ada", "lovelace\n"), GRACE)


def only_the_last(place: Playground) -> None:
    team(place, GRACE)


def one_more(place: Playground) -> None:
    team(place, ADA, GRACE, hashed("moby", "gordon"))


def hashes_alone(place: Playground) -> None:
    team(place, ADA.partition(":")[2], GRACE)


def on_port_5000(place: Playground) -> None:
    write(place, ADA, GRACE)
    run(place, "team", ports={"5000/tcp": 5000}, environment=ASKS, volumes=MOUNT)


def another_server(place: Playground) -> None:
    run(place, "team", "busybox", command="httpd -f -p 5000", **AT_5001)


def two_wait(place: Playground) -> None:
    two(place)
    wait(place, 5001)


def changed(place: Playground) -> None:
    two_wait(place)
    write(place, ADA, LINUS)


def edited_in_place(place: Playground) -> None:
    """Write through the same file: its mount sees it, even one of the file alone."""
    team(place, ADA, GRACE, volumes=[f"{TEAM}:/auth/htpasswd:ro"])
    wait(place, 5001)
    line = LINUS.strip().replace("$", r"\$")
    place.node(1).exec(["sh", "-c", f'grep -v grace {TEAM} >/srv/new; echo "{line}" >>/srv/new'])
    place.node(1).exec(["sh", "-c", f"cat /srv/new >{TEAM}"])


def restarted(place: Playground) -> None:
    two_wait(place)
    write(place, ADA, LINUS)
    place.node(1).docker.containers.get("team").restart(timeout=1)
    wait(place, 5001)


def made_anew(place: Playground) -> None:
    two_wait(place)
    place.node(1).docker.containers.get("team").remove(force=True)
    team(place, ADA, LINUS)
    wait(place, 5001)


def added_only(place: Playground) -> None:
    two_wait(place)
    write(place, ADA, GRACE, LINUS)


def removed_only(place: Playground) -> None:
    two_wait(place)
    write(place, ADA)


def ada_lost(place: Playground) -> None:
    two_wait(place)
    write(place, LINUS)


def linus_in_sha(place: Playground) -> None:
    two_wait(place)
    write(place, ADA, "linus:" + place.node(1).exec(["openssl", "passwd", "-6", "penguin"]).stdout)


def mount_of_one_file(place: Playground) -> None:
    team(place, ADA, GRACE, volumes=[f"{TEAM}:/auth/htpasswd:ro"])
    wait(place, 5001)
    write(place, ADA, LINUS)


def pushed(place: Playground) -> None:
    two_wait(place)
    engine = place.node(1).docker
    engine.login("ada", "lovelace", registry="127.0.0.1:5001", reauth=True)
    pull(place, "hello-world").tag("127.0.0.1:5001/team/hello")
    transfer.push(engine, "127.0.0.1:5001/team/hello")


def proxy(place: Playground, inside: str = "", **options: Any) -> None:
    """Run nginx on port 8080, which passes all below /v2/ on to the members' registry."""
    options = {"to": 5001, "login": b"ada:lovelace", "host": True, **options}
    login = f'proxy_set_header Authorization "Basic {base64.b64encode(options["login"]).decode()}";'
    rules = f"""server {{ listen 8080; location /v2/ {{ {inside}
        proxy_set_header Host $http_host; {login if options["login"] else ""}
        proxy_pass http://127.0.0.1:{options["to"]}; }} }}"""
    place.node(1).write_file("/srv/readers/default.conf", rules)
    net = {"network_mode": "host"} if options["host"] else {"ports": {"8080/tcp": 8080}}
    run(place, "readers", "nginx", volumes=["/srv/readers:/etc/nginx/conf.d:ro"], **net)


READ_ONLY = "limit_except GET HEAD { deny all; }"


def door(place: Playground) -> None:
    pushed(place)
    proxy(place, READ_ONLY)


def door_by_method(place: Playground) -> None:
    pushed(place)
    proxy(place, "if ($request_method !~ ^(GET|HEAD)$) { return 405; }")


def door_but_nothing_pushed(place: Playground) -> None:
    two_wait(place)
    proxy(place, READ_ONLY)


def proxy_without_login(place: Playground) -> None:
    pushed(place)
    proxy(place, READ_ONLY, login=b"")


def proxy_in_its_own_network(place: Playground) -> None:
    pushed(place)
    proxy(place, READ_ONLY, host=False)


def proxy_open_for_all(place: Playground) -> None:
    pushed(place)
    proxy(place)


def proxy_without_post_only(place: Playground) -> None:
    pushed(place)
    proxy(place, "if ($request_method = POST) { return 403; }")


def proxy_asks_who_writes(place: Playground) -> None:
    """The lesson's own rules, with the other port."""
    pushed(place)
    inside = (
        'limit_except GET HEAD { auth_basic "Team"; auth_basic_user_file /etc/nginx/conf.d/users; }'
    )
    place.node(1).write_file("/srv/readers/users", ADA)
    proxy(place, inside)


def proxy_to_another_registry(place: Playground) -> None:
    pushed(place)
    run(place, "registry", ports={"5000/tcp": 5000})
    wait(place, 5000)
    proxy(place, READ_ONLY, to=5000)


def proxy_with_a_mistake(place: Playground) -> None:
    pushed(place)
    proxy(place, "limit_exept GET { deny all; }")


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
        Wrong(made_anew, *RESTART),
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
