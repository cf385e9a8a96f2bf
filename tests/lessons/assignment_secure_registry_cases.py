"""Right, blank and wrong submissions of the assignment, and what each of them is worth."""

from __future__ import annotations

from typing import Any

import bcrypt

from labs.playground import Playground
from labs.waiting import wait_until
from tests.lessons.actions import nothing, run, wait
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong

ADDRESS = "registry.lab:5000"
IMAGE = f"{ADDRESS}/team/hello"
CA = f"/etc/docker/certs.d/{ADDRESS}/ca.crt"
SAN = "-addext subjectAltName=DNS:registry.lab"
NEW = "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 9"
PUBLISHED: dict[str, Any] = {"ports": {"5000/tcp": 5000}}
MOUNTS = ["/srv/data:/var/lib/registry", "/srv/certs:/certs:ro", "/srv/auth:/auth:ro"]
TLS = {
    "REGISTRY_HTTP_TLS_CERTIFICATE": "/certs/domain.crt",
    "REGISTRY_HTTP_TLS_KEY": "/certs/domain.key",
}
AUTH = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "Mine",
    "REGISTRY_AUTH_HTPASSWD_PATH": "/auth/htpasswd",
}
SECURE = {**TLS, **AUTH}
ALWAYS = {"Name": "always"}


def line(user: str, password: str) -> str:
    return f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()}\n"


def md5(playground: Playground, user: str, password: str) -> str:
    return f"{user}:{sh(playground, f'openssl passwd -apr1 {password}')}\n"


BOTH = line("moby", "gordon") + line("ada", "lovelace")


def second(_playground: Playground) -> dict[str, Any]:
    return {"user": "ada", "password": "lovelace"}


def sh(playground: Playground, command: str, node: int = 1) -> str:
    done = playground.node(node).exec(["sh", "-c", command])
    assert done.exit_code == 0, done.stdout + done.stderr
    return done.stdout.strip()


def certs(playground: Playground, extra: str = SAN) -> None:
    sh(
        playground,
        f"mkdir -p /srv/certs && cd /srv/certs && {NEW} -subj /CN=registry.lab {extra} "
        "-keyout domain.key -out domain.crt",
    )


def registry(
    playground: Playground, environment: Any = SECURE, name: str = "mine", **other: Any
) -> None:
    options = {"volumes": MOUNTS, "restart_policy": ALWAYS, **PUBLISHED, **other}
    run(playground, name, environment=environment, **options)


def trust(playground: Playground) -> None:
    playground.node(2).write_file(CA, playground.node(1).read_file("/srv/certs/domain.crt"))


def push(playground: Playground, user: str = "moby", password: str = "gordon") -> None:
    """As docker's command line does it, on node 2."""
    wait(playground, 5000)
    sh(
        playground,
        f"docker login -u {user} -p {password} {ADDRESS} && docker pull -q hello-world && "
        f"docker tag hello-world {IMAGE} && docker push -q {IMAGE}; docker logout {ADDRESS}",
        node=2,
    )


def run_again(playground: Playground, environment: Any = SECURE, **options: Any) -> None:
    playground.node(1).docker.containers.get("mine").remove(force=True)
    registry(playground, environment, **options)


def secure(
    playground: Playground, *, members: str = BOTH, extra: str = SAN, **options: Any
) -> None:
    """Files and a registry on them, before a node trusts it or pushes."""
    certs(playground, extra)
    playground.node(1).write_file("/srv/auth/htpasswd", members, mode=0o600)
    registry(playground, **options)


def whole(playground: Playground, *, members: str = BOTH, **options: Any) -> None:
    secure(playground, members=members, **options)
    trust(playground)
    push(playground)
    run_again(playground, **options)


def complete(playground: Playground) -> None:
    whole(playground)


