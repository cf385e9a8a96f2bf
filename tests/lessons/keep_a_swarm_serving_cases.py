"""Right, blank and wrong answers to lesson 7."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from typing import Any

import bcrypt
from docker.errors import APIError
from docker.types import ConfigReference, SecretReference, ServiceMode, UpdateConfig

from labs.lesson import transfer
from labs.playground import Playground, service_spec
from labs.waiting import wait_until
from tests.lessons.actions import clean_swarm, nothing, pull, stored
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong, choose
from tests.lessons.open_lesson import OpenLesson

ADDRESS = "registry.lab:5000"
SITE, SHOP = f"{ADDRESS}/site:1", f"{ADDRESS}/shop:1"
NEW = (
    "cd /srv && openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 9 "
    "-subj /CN=registry.lab -addext subjectAltName=DNS:registry.lab"
)
TLS = {
    "REGISTRY_HTTP_TLS_CERTIFICATE": "/registry.crt",
    "REGISTRY_HTTP_TLS_KEY": "/run/secrets/registry.key",
}
MEMBERS = {
    "REGISTRY_AUTH": "htpasswd",
    "REGISTRY_AUTH_HTPASSWD_REALM": "Swarm",
    "REGISTRY_AUTH_HTPASSWD_PATH": "/run/secrets/members",
}
KEPT = {"secrets": {"registry.key", "members"}, "configs": {"registry.crt"}}
# The registry as the lesson leaves it, by playground: making it for each case would double the time.
made: dict[str, service_spec.Raw] = {}


def hashed(user: str, password: str) -> str:
    return f"{user}:{bcrypt.hashpw(password.encode(), bcrypt.gensalt(5)).decode()}\n"


MOBY, GRACE = hashed("moby", "gordon"), hashed("grace", "hopper")


def certificate(playground: Playground, name: str = "lab") -> tuple[bytes, bytes]:
    done = playground.node(1).exec(["sh", "-c", f"{NEW} -keyout {name}.key -out {name}.crt"])
    assert done.exit_code == 0, done.stderr
    node = playground.node(1)
    return node.read_file(f"/srv/{name}.crt"), node.read_file(f"/srv/{name}.key")


def secret(
    playground: Playground, name: str, data: str | bytes, filename: str = ""
) -> SecretReference:
    """A secret of that name, made where it is not there yet."""
    engine = playground.node(1).docker
    known = {each.name: each.id for each in engine.secrets.list()}
    content = data.encode() if isinstance(data, str) else data
    id = known.get(name) or engine.secrets.create(name=name, data=content).id
    return SecretReference(id, name, filename or name)


def config(playground: Playground, name: str, data: bytes, target: str) -> ConfigReference:
    engine = playground.node(1).docker
    known = {each.name: each.id for each in engine.configs.list()}
    id = known.get(name) or engine.configs.create(name=name, data=data).id
    return ConfigReference(id, name, target)


def key(playground: Playground) -> SecretReference:
    return secret(playground, "registry.key", b"there already")


def public(playground: Playground) -> ConfigReference:
    return config(playground, "registry.crt", b"there already", "/registry.crt")


def serve(playground: Playground, env: dict[str, str], **options: Any) -> None:
    """A new registry service, with the lesson's files where no others are given."""
    playground.swarm.remove("registry")
    files = {
        "secrets": [key(playground), secret(playground, "members", MOBY)],
        "configs": [public(playground)],
    }
    create = playground.node(1).docker.services.create
    create("registry:2", name="registry", env=env, **{**files, **options})
    playground.swarm.publish("registry", port=5000)


def the_lessons_registry(playground: Playground) -> None:
    """The registry as the lesson leaves it, with an image in it: made at first, put right afterwards."""
    swarm, engine = playground.swarm, playground.node(1).docker
    swarm.remove(
        *(s.name for s in engine.services.list() if s.name not in ("registry", "edge-5000"))
    )
    if not is_there(playground):
        make(playground)
    raw = service_spec.service(engine.api, "registry")
    if raw["Spec"] != made[playground.name]:
        service_spec.rewrite(engine.api, raw["ID"], lambda _: made[playground.name])
    swarm.wait("registry", running=1)
    wait_until(lambda: digest_of(playground), "the registry", timeout_s=90)
    for each in engine.secrets.list():
        if each.name not in KEPT["secrets"]:
            each.remove()
    for each in engine.configs.list():
        if each.name not in KEPT["configs"] and not each.name.startswith("edge-"):
            each.remove()


