"""Right, blank and wrong answers to lesson 8."""

from __future__ import annotations

import base64
import hashlib
from contextlib import suppress
from typing import Any

import bcrypt
from docker.errors import APIError
from docker.types import ConfigReference, SecretReference, ServiceMode, UpdateConfig

from labs.lessons.common import SiteVersions
from labs.playground import Playground, service_spec
from labs.waiting import wait_until
from tests.lessons.actions import clean_swarm, nothing, stored
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong, choose

ADDRESS = "registry.lab:5000"
SITE, SECOND, LATEST = (f"{ADDRESS}/site:{tag}" for tag in ("1", "2", "latest"))
PAGE = "/usr/share/nginx/html/index.html"
LOGIN = f"echo gordon | docker login -u moby --password-stdin {ADDRESS}"
CREATE = "docker service create --detach --name site --replicas 3 --update-monitor 1s"
THREE = ServiceMode("replicated", 3)
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
    site = SiteVersions(playground, ADDRESS)
    site.push(1)
    site.push(2)


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


def digest_of(playground: Playground, image: str = SITE) -> str:
    """What the registry has for it; empty while its proxy has not found the task that runs now."""
    with suppress(APIError):
        return str(playground.node(1).docker.images.get_registry_data(image).id)
    return ""


def notice(playground: Playground, image: str = "nginx", **options: Any) -> None:
    """The service of 8.2, in a swarm with no more than the lesson's registry."""
    the_lessons_registry(playground)
    playground.node(1).docker.services.create(image, name="notice", **options)


def text(playground: Playground, target: str = PAGE) -> ConfigReference:
    the_lessons_registry(playground)  # before: it removes configs that are not its own
    return config(playground, "notice", b"back at ten\n", target)


def noticed(playground: Playground, target: str = PAGE, **options: Any) -> None:
    place = text(playground, target)
    playground.node(1).docker.services.create("nginx", name="notice", configs=[place], **options)


def page_by_the_sdk(playground: Playground) -> None:
    noticed(playground)


def page_by_the_command(playground: Playground) -> None:
    the_lessons_registry(playground)
    run(
        playground,
        "echo closed | docker config create words - && docker service create --detach --name notice "
        f"--config source=words,target={PAGE} nginx",
    )


def config_alone(playground: Playground) -> None:
    text(playground)


def page_beside_the_wrong_name(playground: Playground) -> None:
    noticed(playground, "/usr/share/nginx/html/notice.html")


def page_where_a_config_is_by_itself(playground: Playground) -> None:
    noticed(playground, "")


def page_from_a_secret(playground: Playground) -> None:
    the_lessons_registry(playground)
    notice_file = secret(playground, "notice", "back at ten\n", PAGE)
    playground.node(1).docker.services.create("nginx", name="notice", secrets=[notice_file])


def page_from_a_folder(playground: Playground) -> None:
    for node in playground.nodes:
        node.write_file("/srv/html/index.html", "back at ten\n")
    notice(playground, mounts=["/srv/html:/usr/share/nginx/html:ro"])


def page_of_apache(playground: Playground) -> None:
    place = text(playground)
    playground.node(1).docker.services.create("httpd:2", name="notice", configs=[place])


def page_on_two(playground: Playground) -> None:
    noticed(playground, mode=ServiceMode("replicated", 2))


def run(playground: Playground, command: str, node: int = 1) -> None:
    done = playground.node(node).exec(["sh", "-c", command])
    assert done.exit_code == 0, done.stderr


def site_without_a_login(playground: Playground) -> None:
    """The service that the lesson's cell makes, until a node has said what it lacks."""
    the_lessons_registry(playground)
    SiteVersions(playground, ADDRESS).forget()
    run(playground, f"{LOGIN} && {CREATE} {SITE}")
    wait_until(lambda: any(t.error for t in playground.swarm.tasks("site")), "an error")


def login_given_by_an_update(playground: Playground) -> None:
    site_without_a_login(playground)
    run(playground, f"docker service update --detach --with-registry-auth --image {SITE} site")


def login_given_by_force(playground: Playground) -> None:
    site_without_a_login(playground)
    run(playground, "docker service update --detach --with-registry-auth --force site")


def made_again_by_the_sdk(playground: Playground) -> None:
    site_without_a_login(playground)
    playground.swarm.remove("site")
    playground.node(1).docker.services.create(SITE, name="site", mode=THREE)


def on_each_node_by_the_sdk(playground: Playground) -> None:
    site_without_a_login(playground)
    playground.swarm.remove("site")
    playground.node(1).docker.services.create(SITE, name="site", mode=ServiceMode("global"))


