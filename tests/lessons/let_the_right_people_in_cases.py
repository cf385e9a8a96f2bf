"""Right, blank and wrong answers to lesson 6."""

from __future__ import annotations

import base64
from typing import Any

import bcrypt
import httpx

from labs.lesson import transfer
from labs.playground import Playground
from labs.registry import authorities
from tests.lessons.actions import nothing, pull, run, wait
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong, choose
from tests.lessons.open_lesson import OpenLesson

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


COMMENTS = "# members of the team\n\n  # more to come\n"


def with_comments(playground: Playground) -> None:
    team(playground, COMMENTS, ADA, "#grace: later\n", GRACE)


def by_variables_of_sections(playground: Playground) -> None:
    asks = {"REGISTRY_AUTH": "{htpasswd: {realm: Team, path: /auth/htpasswd}}"}
    team(playground, ADA, GRACE, environment=asks)


def by_config_file_in_braces(playground: Playground) -> None:
    lines = CONFIG.partition("auth:")[0] + "auth: {htpasswd: {realm: Team, path: /auth/htpasswd}}\n"
    playground.node(1).write_file("/srv/team/own.conf", lines)
    team(playground, ADA, GRACE, environment={}, command=["serve", "/auth/own.conf"])


def beside_a_line_that_lets_no_one_in(playground: Playground) -> None:
    team(playground, ADA, GRACE, "moby:$apr1$salt$hash\n", "old:\n")


def line_of_a_comment_without_its_sign(playground: Playground) -> None:
    team(playground, "members of the team\n", ADA, GRACE)


def one_path_open(playground: Playground, location: str) -> None:
    """A proxy has the port and asks for passwords, but for one kind of path."""
    write(playground, ADA, GRACE)
    run(playground, "behind", ports={"5000/tcp": ("127.0.0.1", 5002)})
    to = "proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:5002;"
    rules = f"""server {{ listen 5001;
        location / {{ auth_basic "Team"; auth_basic_user_file /auth/htpasswd; {to} }}
        location {location} {{ {to} }} }}"""
    playground.node(1).write_file("/srv/front/default.conf", rules)
    volumes = ["/srv/front:/etc/nginx/conf.d:ro", *MOUNT]
    run(playground, "team", "nginx", network_mode="host", volumes=volumes)
    wait(playground, 5001)


def catalog_open(playground: Playground) -> None:
    one_path_open(playground, "= /v2/_catalog")


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


def changed_with_comments(playground: Playground) -> None:
    two_wait(playground)
    write(playground, COMMENTS, ADA, "# grace left\n", LINUS)


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


def restarted_and_made_newer(playground: Playground) -> None:
    """The time that anyone can set is after the start."""
    two_wait(playground)
    write(playground, ADA, LINUS)
    playground.node(1).exec(["touch", "-d", "2099-01-01", TEAM])
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
    push_as_ada(playground)


def push_as_ada(playground: Playground, image: str = "hello-world") -> None:
    engine = playground.node(1).docker
    engine.login("ada", "lovelace", registry="127.0.0.1:5001", reauth=True)
    pull(playground, image).tag("127.0.0.1:5001/team/hello")
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


def allowing(playground: Playground, methods: str, *, deletes: bool = False) -> None:
    """The door lets these methods through; the registry behind it may delete."""
    environment = {**ASKS, **({"REGISTRY_STORAGE_DELETE_ENABLED": "true"} if deletes else {})}
    team(playground, ADA, GRACE, environment=environment)
    wait(playground, 5001)
    push_as_ada(playground)
    proxy(playground, f"if ($request_method !~ ^({methods})$) {{ return 405; }}")


def door_beside_a_registry_that_deletes(playground: Playground) -> None:
    allowing(playground, "GET|HEAD", deletes=True)


def door_that_lets_delete_through(playground: Playground) -> None:
    allowing(playground, "GET|HEAD|DELETE", deletes=True)


def door_that_lets_put_through(playground: Playground) -> None:
    allowing(playground, "GET|HEAD|PUT")


def door_that_lets_patch_through(playground: Playground) -> None:
    allowing(playground, "GET|HEAD|PATCH")