def is_there(playground: Playground) -> bool:
    """Whether it is the one that was made here, even where a case changed it."""
    engine = playground.node(1).docker
    named = {each.name for each in engine.services.list()}
    ids = {each.id for each in (*engine.secrets.list(), *engine.configs.list())}
    content = made.get(playground.name, {}).get("TaskTemplate", {}).get("ContainerSpec", {})
    wanted = {each["SecretID"] for each in content.get("Secrets", ())}
    wanted |= {each["ConfigID"] for each in content.get("Configs", ())}
    return bool(wanted) and wanted <= ids and {"registry", "edge-5000"} <= named


def make(playground: Playground) -> None:
    clean_swarm(playground)
    cert, private = certificate(playground)
    for node in playground.nodes:
        node.write_file(f"/etc/docker/certs.d/{ADDRESS}/ca.crt", cert)
    secret(playground, "registry.key", private)
    config(playground, "registry.crt", cert, "/registry.crt")
    quick = UpdateConfig(parallelism=1, failure_action="pause", monitor=10**8)
    serve(playground, {**TLS, **MEMBERS, **stored(playground)}, update_config=quick)
    engine = playground.node(1).docker
    made[playground.name] = service_spec.service(engine.api, "registry")["Spec"]
    engine.login("moby", "gordon", registry=ADDRESS)
    for image, to in (("hello-world", SITE), ("nginx", SHOP)):
        pull(playground, image).tag(to)
        transfer.push(engine, to)


def update(playground: Playground, **changes: Any) -> None:
    playground.node(1).docker.services.get("registry").update(fetch_current_spec=True, **changes)


def members(playground: Playground, lines: str, filename: str = "members") -> None:
    """A second secret with these lines takes the place of the first."""
    the_lessons_registry(playground)
    update(playground, secrets=[key(playground), secret(playground, "members-2", lines, filename)])


def second_secret_by_an_update(playground: Playground) -> None:
    members(playground, MOBY + GRACE)


def with_comments(playground: Playground) -> None:
    members(playground, f"# members\n\n{MOBY}  # and\n{GRACE}")


def second_secret_by_the_command(playground: Playground) -> None:
    the_lessons_registry(playground)
    secret(playground, "both", GRACE + MOBY)
    command = "docker service update --detach --secret-rm members"
    done = playground.node(1).exec(
        ["sh", "-c", f"{command} --secret-add source=both,target=members registry"]
    )
    assert done.exit_code == 0, done.stderr


def another_path(playground: Playground) -> None:
    the_lessons_registry(playground)
    files = [key(playground), secret(playground, "everybody", MOBY + GRACE)]
    path = {"REGISTRY_AUTH_HTPASSWD_PATH": "/run/secrets/everybody"}
    serve(playground, {**TLS, **MEMBERS, **path, **stored(playground)}, secrets=files)


def grace_alone(playground: Playground) -> None:
    members(playground, GRACE)


def under_its_own_name(playground: Playground) -> None:
    members(playground, MOBY + GRACE, "members-2")


def sha_hash(playground: Playground) -> None:
    digest = base64.b64encode(hashlib.sha1(b"hopper").digest()).decode()
    members(playground, f"{MOBY}grace:{{SHA}}{digest}\n")


def end_of_line_hashed(playground: Playground) -> None:
    members(playground, MOBY + hashed("grace", "hopper\n"))


def key_forgotten(playground: Playground) -> None:
    the_lessons_registry(playground)
    update(playground, secrets=[secret(playground, "members-2", MOBY + GRACE, "members")])


def everybody_in(playground: Playground) -> None:
    the_lessons_registry(playground)
    serve(playground, {**TLS, **stored(playground)})


def any_password(playground: Playground) -> None:
    """A kind of authentication that registries have for tests: it accepts any user name and password."""
    the_lessons_registry(playground)
    silly = {
        "REGISTRY_AUTH": "silly",
        "REGISTRY_AUTH_SILLY_REALM": "Swarm",
        "REGISTRY_AUTH_SILLY_SERVICE": "registry",
    }
    serve(playground, {**TLS, **silly, **stored(playground)})


def plain(playground: Playground) -> None:
    the_lessons_registry(playground)
    serve(
        playground,
        {**MEMBERS, **stored(playground)},
        secrets=[secret(playground, "members-2", MOBY + GRACE, "members")],
    )


def as_a_config(playground: Playground) -> None:
    the_lessons_registry(playground)
    shown = config(playground, "members-2", (MOBY + GRACE).encode(), "/members")
    path = {"REGISTRY_AUTH_HTPASSWD_PATH": "/members"}
    options: dict[str, Any] = {"secrets": [key(playground)], "configs": [public(playground), shown]}
    serve(playground, {**TLS, **MEMBERS, **path, **stored(playground)}, **options)


def without_the_store(playground: Playground) -> None:
    the_lessons_registry(playground)
    files = [key(playground), secret(playground, "members-2", MOBY + GRACE, "members")]
    serve(playground, {**TLS, **MEMBERS}, secrets=files)