def complete_with_ca_and_volumes(playground: Playground) -> None:
    """Its own authority, named volumes, unless-stopped, and the second user pushes."""
    certs(playground, "")
    sh(
        playground,
        f"cd /srv/certs && mv domain.crt ca.crt && mv domain.key ca.key && {NEW} {SAN} "
        "-subj /CN=mine -CA ca.crt -CAkey ca.key -keyout domain.key -out domain.crt",
    )
    playground.node(2).write_file(CA, playground.node(1).read_file("/srv/certs/ca.crt"))
    playground.node(1).write_file("/srv/auth/htpasswd", BOTH)
    options = {
        "volumes": ["data:/var/lib/registry", *MOUNTS[1:]],
        "restart_policy": {"Name": "unless-stopped"},
    }
    registry(playground, **options)
    push(playground, "ada", "lovelace")
    run_again(playground, **options)


def no_san(playground: Playground) -> None:
    """All else is right: node 1 pushes, which needs no trust on loopback."""
    secure(playground, extra="")
    trust(playground)
    wait(playground, 5000)
    local = "127.0.0.1:5000/team/hello"
    sh(
        playground,
        "docker login -u moby -p gordon 127.0.0.1:5000 && docker pull -q hello-world && "
        f"docker tag hello-world {local} && docker push -q {local}; docker logout 127.0.0.1:5000",
    )
    run_again(playground)


FRONT = """server {
  listen 5000 ssl; client_max_body_size 0;
  ssl_certificate /certs/domain.crt; ssl_certificate_key /certs/domain.key;
  location / {
    limit_except GET HEAD { auth_basic "Mine"; auth_basic_user_file /auth/htpasswd; }
    proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;
    proxy_pass http://127.0.0.1:5001;
  }
}
"""


BEHIND: dict[str, Any] = {
    "environment": {"REGISTRY_HTTP_ADDR": "127.0.0.1:5001"},
    "ports": None,
    "network_mode": "host",
}


def fronted(playground: Playground, **options: Any) -> None:
    """TLS and passwords are a proxy's, the registry behind it has neither."""
    certs(playground)
    playground.node(1).write_file("/srv/auth/htpasswd", BOTH)
    playground.node(1).write_file("/srv/front/default.conf", FRONT)
    registry(playground, **{**BEHIND, **options})
    run(
        playground,
        "front",
        "nginx",
        network_mode="host",
        restart_policy=ALWAYS,
        volumes=["/srv/front:/etc/nginx/conf.d:ro", *MOUNTS[1:]],
    )


def asks_on_push_only(playground: Playground) -> None:
    """The proxy asks for passwords, only of those who write."""
    fronted(playground)
    trust(playground)
    push_behind(playground)
    run_again(playground, **BEHIND)


def push_behind(playground: Playground) -> None:
    """Docker sends no password to a registry that does not ask at GET /v2/: push behind the proxy, pull through it."""
    wait(playground, 5000)
    local = "127.0.0.1:5001/team/hello"
    sh(
        playground,
        f"docker pull -q hello-world && docker tag hello-world {local} && docker push -q {local}",
    )
    sh(playground, f"docker pull -q {IMAGE}", node=2)


def one_location(playground: Playground, location: str, *, listen: str = "5000 ssl") -> None:
    """A proxy asks for passwords, but for one kind of path."""
    certs(playground)
    playground.node(1).write_file("/srv/auth/htpasswd", BOTH)
    to = "proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:5001;"
    rules = f"""server {{ listen {listen}; client_max_body_size 0;
      ssl_certificate /certs/domain.crt; ssl_certificate_key /certs/domain.key;
      location / {{ auth_basic "Mine"; auth_basic_user_file /auth/htpasswd; {to} }}
      location {location} {{ {to} }} }}"""
    playground.node(1).write_file("/srv/front/default.conf", rules)
    registry(playground, **BEHIND)
    push_locally(playground)
    volumes = ["/srv/front:/etc/nginx/conf.d:ro", *MOUNTS[1:]]
    run(playground, "front", "nginx", network_mode="host", volumes=volumes)


def push_locally(playground: Playground) -> None:
    local = "127.0.0.1:5001/team/hello"
    sh(
        playground,
        f"docker pull -q hello-world && docker tag hello-world {local} && "
        f"for n in 1 2 3 4 5; do docker push -q {local} && break; sleep 1; done",
    )


