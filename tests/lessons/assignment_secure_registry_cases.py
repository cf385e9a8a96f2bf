"""Right, blank and wrong submissions of the assignment, and what each of them is worth."""

from __future__ import annotations

from typing import Any

import bcrypt

from labs.playground import Playground
from labs.waiting import wait_until
from tests.lessons.cases import Blank, Right, Table, Wrong
from tests.lessons.doing import nothing, run, wait

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


def md5(place: Playground, user: str, password: str) -> str:
    return f"{user}:{sh(place, f'openssl passwd -apr1 {password}')}\n"


BOTH = line("moby", "gordon") + line("ada", "lovelace")


def second(_place: Playground) -> dict[str, Any]:
    return {"user": "ada", "password": "lovelace"}


def sh(place: Playground, command: str, node: int = 1) -> str:
    done = place.node(node).exec(["sh", "-c", command])
    assert done.exit_code == 0, done.stdout + done.stderr
    return done.stdout.strip()


def certs(place: Playground, extra: str = SAN) -> None:
    sh(
        place,
        f"mkdir -p /srv/certs && cd /srv/certs && {NEW} -subj /CN=registry.lab {extra} "
        "-keyout domain.key -out domain.crt",
    )


def registry(
    place: Playground, environment: Any = SECURE, name: str = "mine", **other: Any
) -> None:
    options = {"volumes": MOUNTS, "restart_policy": ALWAYS, **PUBLISHED, **other}
    run(place, name, environment=environment, **options)


def trust(place: Playground) -> None:
    place.node(2).write_file(CA, place.node(1).read_file("/srv/certs/domain.crt"))


def push(place: Playground, user: str = "moby", password: str = "gordon") -> None:
    """As docker's command line does it, on node 2."""
    wait(place, 5000)
    sh(
        place,
        f"docker login -u {user} -p {password} {ADDRESS} && docker pull -q hello-world && "
        f"docker tag hello-world {IMAGE} && docker push -q {IMAGE}; docker logout {ADDRESS}",
        node=2,
    )


def anew(place: Playground, environment: Any = SECURE, **options: Any) -> None:
    place.node(1).docker.containers.get("mine").remove(force=True)
    registry(place, environment, **options)


def secure(place: Playground, *, members: str = BOTH, extra: str = SAN, **options: Any) -> None:
    """Files and a registry on them, before anybody trusts it or pushes."""
    certs(place, extra)
    place.node(1).write_file("/srv/auth/htpasswd", members, mode=0o600)
    registry(place, **options)


def whole(place: Playground, **options: Any) -> None:
    secure(place, **options)
    trust(place)
    push(place)
    anew(place, **options)


def complete(place: Playground) -> None:
    whole(place)


def complete_with_ca_and_volumes(place: Playground) -> None:
    """An authority of one's own, volumes with names, unless-stopped, and the second user pushes."""
    certs(place, "")
    sh(
        place,
        f"cd /srv/certs && mv domain.crt ca.crt && mv domain.key ca.key && {NEW} {SAN} "
        "-subj /CN=mine -CA ca.crt -CAkey ca.key -keyout domain.key -out domain.crt",
    )
    place.node(2).write_file(CA, place.node(1).read_file("/srv/certs/ca.crt"))
    place.node(1).write_file("/srv/auth/htpasswd", BOTH)
    options = {
        "volumes": ["data:/var/lib/registry", *MOUNTS[1:]],
        "restart_policy": {"Name": "unless-stopped"},
    }
    registry(place, **options)
    push(place, "ada", "lovelace")
    anew(place, **options)


def no_san(place: Playground) -> None:
    """All else is right: node 1 pushes, which needs no trust on loopback."""
    secure(place, extra="")
    trust(place)
    wait(place, 5000)
    local = "127.0.0.1:5000/team/hello"
    sh(
        place,
        "docker login -u moby -p gordon 127.0.0.1:5000 && docker pull -q hello-world && "
        f"docker tag hello-world {local} && docker push -q {local}; docker logout 127.0.0.1:5000",
    )
    anew(place)


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


def fronted(place: Playground, **options: Any) -> None:
    """TLS and passwords are a proxy's, the registry behind it has neither."""
    certs(place)
    place.node(1).write_file("/srv/auth/htpasswd", BOTH)
    place.node(1).write_file("/srv/front/default.conf", FRONT)
    registry(place, **{**BEHIND, **options})
    run(
        place,
        "front",
        "nginx",
        network_mode="host",
        restart_policy=ALWAYS,
        volumes=["/srv/front:/etc/nginx/conf.d:ro", *MOUNTS[1:]],
    )


def asks_on_push_only(place: Playground) -> None:
    """The proxy asks for passwords, of those alone who write."""
    fronted(place)
    trust(place)
    push_behind(place)
    anew(place, **BEHIND)


def push_behind(place: Playground) -> None:
    """Docker sends no password to a registry that does not ask at GET /v2/: push behind the proxy, pull through it."""
    wait(place, 5000)
    local = "127.0.0.1:5001/team/hello"
    sh(
        place,
        f"docker pull -q hello-world && docker tag hello-world {local} && docker push -q {local}",
    )
    sh(place, f"docker pull -q {IMAGE}", node=2)