def logged_in_by_hand(playground: Playground) -> None:
    site_without_a_login(playground)
    run(playground, f"{LOGIN} && docker image pull {SITE}", 2)
    run(playground, f"{LOGIN} && docker image pull {SITE}", 3)


def loaded_by_hand(playground: Playground) -> None:
    """The image carried to each node by hand under the right name, and a service without a login."""
    the_lessons_registry(playground)
    SiteVersions(playground, ADDRESS).forget()
    saved = b"".join(playground.node(1).docker.images.get(SITE).save(named=True))
    for node in playground.nodes[1:]:
        node.docker.images.load(saved)
    run(playground, f"docker logout {ADDRESS}; {CREATE} {SITE}")


def held_on_one_node(playground: Playground) -> None:
    the_lessons_registry(playground)
    run(
        playground,
        f"{LOGIN} && {CREATE} --with-registry-auth --constraint node.hostname==node1 {SITE}",
    )


def one_replica(playground: Playground) -> None:
    site_without_a_login(playground)
    run(playground, "docker service scale --detach site=1")


def floating(playground: Playground) -> None:
    """The service that the lesson's cells leave: one task of version 1, two of version 2."""
    the_lessons_registry(playground)
    site, engine = SiteVersions(playground, ADDRESS), playground.node(1).docker
    site.move_latest(1)
    engine.services.create(LATEST, name="floating")
    playground.swarm.wait("floating", running=1)
    site.move_latest(2)
    run(playground, "docker service scale --detach floating=3")
    playground.swarm.wait("floating", running=3)


def names(playground: Playground, image: str) -> None:
    playground.node(1).docker.services.get("floating").update(image=image, fetch_current_spec=True)


def pinned_by_the_sdk(playground: Playground) -> None:
    floating(playground)
    names(playground, f"{SECOND}@{digest_of(playground, SECOND)}")


def pinned_without_a_tag(playground: Playground) -> None:
    floating(playground)
    names(playground, f"{ADDRESS}/site@{digest_of(playground, SECOND)}")


def pinned_by_the_command(playground: Playground) -> None:
    floating(playground)
    command = f"docker service update --detach --with-registry-auth --image {SECOND} floating"
    run(playground, f"{LOGIN} && {command}")


def named_by_another_tag(playground: Playground) -> None:
    floating(playground)
    names(playground, SECOND)


def pinned_to_version_1(playground: Playground) -> None:
    floating(playground)
    names(playground, f"{SECOND}@{digest_of(playground, SITE)}")


def pinned_to_the_id_of_the_image(playground: Playground) -> None:
    floating(playground)
    names(playground, f"{SECOND}@{playground.node(1).docker.images.get(SECOND).id}")


def pinned_and_four_replicas(playground: Playground) -> None:
    floating(playground)
    names(playground, f"{SECOND}@{digest_of(playground, SECOND)}")
    run(playground, "docker service scale --detach floating=4")


def one_wrong_answer_to_each(playground: Playground) -> None:
    """A wrong answer to each exercise: to put the registry right in between takes longer than all four."""
    notice(playground)
    run(playground, f"{CREATE} nginx:latest")
    pinned = f"{SECOND}@{digest_of(playground, SITE)}"
    playground.node(1).docker.services.create(pinned, name="floating", mode=THREE)
    secret(playground, "members-2", MOBY + GRACE)


RUN_REGISTRY = "run the cell that makes the service registry, then add grace"
ADD = (
    "make a secret with the lines of moby and grace, and let the service registry use it as members"
)
# Each action but nothing begins with the lesson's registry and puts it right: a clean swarm for each takes minutes.
TESTS = LessonTests(clean_each=False)

RUN_NOTICE = "run a service called notice, whose page is a config"
RUN_SITE = "run the cell that makes the service site, then repair it"
RUN_FLOATING = "run the cells that make floating and move the tag"
GIVE = "docker service update --with-registry-auth gives the login of node 1 to the swarm"