def guarded_by_a_proxy(playground: Playground) -> None:
    one_location(playground, "= /nowhere")


def tags_open(playground: Playground) -> None:
    one_location(playground, "~ ^/v2/.+/tags/list$")


def manifests_open(playground: Playground) -> None:
    one_location(playground, "~ ^/v2/.+/manifests/")


def blobs_open(playground: Playground) -> None:
    one_location(playground, "~ ^/v2/.+/blobs/sha256:")


def uploads_open(playground: Playground) -> None:
    one_location(playground, "~ ^/v2/.+/blobs/uploads/")


def another_repository_open(playground: Playground) -> None:
    one_location(playground, "~ ^/v2/(?!team/|_catalog|$)")


def head_open(playground: Playground) -> None:
    """limit_except with HEAD alone leaves GET with HEAD: by a test of the method."""
    certs(playground)
    playground.node(1).write_file("/srv/auth/htpasswd", BOTH)
    to = "proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:5001;"
    rules = f"""map $request_method $asks {{ HEAD off; default Mine; }}
    server {{ listen 5000 ssl; client_max_body_size 0;
      ssl_certificate /certs/domain.crt; ssl_certificate_key /certs/domain.key;
      location / {{ auth_basic $asks; auth_basic_user_file /auth/htpasswd; {to} }} }}"""
    playground.node(1).write_file("/srv/front/default.conf", rules)
    registry(playground, **BEHIND)
    push_locally(playground)
    volumes = ["/srv/front:/etc/nginx/conf.d:ro", *MOUNTS[1:]]
    run(playground, "front", "nginx", network_mode="host", volumes=volumes)


def other_port_with_one_path(playground: Playground) -> None:
    """Port 5080 asks at /v2/ and gives manifests to anyone; it hides what a registry says of itself."""
    whole(playground)
    registry(
        playground,
        {"REGISTRY_HTTP_ADDR": "127.0.0.1:5001"},
        "open",
        ports=None,
        network_mode="host",
    )
    to = (
        "proxy_hide_header Docker-Distribution-Api-Version; proxy_set_header Host $http_host; "
        "proxy_pass http://127.0.0.1:5001;"
    )
    rules = f"""server {{ listen 5080 ssl;
      ssl_certificate /certs/domain.crt; ssl_certificate_key /certs/domain.key;
      location / {{ auth_basic "Mine"; auth_basic_user_file /auth/htpasswd; {to} }}
      location ~ /manifests/ {{ {to} }} }}"""
    playground.node(1).write_file("/srv/front/default.conf", rules)
    volumes = ["/srv/front:/etc/nginx/conf.d:ro", *MOUNTS[1:]]
    run(playground, "front", "nginx", network_mode="host", volumes=volumes)
    look = "socat -u /dev/null TCP:127.0.0.1:5080"
    wait_until(lambda: not playground.node(1).exec(["sh", "-c", look]).exit_code, "port 5080")


def pages_beside_it(playground: Playground) -> None:
    """A web server of another kind on another port is not the assignment's concern."""
    whole(playground)
    run(playground, "pages", "nginx", ports={"80/tcp": 8000})


def comments_in_the_file(playground: Playground) -> None:
    whole(playground, members=f"# members\n\n{BOTH}")


def other_image(playground: Playground) -> None:
    """busybox in the place of hello-world."""
    secure(playground)
    trust(playground)
    wait(playground, 5000)
    sh(
        playground,
        f"docker login -u moby -p gordon {ADDRESS} && docker pull -q busybox && "
        f"docker tag busybox {IMAGE} && docker push -q {IMAGE}; docker logout {ADDRESS}",
        node=2,
    )


def made_older(playground: Playground) -> None:
    pushed_once(playground)
    sh(playground, "find /srv/data -exec touch -h -d 2020-01-01 {} +")


def md5_for_all(playground: Playground) -> None:
    """No one gets in, so no one can push."""
    lines = md5(playground, "moby", "gordon") + md5(playground, "ada", "lovelace")
    secure(playground, members=lines)
    trust(playground)