def another_certificate(playground: Playground) -> None:
    the_lessons_registry(playground)
    cert, private = certificate(playground, "other")
    files = [
        secret(playground, "other.key", private, "registry.key"),
        secret(playground, "members-2", MOBY + GRACE, "members"),
    ]
    shown = [config(playground, "other.crt", cert, "/registry.crt")]
    serve(playground, {**TLS, **MEMBERS, **stored(playground)}, secrets=files, configs=shown)


def digest_of(playground: Playground) -> str:
    """What the registry has; empty while its proxy has not found the task that runs now."""
    with suppress(APIError):
        return str(playground.node(1).docker.images.get_registry_data(SHOP).id)
    return ""


def shop(playground: Playground, image: str = "", **options: Any) -> None:
    the_lessons_registry(playground)
    image = image or f"{SHOP}@{digest_of(playground)}"
    five = ServiceMode("replicated", 5)
    create = playground.node(1).docker.services.create
    create(image, name="shop", **{"mode": five, "update_config": careful(), **options})


def careful(**options: Any) -> UpdateConfig:
    return UpdateConfig(**{"parallelism": 1, "failure_action": "rollback", **options})


def pinned_with_the_sdk(playground: Playground) -> None:
    shop(playground)


def by_the_command_that_pins(playground: Playground) -> None:
    the_lessons_registry(playground)
    command = (
        f"echo gordon | docker login -u moby --password-stdin {ADDRESS} && docker service create "
        "--detach --name shop --replicas 5 --with-registry-auth --update-failure-action rollback"
    )
    done = playground.node(1).exec(["sh", "-c", f"{command} {SHOP}"])
    assert done.exit_code == 0, done.stderr


def one_on_each_node(playground: Playground) -> None:
    shop(playground, mode=ServiceMode("global"), update_config=careful(order="start-first"))


def secret_alone_and_by_tag(playground: Playground) -> None:
    """A wrong answer to each exercise: to put the registry right in between takes longer than either."""
    shop(playground, SHOP)
    secret(playground, "members-2", MOBY + GRACE)


def from_docker_hub(playground: Playground) -> None:
    digest = pull(playground, "nginx").attrs["RepoDigests"]
    shop(playground, next(each for each in digest if each.startswith("nginx@")))


def four_replicas(playground: Playground) -> None:
    shop(playground, mode=ServiceMode("replicated", 4))


def image_id_for_digest(playground: Playground) -> None:
    the_lessons_registry(playground)
    shop(playground, f"{SHOP}@{playground.node(1).docker.images.get(SHOP).id}")


def on_one_node(playground: Playground) -> None:
    shop(playground, constraints=["node.hostname == node1"])


def all_at_once(playground: Playground) -> None:
    shop(playground, update_config=UpdateConfig(failure_action="rollback"))


def pauses(playground: Playground) -> None:
    shop(playground, update_config=None)


def goes_on_to_the_last(playground: Playground) -> None:
    shop(playground, update_config=careful(failure_action="continue"))


def check_that_tries_a_bad_update_leaves_the_service_as_it_was(opened: OpenLesson) -> None:
    goes_on_to_the_last(opened.playground)
    opened.playground.swarm.wait("shop", running=5)
    api = opened.playground.node(1).docker.api
    before = service_spec.service(api, "shop")["Spec"]
    assert opened.verdict("7.2").outcome == "not yet"
    assert service_spec.service(api, "shop")["Spec"] == before
    opened.playground.swarm.wait("shop", running=5)
    for node in opened.playground.nodes:
        assert not node.docker.images.list(name="hello-world:latest")


RUN_REGISTRY = "run the cell that makes the service registry, then add grace"
ADD = (
    "make a secret with the lines of moby and grace, and let the service registry use it as members"
)
RUN_SHOP = "run a service called shop, 5 replicas of an image from your registry"
TRIED = "an update to a program that ends at once was tried, and its state is"

# Each action but nothing begins with the lesson's registry and puts it right: a clean swarm for each takes minutes.
TESTS = LessonTests(
    clean_each=False, extra=(check_that_tries_a_bad_update_leaves_the_service_as_it_was,)
)