def door_by_a_map(playground: Playground) -> None:
    """As in the lesson: the proxy logs in for those who read, and for no one else."""
    pushed(playground)
    secret = base64.b64encode(b"ada:lovelace").decode()
    rules = f"""map $request_method $login {{ GET "Basic {secret}"; HEAD "Basic {secret}"; default ""; }}
    server {{ listen 8080; location /v2/ {{ proxy_set_header Host $http_host;
        proxy_set_header Authorization $login; proxy_pass http://127.0.0.1:5001; }} }}"""
    playground.node(1).write_file("/srv/readers/default.conf", rules)
    volumes = ["/srv/readers:/etc/nginx/conf.d:ro"]
    run(playground, "readers", "nginx", network_mode="host", volumes=volumes)


def door_that_gives_no_blobs(playground: Playground) -> None:
    pushed(playground)
    proxy(playground, f"{READ_ONLY} if ($uri ~ /blobs/sha256) {{ return 404; }}")


def door_to_another_image(playground: Playground) -> None:
    two_wait(playground)
    push_as_ada(playground, "busybox")
    proxy(playground, READ_ONLY)


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


def proxy_asks_strangers(playground: Playground) -> None:
    """Those who may write are no members."""
    pushed(playground)
    inside = "limit_except GET { auth_basic x; auth_basic_user_file /etc/nginx/conf.d/users; }"
    line = bcrypt.hashpw(b"toor", bcrypt.gensalt(4)).decode()
    playground.node(1).write_file("/srv/readers/users", f"root:{line}\n")
    proxy(playground, inside)


def proxy_to_a_registry_with_a_copy(playground: Playground) -> None:
    pushed(playground)
    run(playground, "registry", ports={"5000/tcp": 5000})
    wait(playground, 5000)
    engine = playground.node(1).docker
    pull(playground, "hello-world").tag("127.0.0.1:5000/team/hello")
    transfer.push(engine, "127.0.0.1:5000/team/hello")
    proxy(playground, READ_ONLY, to=5000)


def proxy_to_another_registry(playground: Playground) -> None:
    pushed(playground)
    run(playground, "registry", ports={"5000/tcp": 5000})
    wait(playground, 5000)
    proxy(playground, READ_ONLY, to=5000)


def proxy_with_a_mistake(playground: Playground) -> None:
    pushed(playground)
    proxy(playground, "limit_exept GET { deny all; }")


OF_ITS_OWN = (
    "port 8080 asks for a password of its own: POST /v2/team/hello/blobs/uploads/ gives 401, "
    "wanted a refusal with every password",
    "deny all where something is written: auth_basic lets in those whom its own file names",
)
NAME_WHAT_MAY = "POST is not all that writes: name what may pass, not what may not"
ONLY_LINES = (
    "each line is user:hash; only blank lines and comments, which begin with #, are skipped"
)
BCRYPT = "a registry takes bcrypt alone: htpasswd -B, or the package bcrypt"
ADA_401 = "ada with the password lovelace gets 401, wanted 200: "
FIRST = "run the registry with members on port 5001 first (6.3)"
RESTART = (
    "container team was started after the password file was changed, wanted no restart",
    "a restart cuts off anyone who is pushing. Write the file once more and leave the container alone",
)
WHOSE = "which password belongs to whom? An end of line that was hashed with it counts, too"


def each_request_costs_a_hash(opened: OpenLesson) -> None:
    """What the lesson says of a high cost: the registry tries the password at each request, not once."""
    playground = opened.playground
    costs = {"cheap": 4, "dear": 13}
    lines = (f"{u}:{bcrypt.hashpw(b'x', bcrypt.gensalt(c)).decode()}\n" for u, c in costs.items())
    team(playground, *lines)
    wait(playground, 5001)
    url = playground.node(1).url(5001) + "/v2/"
    with httpx.Client(trust_env=False, verify=authorities()) as client:
        took = {
            user: [client.get(url, auth=(user, "x")).elapsed for _ in range(3)] for user in costs
        }
    # 2⁹ times the work: a busy machine does not turn that round.
    assert min(took["dear"]) > min(took["cheap"]) * 5