def md5_for_moby(playground: Playground) -> None:
    """The second user does all the work."""
    secure(playground, members=md5(playground, "moby", "gordon") + line("ada", "lovelace"))
    trust(playground)
    push(playground, "ada", "lovelace")
    run_again(playground)


def anonymous_port(playground: Playground) -> None:
    whole(playground)
    registry(playground, TLS, "open", ports={"5000/tcp": 5001})


def data_inside(playground: Playground) -> None:
    secure(playground, volumes=MOUNTS[1:])
    trust(playground)
    push(playground)


def insecure(playground: Playground) -> None:
    secure(playground)
    playground.node(2).configure_engine({"insecure-registries": [ADDRESS]})
    push(playground)
    run_again(playground)


def on_failure(playground: Playground) -> None:
    whole(playground, restart_policy={"Name": "on-failure"})


def key_for_all(playground: Playground) -> None:
    whole(playground)
    sh(playground, "chmod 644 /srv/certs/domain.key")


def plain(playground: Playground) -> None:
    """Members over plain HTTP, and an engine that was told to accept it."""
    secure(playground, environment=AUTH)
    playground.node(2).configure_engine({"insecure-registries": [ADDRESS]})
    push(playground)
    run_again(playground, AUTH)


def copy_of_the_key(playground: Playground) -> None:
    """Also hidden: the second port of a wrong kind, plain HTTP with passwords."""
    secure(playground)
    sh(playground, "cp /srv/certs/domain.key /srv/auth/old.key; chmod 644 /srv/auth/old.key")
    registry(playground, AUTH, "plain", ports={"5000/tcp": 5080})


def key_in_the_container(playground: Playground) -> None:
    """The certificate is copied into the container, and not mounted."""
    certs(playground)
    engine = playground.node(1).docker
    made = engine.containers.create(
        "registry:2",
        name="mine",
        environment=TLS,
        restart_policy={"Name": "on-failure"},
        **PUBLISHED,
    )
    sh(playground, "docker cp /srv/certs mine:/certs")
    made.start()


def ended(playground: Playground) -> None:
    """A path that is not there inside the container."""
    secure(playground, volumes=MOUNTS[:1], restart_policy={"Name": "no"})
    engine = playground.node(1).docker
    wait_until(lambda: engine.containers.get("mine").status == "exited", "the registry to end")


def files_gone(playground: Playground) -> None:
    """It runs on what it read; it could not start again."""
    secure(playground, members=line("moby", "gordon"))
    wait(playground, 5000)
    trust(playground)
    sh(playground, "mv /srv/certs/domain.crt /srv/certs/domain.pem")


def tls_alone(playground: Playground) -> None:
    """The first step: no password, no restart policy, nothing pushed."""
    certs(playground)
    registry(playground, TLS, restart_policy={"Name": "no"})


def pushed_once(playground: Playground) -> None:
    secure(playground)
    trust(playground)
    push(playground)


def root_elsewhere(playground: Playground) -> None:
    """A mount, and a registry that was told to write beside it."""
    secure(playground, environment={**SECURE, "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/data"})
    trust(playground)
    push(playground)


def layer_lost(playground: Playground) -> None:
    """The largest blob is gone when the registry runs again."""
    pushed_once(playground)
    sh(
        playground,
        "rm $(find /srv/data/docker/registry/v2/blobs -name data | xargs ls -S | head -1)",
    )
    run_again(playground)
    wait(playground, 5000)


def only_the_front_comes_back(playground: Playground) -> None:
    """A proxy with a policy, and the registry behind it without one."""
    fronted(playground, restart_policy={"Name": "no"})


TOTALS = {
    "nothing": 0,
    "complete": 100,
    "complete_with_ca_and_volumes": 100,
    "no_san": 60,
    "asks_on_push_only": 80,
    "md5_for_all": 40,
    "md5_for_moby": 80,
    "anonymous_port": 80,
    "data_inside": 80,
    "insecure": 80,
    "on_failure": 85,
    "key_for_all": 95,
    "plain": 55,
}