CASES: Table = {
    "7.1": [
        Blank(nothing, RUN_REGISTRY),
        Blank(the_lessons_registry, ADD),
        Right(second_secret_by_an_update),
        Right(second_secret_by_the_command),
        Right(another_path),
        Right(with_comments),
        Wrong(
            secret_alone_and_by_tag,
            "grace gets 401: no service uses the secret members-2",
            "docker.services.get(…).update(secrets=[…], fetch_current_spec=True) with all it needs",
        ),
        Wrong(
            grace_alone,
            "moby with the password gordon gets 401, wanted 200: "
            "/run/secrets/members has a line for grace alone",
            "the new secret takes the place of the old one: it has to hold the lines of both",
        ),
        Wrong(
            under_its_own_name,
            "moby with the password gordon gets 401, wanted 200: "
            "the registry found no file at /run/secrets/members and made one, for a user called docker",
            "SecretReference(id, name, filename): "
            "below /run/secrets the file is called filename, else name",
        ),
        Wrong(
            sha_hash,
            "grace with the password hopper gets 401, wanted 200: the line of grace has no bcrypt",
            "a registry takes bcrypt alone",
        ),
        Wrong(
            end_of_line_hashed,
            "grace with the password hopper gets 401, wanted 200: "
            "the line of grace is bcrypt of another password",
            "an end of line that was hashed with it counts, too",
        ),
        Wrong(
            key_forgotten,
            "a registry with TLS answers on port 5000 of 0 of 5 nodes",
            "a task of registry says: task: non-zero exit (1)",
        ),
        Wrong(
            everybody_in,
            "GET /v2/ without a password gives 200, wanted 401",
            "REGISTRY_AUTH, and its realm and path, have to be among the service's variables",
        ),
        Wrong(
            any_password,
            "user moby with a wrong password gets 200, wanted 401",
            "REGISTRY_AUTH=htpasswd is the one that looks at passwords",
        ),
        Wrong(
            plain,
            "port 5000 speaks plain HTTP, wanted TLS",
            "REGISTRY_HTTP_TLS_CERTIFICATE and REGISTRY_HTTP_TLS_KEY, and the files they name",
        ),
        Wrong(
            as_a_config,
            "the config members-2 shows the members' hashes to anyone who asks a manager, "
            "wanted them in a secret",
            "docker.secrets.create, and SecretReference in place of ConfigReference",
        ),
        Wrong(
            without_the_store,
            "the registry has no site:1 any more: 404 MANIFEST_UNKNOWN",
            "its data are in the store: a service made again needs the same REGISTRY_STORAGE settings",
        ),
        Wrong(
            another_certificate,
            "5 of 5 nodes do not trust the certificate of registry.lab:5000",
            "serve the one of the lesson: the config registry.crt, with the secret registry.key",
        ),
    ],
    "7.2": [
        Blank(nothing, RUN_SHOP),
        Blank(the_lessons_registry, RUN_SHOP),
        Right(pinned_with_the_sdk),
        Right(by_the_command_that_pins, slow=True),
        Right(one_on_each_node, slow=True),
        Wrong(
            secret_alone_and_by_tag,
            "shop runs registry.lab:5000/shop:1, wanted it pinned by digest",
            "docker.images.get_registry_data(…).id is the digest; put @ before it",
        ),
        Wrong(
            from_docker_hub,
            "shop runs nginx, wanted an image from registry.lab:5000",
            "push it there, and name it registry.lab:5000/…",
        ),
        Wrong(
            four_replicas,
            "shop has 4 replicas, wanted 5",
            'docker.services.get("shop").scale(5)',
        ),
        Wrong(
            image_id_for_digest,
            "0 of 5 tasks of shop run",
            "No such image: registry.lab:5000/shop:1",
        ),
        Wrong(
            on_one_node,
            "all tasks of shop run on node1, wanted them on several nodes",
            "a constraint holds them there, or the others have no login to pull the image with",
        ),
        Wrong(
            all_at_once,
            "an update of shop replaces all tasks at once, wanted one after the other",
            "UpdateConfig(parallelism=1, …): where nothing is said, the SDK says 0, which is all at once",
        ),
        Wrong(
            pauses,
            f"{TRIED} paused; wanted rollback_completed",
            "UpdateConfig(failure_action=…) says what to do when a new task fails; "
            "without it an update pauses",
        ),
        Wrong(
            goes_on_to_the_last,
            f"{TRIED} completed; wanted rollback_completed",
            "UpdateConfig(failure_action=…) says what to do when a new task fails, "
            "and max_failure_ratio how many may",
            slow=True,
        ),
    ],
    "7.3": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "Nothing is listed, updated or started again, until a third manager is back.",
            choose("c"),
        ),
        Wrong(
            nothing,
            "Each engine runs its own containers. It needs a manager to be told what to change.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "A vote takes more than half of all managers, of those that are off too: three of five.",
            "",
            choose("b"),
        ),
    ],
    "7.4": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "The tag is looked up when a task starts. Only a digest says today what runs tomorrow.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "It keeps what was written into it. The docker command writes a digest, the SDK what you gave.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "There is no digest that could fail to fit: the SDK wrote the tag alone.",
            "",
            choose("c"),
        ),
    ],
}