def md5_for_all(place: Playground) -> None:
    """Nobody gets in, so nobody can push."""
    lines = md5(place, "moby", "gordon") + md5(place, "ada", "lovelace")
    secure(place, members=lines)
    trust(place)


def md5_for_moby(place: Playground) -> None:
    """The second user does all the work."""
    secure(place, members=md5(place, "moby", "gordon") + line("ada", "lovelace"))
    trust(place)
    push(place, "ada", "lovelace")
    anew(place)


def anonymous_port(place: Playground) -> None:
    whole(place)
    registry(place, TLS, "open", ports={"5000/tcp": 5001})


def data_inside(place: Playground) -> None:
    secure(place, volumes=MOUNTS[1:])
    trust(place)
    push(place)


def insecure(place: Playground) -> None:
    secure(place)
    place.node(2).configure_engine({"insecure-registries": [ADDRESS]})
    push(place)
    anew(place)


def on_failure(place: Playground) -> None:
    whole(place, restart_policy={"Name": "on-failure"})


def key_for_all(place: Playground) -> None:
    whole(place)
    sh(place, "chmod 644 /srv/certs/domain.key")


def plain(place: Playground) -> None:
    """Members over plain HTTP, and an engine that was told to bear it."""
    secure(place, environment=AUTH)
    place.node(2).configure_engine({"insecure-registries": [ADDRESS]})
    push(place)
    anew(place, AUTH)


def copy_of_the_key(place: Playground) -> None:
    """Also hidden: the second port of a wrong kind, plain HTTP with passwords."""
    secure(place)
    sh(place, "cp /srv/certs/domain.key /srv/auth/old.key; chmod 644 /srv/auth/old.key")
    registry(place, AUTH, "plain", ports={"5000/tcp": 5080})


def key_in_the_container(place: Playground) -> None:
    """The certificate is copied into the container, and not mounted."""
    certs(place)
    engine = place.node(1).docker
    made = engine.containers.create(
        "registry:2",
        name="mine",
        environment=TLS,
        restart_policy={"Name": "on-failure"},
        **PUBLISHED,
    )
    sh(place, "docker cp /srv/certs mine:/certs")
    made.start()


def ended(place: Playground) -> None:
    """A path that is not there inside the container."""
    secure(place, volumes=MOUNTS[:1], restart_policy={"Name": "no"})
    engine = place.node(1).docker
    wait_until(lambda: engine.containers.get("mine").status == "exited", "the registry to end")


def files_gone(place: Playground) -> None:
    """It runs on what it read; it could not start again."""
    secure(place, members=line("moby", "gordon"))
    wait(place, 5000)
    trust(place)
    sh(place, "mv /srv/certs/domain.crt /srv/certs/domain.pem")


def tls_alone(place: Playground) -> None:
    """The first step: strangers do what they like, no policy, nothing pushed."""
    certs(place)
    registry(place, TLS, restart_policy={"Name": "no"})


def pushed_once(place: Playground) -> None:
    secure(place)
    trust(place)
    push(place)


def root_elsewhere(place: Playground) -> None:
    """A mount, and a registry that was told to write beside it."""
    secure(place, environment={**SECURE, "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/data"})
    trust(place)
    push(place)


def layer_lost(place: Playground) -> None:
    """The largest blob is gone when the registry runs anew."""
    pushed_once(place)
    sh(place, "rm $(find /srv/data/docker/registry/v2/blobs -name data | xargs ls -S | head -1)")
    anew(place)
    wait(place, 5000)


def only_the_front_comes_back(place: Playground) -> None:
    """A proxy with a policy, and the registry behind it without one."""
    fronted(place, restart_policy={"Name": "no"})


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
"""What a submission is worth, by its deed: each of these has a case for all exercises."""

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
MEMBER = "let a member in first (50.3)"
PUSH = "push team/hello:latest first (50.4)"
FULL = [complete, complete_with_ca_and_volumes]


def rights(*deeds: Any) -> list[Any]:
    return [Right(deed, give=second) for deed in (*FULL, *deeds)]


CASES: Table = {
    "50.1": [
        *rights(asks_on_push_only, md5_for_all, md5_for_moby, anonymous_port, data_inside),
        *[Right(deed, give=second) for deed in (insecure, on_failure, key_for_all)],
        Blank(nothing, "run a registry that answers on port 5000"),
        Wrong(
            no_san,
            "the certificate of registry.lab:5000 has no names (SAN), wanted registry.lab",
            "lesson 4: the subject's CN does not count",
            give=second,
        ),
        Wrong(
            plain,
            "registry.lab:5000 speaks plain HTTP, wanted HTTPS",
            "lesson 4: two settings name certificate and key inside the container",
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
        Blank(nothing, FIRST),
        Blank(tls_alone, "let the registry ask for a password"),
        Blank(pushed_once, 'give your second user: user = "…", password = "…"'),
        Wrong(
            asks_on_push_only,
            "without a password GET /v2/ gives 200, wanted 401",
            "reading is for members too: the registry itself asks at every request, with REGISTRY_AUTH",
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
            give=lambda _place: {"user": "moby", "password": "gordon"},
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
            "lesson 4: the name in the certificate, and who signed it",
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