FIRST = "run a registry that answers at registry.lab:5000 first (50.1)"
MOUNT = "lesson 2: mount a folder or a volume with a name where it writes"
BCRYPT = (
    "one line for each member, and bcrypt alone: a registry does not say so. Is it that password?"
)
READABLE = "ls -l shows its mode; the last three letters are for others"
SHUT = "close it, or publish it on 127.0.0.1 alone"
COMES_BACK = (
    "it has to come back after a restart of its engine, too: "
    "docker.containers.get(…).update(restart_policy=…)"
)
INSECURE = (
    "node 2 takes registry.lab:5000 for an insecure registry: it would believe anybody there",
    "take insecure-registries out; trust the certificate",
)
READING = (
    "reading is for members too: the registry itself asks at every request, with REGISTRY_AUTH"
)
OPEN = {
    tags_open: "GET /v2/team/hello/tags/list gives 200",
    manifests_open: "GET /v2/team/hello/manifests/latest gives 200",
    blobs_open: "GET /v2/team/hello/blobs/sha256:… gives 200",
    uploads_open: "GET /v2/team/hello/blobs/uploads/… gives 404",
    another_repository_open: "GET /v2/course-check/tags/list gives 404",
    head_open: "HEAD /v2/ gives 200",
}
MEMBER = "let a member in first (50.3)"
PUSH = "push team/hello:latest first (50.4)"
FULL = [complete, complete_with_ca_and_volumes]


def rights(*deeds: Any) -> list[Any]:
    return [Right(deed, give=second) for deed in (*FULL, *deeds)]


# The answer to 50.1 makes a key that is private already.
TESTS = LessonTests(
    attempted_by_earlier_answers=frozenset({"50.2"}),
    totals=TOTALS,
)