CASES: Table = {
    "8.1": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "So a key or a hash is a secret's business, and a certificate may be a config.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "A secret's content is never given back. Lose your own copy, and you make a new secret.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "A config is not hidden: its `Data` is in what inspect shows.",
            "",
            choose("c"),
        ),
    ],
    "8.2": [
        Blank(nothing, RUN_NOTICE),
        Blank(the_lessons_registry, RUN_NOTICE),
        Right(page_by_the_sdk),
        Right(page_by_the_command),
        Wrong(
            one_wrong_answer_to_each,
            "notice uses no config",
            "configs=[ConfigReference(id, name, path)] of services.create",
        ),
        Wrong(
            config_alone,
            "there is a config notice, and no service called notice",
            'docker.services.create("nginx", name="notice", configs=[…])',
        ),
        Wrong(
            page_beside_the_wrong_name,
            f"the config notice is at /usr/share/nginx/html/notice.html in the task, wanted {PAGE}",
            "ConfigReference(id, name, path): the third says where",
        ),
        Wrong(
            page_where_a_config_is_by_itself,
            f"the config notice is at /notice in the task, wanted {PAGE}",
            "ConfigReference(id, name, path): the third says where",
        ),
        Wrong(
            page_from_a_secret,
            "the page of notice is the secret notice, wanted a config",
            "everyone may see a page: docker.configs.create, and ConfigReference in configs=[…]",
        ),
        Wrong(
            page_from_a_folder,
            "/usr/share/nginx/html of notice is a mount, wanted its page from a config",
            "a folder is on one node, and a task may start on any",
        ),
        Wrong(
            page_of_apache,
            "notice runs httpd:2, wanted nginx",
            "its page is where nginx looks for it",
        ),
        Wrong(
            page_on_two,
            "notice has 2 replicas, wanted 1",
            'docker.services.get("notice").scale(1)',
        ),
    ],
    "8.3": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "The task must read it. `docker exec` on that node can read it too, so guard the engines.",
            choose("c"),
        ),
        Wrong(
            nothing,
            "It shows variables, paths and the names of secrets, not what is in them.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "The file is in memory. Managers keep secrets on their disks, encrypted.",
            "",
            choose("b"),
        ),
    ],
    "8.4": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "The pull failed, and the task tells the last of it. Think of the login when you read this.",
            choose("c"),
        ),
        Wrong(
            nothing,
            "A login is kept where it was made. The swarm gets it if you say so.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "So says an engine that you ask to pull. A task tells only that its image is not there.",
            "",
            choose("b"),
        ),
    ],
    "8.5": [
        Blank(nothing, RUN_SITE),
        Blank(
            site_without_a_login, "site runs on node1 alone: the other nodes cannot pull its image"
        ),
        Right(login_given_by_an_update),
        Right(login_given_by_force),
        Right(made_again_by_the_sdk),
        Right(on_each_node_by_the_sdk),
        Wrong(
            one_wrong_answer_to_each,
            "site runs nginx:latest, wanted an image from registry.lab:5000",
            "push it there, and name it registry.lab:5000/…",
        ),
        Wrong(
            logged_in_by_hand,
            "node2 is logged in to registry.lab:5000 by hand, wanted the login to come with the service",
            f"docker logout registry.lab:5000 there; {GIVE}",
        ),
        Wrong(
            loaded_by_hand,
            "the image of 2 of 3 tasks did not come from the registry",
            f"an image that was loaded by hand is on one node only; {GIVE}",
        ),
        Wrong(
            held_on_one_node,
            "the tasks of site run on node1, wanted one on each node",
            GIVE,
        ),
        Wrong(
            one_replica,
            "site has 1 replicas, wanted 3",
            'docker.services.get("site").scale(3)',
        ),
    ],
    "8.6": [
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
    "8.7": [
        Blank(nothing, RUN_FLOATING),
        Blank(floating, "floating runs registry.lab:5000/site:latest: pin it to version 2"),
        Right(pinned_by_the_sdk),
        Right(pinned_without_a_tag),
        Right(pinned_by_the_command),
        Wrong(
            one_wrong_answer_to_each,
            "floating is pinned to version 1, wanted version 2",
            'docker.images.get_registry_data("registry.lab:5000/site:2").id is the digest of version 2',
        ),
        Wrong(
            named_by_another_tag,
            "floating runs registry.lab:5000/site:2, wanted it pinned by digest",
            "docker.images.get_registry_data(…).id is the digest; put @ before it",
        ),
        Wrong(
            pinned_to_version_1,
            "floating is pinned to version 1, wanted version 2",
            'docker.images.get_registry_data("registry.lab:5000/site:2").id is the digest of version 2',
        ),
        Wrong(
            pinned_to_the_id_of_the_image,
            "floating is pinned to a digest that is none of the registry's site:2",
            "the id of an image is another digest: ask docker.images.get_registry_data",
        ),
        Wrong(
            pinned_and_four_replicas,
            "floating has 4 replicas, wanted 3",
            'docker.services.get("floating").scale(3)',
        ),
    ],
    "8.8": [
        Blank(nothing, RUN_REGISTRY),
        Blank(the_lessons_registry, ADD),
        Right(second_secret_by_an_update),
        Right(second_secret_by_the_command),
        Right(another_path),
        Right(with_comments),
        Wrong(
            one_wrong_answer_to_each,
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
            "a registry with TLS answers on port 5000 of 0 of 3 nodes",
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
            "3 of 3 nodes do not trust the certificate of registry.lab:5000",
            "serve the one of the lesson: the config registry.crt, with the secret registry.key",
        ),
    ],
}