def ten(password: str) -> str:
    """A hash as the lesson makes them; those of the other cases cost less, and a registry takes them."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(10)).decode()


def line_of_ada(playground: Playground) -> None:
    write(playground, f"ada:{ten('lovelace')}\n")


def made_in_node(playground: Playground, command: str) -> None:
    pull(playground, "httpd:2")
    done = playground.node(1).exec(["sh", "-c", f"mkdir -p /srv/team; {command}"])
    assert done.exit_code == 0, done.stderr


def line_by_htpasswd(playground: Playground) -> None:
    made = "echo lovelace | docker run -i --rm httpd:2 htpasswd -niBC 10 ada"
    made_in_node(playground, f"{made} >{TEAM}")


def line_by_perl(playground: Playground) -> None:
    salt = r'"\$2b\$10\$" . substr(`openssl rand -hex 16`, 0, 22)'
    perl = f"echo lovelace | perl -ne 'chomp; print crypt($_, {salt})'"
    made_in_node(playground, f"(printf ada:; {perl}; echo) >{TEAM}")


def line_without_its_name(playground: Playground) -> None:
    write(playground, f"{ten('lovelace')}\n")


def line_of_grace(playground: Playground) -> None:
    write(playground, f"grace:{ten('hopper')}\n")


def line_of_openssl(playground: Playground) -> None:
    made_in_node(playground, f"echo ada:$(echo lovelace | openssl passwd -6 -stdin) >{TEAM}")


def line_of_another_password(playground: Playground) -> None:
    write(playground, f"ada:{ten('hopper')}\n")


def line_with_a_newline(playground: Playground) -> None:
    write(playground, "ada:" + ten("lovelace\n") + "\n")


def line_that_costs_little(playground: Playground) -> None:
    """As `htpasswd` makes it without -C."""
    made = "echo lovelace | docker run -i --rm httpd:2 htpasswd -niB ada"
    made_in_node(playground, f"{made} >{TEAM}")


TESTS = LessonTests(extra=(each_request_costs_a_hash,))

CASES: Table = {
    "6.1": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "The words of a command are in /proc/<pid>/cmdline, and `ps` shows them to anyone.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "The words of a command are open to all users, unless the machine was told to hide them.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "bcrypt hides it in the line that comes out. The command line has it as you typed it.",
            "",
            choose("c"),
        ),
    ],
    "6.2": [
        Blank(nothing, "write a line for ada to /srv/team/htpasswd on node 1"),
        Right(line_of_ada),
        Right(line_by_htpasswd),
        Right(line_by_perl),
        Wrong(
            line_without_its_name,
            "/srv/team/htpasswd has 1 line without a colon",
            "each line is user:hash",
        ),
        Wrong(
            line_of_grace,
            '/srv/team/htpasswd has lines for ["grace"], wanted one for ada',
            "the user comes first, then a colon",
        ),
        Wrong(
            line_of_openssl,
            "the line of ada has no bcrypt",
            "a hash of bcrypt begins with $2 and has 60 characters",
        ),
        Wrong(
            line_of_another_password,
            "the line of ada is bcrypt of another password",
            "an end of line that was hashed with it counts, too",
        ),
        Wrong(
            line_with_a_newline,
            "the line of ada is bcrypt of another password",
            "an end of line that was hashed with it counts, too",
        ),
        Wrong(
            line_that_costs_little,
            "the hash of ada has the cost 5, wanted 10 to 14",
            "-C of htpasswd, the argument of bcrypt.gensalt",
        ),
    ],
    "6.3": [
        Blank(nothing, "run a registry that answers on port 5001"),
        Blank(lessons_own, "run a registry that answers on port 5001"),
        Right(two),
        Right(by_htpasswd),
        Right(by_config_file),
        Right(with_comments),
        Right(by_variables_of_sections),
        Right(by_config_file_in_braces),
        Right(beside_a_line_that_lets_no_one_in),
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
            "one line for each member, ada too; > replaces a file, >> adds to it",
        ),
        Wrong(
            one_more,
            'the password file has lines for ["ada", "grace", "moby"], wanted ["ada", "grace"] alone',
            "anyone who has a line gets in: write the file again, with these two lines alone",
        ),
        Wrong(
            hashes_alone,
            "/auth/htpasswd has 1 line without a colon, and the registry lets in nobody",
            ONLY_LINES,
        ),
        Wrong(
            line_of_a_comment_without_its_sign,
            "/auth/htpasswd has 1 line without a colon, and the registry lets in nobody",
            ONLY_LINES,
        ),
        Wrong(
            catalog_open,
            "on port 5001 a proxy asks for a password, and the registry behind it asks no one",
            "the registry itself asks at every request: run it with REGISTRY_AUTH",
        ),
        Wrong(
            on_port_5000,
            "container team publishes its port 5000 as 5000, wanted its port 5000 as 5001",
            "the container's port is on the left, the node's on the right: ports={\"5000/tcp\": 5001}",
        ),
        Wrong(
            another_server,
            "something answers on port 5001 with status 404, but it is not a registry",
            "the image to run is registry:2",
        ),
    ],
    "6.4": [
        Blank(nothing, "choose a, b or c", give=choose(None)),
        Right(
            nothing,
            "No one compares addresses: localhost:5000 and 127.0.0.1:5000 are two entries.",
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
    "6.5": [
        Blank(nothing, FIRST),
        Blank(open_to_all, FIRST),
        Blank(two_wait, "take grace out of the password file and put linus in"),
        Right(changed),
        Right(edited_in_place),
        Right(changed_with_comments),
        Wrong(restarted, *RESTART),
        Wrong(made_again, *RESTART),
        Wrong(restarted_and_made_newer, *RESTART),
        Wrong(
            added_only,
            "grace is still let in, wanted 401",
            "her line has to leave the password file",
        ),
        Wrong(
            removed_only,
            'linus with the password penguin gets 401, wanted 200: /auth/htpasswd has lines for ["ada"]',
            "one line for each member, linus too; > replaces a file, >> adds to it",
        ),
        Wrong(
            ada_lost,
            ADA_401 + '/auth/htpasswd has lines for ["linus"]',
            "one line for each member, ada too; > replaces a file, >> adds to it",
        ),
        Wrong(
            linus_in_sha,
            "linus with the password penguin gets 401, wanted 200: the line of linus has $6$, wanted bcrypt",
            BCRYPT,
        ),
        Wrong(
            mount_of_one_file,
            "container team still reads the file of before: it has a mount of that one file",
            "a file that is written again is another file. Mount its folder, as in 6.3, and write it again",
        ),
    ],
    "6.6": [
        Blank(nothing, FIRST),
        Blank(
            two_wait,
            "push team/hello to port 5001 as ada, and run a proxy that answers on port 8080",
        ),
        Blank(pushed, "run a proxy that answers on port 8080"),
        Right(door),
        Right(door_by_method),
        Right(door_by_a_map),
        Right(door_beside_a_registry_that_deletes),
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
        Wrong(proxy_asks_who_writes, *OF_ITS_OWN),
        Wrong(proxy_asks_strangers, *OF_ITS_OWN),
        Wrong(
            proxy_to_a_registry_with_a_copy,
            "port 8080 leads to another registry than port 5001: what begins there is unknown here",
            "proxy_pass http://127.0.0.1:5001",
        ),
        Wrong(
            proxy_without_post_only,
            "port 8080 lets tags be moved: PUT without a password gives 201, wanted a refusal",
            NAME_WHAT_MAY,
        ),
        Wrong(
            door_that_lets_delete_through,
            "port 8080 lets DELETE through: DELETE /v2/team/hello/manifests/sha256:… without a password "
            "gives 404 MANIFEST_UNKNOWN, wanted a refusal",
            NAME_WHAT_MAY,
        ),
        Wrong(
            door_that_lets_put_through,
            "port 8080 lets tags be moved: PUT without a password gives 201, wanted a refusal",
            NAME_WHAT_MAY,
        ),
        Wrong(
            door_that_lets_patch_through,
            "port 8080 lets PATCH through: PATCH /v2/team/hello/blobs/uploads/… without a password "
            "gives 202, wanted a refusal",
            NAME_WHAT_MAY,
        ),
        Wrong(
            door_that_gives_no_blobs,
            "GET /v2/team/hello/blobs/sha256:… through port 8080 gives 404, wanted what a pull needs",
            "the proxy passes everything below /v2/ on to the registry on port 5001",
        ),
        Wrong(
            door_to_another_image,
            'team/hello:latest is not hello-world: it runs ["sh"], wanted ["/hello"]',
            'tag the image that docker.images.pull("hello-world", tag="latest") gives',
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
}