CASES: Table = {
    "50.1": [
        *rights(asks_on_push_only, md5_for_all, md5_for_moby, anonymous_port, data_inside),
        *[Right(deed, give=second) for deed in (insecure, on_failure, key_for_all)],
        Blank(nothing, "run a registry that answers on port 5000"),
        Wrong(
            no_san,
            "the certificate of registry.lab:5000 has no names (SAN), wanted registry.lab",
            "lesson 5: the subject's CN does not count",
            give=second,
        ),
        Wrong(
            plain,
            "registry.lab:5000 speaks plain HTTP, wanted HTTPS",
            "lesson 5: two settings name certificate and key inside the container",
            give=second,
        ),
        Wrong(copy_of_the_key, "port 5080 of node 1 asks for passwords over plain HTTP", SHUT),
        Wrong(
            ended,
            "container mine is exited, wanted running",
            'docker.containers.get("mine").logs() tells why, where it ever ran',
        ),
    ],
    "50.2": [
        *rights(no_san, asks_on_push_only, md5_for_all, md5_for_moby, anonymous_port, data_inside),
        *[Right(deed, give=second) for deed in (insecure, on_failure)],
        Blank(nothing, "let registry.lab:5000 speak TLS first (50.1)"),
        Blank(plain, "let registry.lab:5000 speak TLS first (50.1)", give=second),
        Wrong(
            key_for_all,
            "/srv/certs/domain.key holds a private key, and every user of node 1 can read it",
            READABLE,
            give=second,
        ),
        Wrong(
            copy_of_the_key,
            "/srv/auth/old.key holds a private key, and every user of node 1 can read it",
            READABLE,
        ),
        Wrong(
            key_in_the_container,
            "no mount of the registry's container holds its private key",
            "mount the folder of certificate and key; what is in an image or container is gone with it",
        ),
    ],
    "50.3": [
        *rights(no_san, data_inside, insecure, on_failure, key_for_all, plain),
        *[Right(deed, give=second) for deed in (guarded_by_a_proxy, pages_beside_it)],
        Right(comments_in_the_file, give=second),
        Blank(nothing, FIRST),
        Blank(tls_alone, "let the registry ask for a password"),
        Blank(pushed_once, 'give your second user: user = "…", password = "…"'),
        Wrong(
            asks_on_push_only,
            "without a password GET /v2/ gives 200, wanted 401",
            READING,
            give=second,
        ),
        *[
            Wrong(deed, f"without a password {seen}, wanted 401", READING, give=second)
            for deed, seen in OPEN.items()
        ],
        Wrong(
            other_port_with_one_path,
            "port 5080 of node 1 lets in everybody: GET /v2/team/hello/manifests/latest gives 200, wanted 401",
            SHUT,
            give=second,
        ),
        Wrong(
            md5_for_all, "moby with the password gordon gets 401, wanted 200", BCRYPT, give=second
        ),
        Wrong(
            md5_for_moby, "moby with the password gordon gets 401, wanted 200", BCRYPT, give=second
        ),
        Wrong(
            anonymous_port,
            "port 5001 of node 1 lets in everybody: GET /v2/ gives 200, wanted 401",
            SHUT,
            give=second,
        ),
        Wrong(
            files_gone, "ada with the password lovelace gets 401, wanted 200", BCRYPT, give=second
        ),
        Wrong(
            root_elsewhere,
            "moby is the first user, wanted another one",
            "choose another name",
            give=lambda _playground: {"user": "moby", "password": "gordon"},
        ),
    ],
    "50.4": [
        *rights(asks_on_push_only, md5_for_moby, anonymous_port, data_inside),
        *[Right(deed, give=second) for deed in (on_failure, key_for_all)],
        Blank(nothing, FIRST),
        Blank(md5_for_all, MEMBER, give=second),
        Blank(
            tls_alone, "let node 2 trust registry.lab:5000, push team/hello from there and pull it"
        ),
        Wrong(
            no_san,
            "node 2 does not believe registry.lab:5000: certificate relies on legacy Common Name field, "
            "use SANs instead",
            "lesson 5: the name in the certificate, and who signed it",
            give=second,
        ),
        Wrong(insecure, *INSECURE, give=second),
        Wrong(plain, *INSECURE, give=second),
        Wrong(
            files_gone,
            "registry.lab:5000 has no team/hello:latest",
            "push it from node 2",
            give=second,
        ),
        Wrong(
            other_image,
            'team/hello:latest is not hello-world: it runs ["sh"], wanted ["/hello"]',
            'tag the image that docker.images.pull("hello-world", tag="latest") gives',
            give=second,
        ),
    ],
    "50.5": [
        *rights(no_san, asks_on_push_only, md5_for_all, md5_for_moby, anonymous_port, data_inside),
        *[Right(deed, give=second) for deed in (insecure, key_for_all, plain)],
        Blank(nothing, FIRST),
        Blank(tls_alone, "give the registry a restart policy"),
        Wrong(
            on_failure,
            "container mine has the restart policy on-failure, wanted always or unless-stopped",
            COMES_BACK,
            give=second,
        ),
        Wrong(
            only_the_front_comes_back,
            "container mine has the restart policy no, wanted always or unless-stopped",
            COMES_BACK,
        ),
        Wrong(
            files_gone,
            "the process of container mine was killed, and the registry did not come back",
            "what it read when it started has to be there still; its log tells what is missing",
        ),
    ],
    "50.6": [
        *rights(no_san, asks_on_push_only, md5_for_moby, anonymous_port, insecure, on_failure),
        *[Right(deed, give=second) for deed in (key_for_all, plain)],
        Blank(nothing, FIRST),
        Blank(md5_for_all, PUSH, give=second),
        Blank(
            pushed_once,
            "remove the registry's container, run it again on the same data, and do not push",
        ),
        Blank(
            made_older,
            "remove the registry's container, run it again on the same data, and do not push",
            give=second,
        ),
        Wrong(
            data_inside,
            "container mine writes to a volume without a name: the next container gets another one",
            MOUNT,
            give=second,
        ),
        Wrong(
            layer_lost,
            "team/hello:latest is not whole: a blob gives 404, wanted 200",
            "lesson 2: blobs and repositories belong together; push once more, then start again",
        ),
        Wrong(
            root_elsewhere,
            "container mine keeps what was pushed inside itself: it goes when the container goes",
            MOUNT,
        ),
    ],
}
