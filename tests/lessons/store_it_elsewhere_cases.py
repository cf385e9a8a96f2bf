"""Right, blank and wrong answers to lesson 12.

The store outlives the cleaning between two cases: each that must find it empty has a root directory of its own.
"""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import httpx
import pytest

from labs import lessons
from labs.lesson import PullFailed, transfer
from labs.lesson.lab import Lab
from labs.lessons.store_it_elsewhere.archive_images import SHOP, TOOLS, fill
from labs.lessons.store_it_elsewhere.broken_depot import BUCKET, REGION, break_depot
from labs.lessons.store_it_elsewhere.build_server import Builds, start_builds
from labs.playground import Playground
from labs.registry import Index, RegistryClient
from labs.waiting import wait_until
from tests.lessons.actions import nothing, push, run, stored, wait
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong, choose

S3 = "REGISTRY_STORAGE_S3_"
REDIRECT = "REGISTRY_STORAGE_REDIRECT_DISABLE"
CONFIG = "/etc/docker/registry/config.yml"
READONLY = {"REGISTRY_STORAGE_MAINTENANCE": '{"readonly": {"enabled": true}}'}
DISK = ["/srv/archive:/var/lib/registry"]


def s3(playground: Playground, root: str = "", **other: str) -> dict[str, str]:
    """Variables of a registry that keeps its data in the store; those of the driver by their last part."""
    settings = {k: v for k, v in stored(playground).items() if k != REDIRECT}
    where = {f"{S3}ROOTDIRECTORY": root} if root else {}
    return settings | where | {f"{S3}{name}": value for name, value in other.items()}


def registry(
    playground: Playground, port: int, environment: dict[str, str], name: str = "own", **more: Any
) -> None:
    for old in playground.node(1).docker.containers.list(all=True, filters={"name": f"^/{name}$"}):
        old.remove(force=True)
    run(playground, name, environment=environment, ports={"5000/tcp": port}, **more)
    wait(playground, port)


def push_hello(playground: Playground, port: int) -> None:
    push(playground, "hello-world", f"127.0.0.1:{port}/hello-world:latest")


def sh(playground: Playground, command: str) -> str:
    done = playground.node(1).exec(["bash", "-c", command])
    assert done.exit_code == 0, done.stdout + done.stderr
    return done.stdout.strip()


# 12.3


def address(playground: Playground) -> str:
    return playground.store.endpoint.split("/")[2].split(":")[0]


def hidden(playground: Playground, **environment: str) -> None:
    """As the lesson's cell leaves it, with further variables."""
    sh(playground, "grep -v hidden /etc/hosts >/tmp/hosts; cat /tmp/hosts >/etc/hosts")
    registry(playground, 5000, s3(playground, "/hidden"), "registry")
    push_hello(playground, 5000)
    by_name = s3(playground, "/hidden", REGIONENDPOINT="http://hidden.store:8080")
    known = {"hidden.store": address(playground)}
    registry(playground, 5000, by_name | environment, "registry", extra_hosts=known)


def left_by_the_lesson(playground: Playground) -> None:
    hidden(playground)


def lessons_first_registry(playground: Playground) -> None:
    registry(playground, 5000, s3(playground), "registry")
    push_hello(playground, 5000)


def redirect_off(playground: Playground) -> None:
    hidden(playground, **{REDIRECT: "true"})


def redirect_off_as_a_section(playground: Playground) -> None:
    hidden(playground, REGISTRY_STORAGE_REDIRECT="{disable: true}")


def name_known_to_the_node(playground: Playground) -> None:
    hidden(playground)
    sh(playground, f"echo {address(playground)} hidden.store >>/etc/hosts")


def endpoint_that_all_reach(playground: Playground) -> None:
    registry(playground, 5000, s3(playground, "/hidden"))
    push_hello(playground, 5000)


def variable_of_the_driver(playground: Playground) -> None:
    hidden(playground, **{f"{S3}REDIRECT_DISABLE": "true"})


def redirect_left_on(playground: Playground) -> None:
    hidden(playground, **{REDIRECT: "false"})


def pull_hidden(playground: Playground) -> None:
    """As the lesson's cell: it removes the image from the engine, and the pull fails."""
    engine = playground.node(1).docker
    image = engine.images.get("127.0.0.1:5000/hello-world")
    engine.images.remove(image.id, force=True)
    with pytest.raises(PullFailed):
        transfer.pull(engine, "127.0.0.1:5000/hello-world:latest")


def pulled_once(playground: Playground) -> None:
    hidden(playground)
    pull_hidden(playground)


def pulled_twice(playground: Playground) -> None:
    pulled_once(playground)
    with pytest.raises(PullFailed):
        transfer.pull(playground.node(1).docker, "127.0.0.1:5000/hello-world:latest")


def insecure_in_the_engine(playground: Playground) -> None:
    hidden(playground)
    # Its engine is started again, and ends what it ran.
    playground.node(1).configure_engine({"insecure-registries": ["hidden.store:8080"]})
    playground.node(1).docker.containers.get("registry").start()
    wait(playground, 5000)


def started_again(playground: Playground) -> None:
    hidden(playground)
    playground.node(1).docker.containers.get("registry").restart(timeout=2)
    wait(playground, 5000)


def a_second_registry_that_ended(playground: Playground) -> None:
    hidden(playground)
    run(playground, "second", environment={"REGISTRY_STORAGE": "azure"}).wait(timeout=30)


def wrong_address_in_the_node(playground: Playground) -> None:
    hidden(playground)
    sh(playground, "echo 127.0.0.9 hidden.store >>/etc/hosts")


def back_on_the_disk(playground: Playground) -> None:
    registry(playground, 5000, {})
    push_hello(playground, 5000)


def another_root(playground: Playground) -> None:
    registry(playground, 5000, s3(playground, "/visible") | {REDIRECT: "true"})
    push_hello(playground, 5000)


# 12.5


def broken(playground: Playground) -> None:
    break_depot(Lab(lessons.find("store-it-elsewhere"), playground))


def repaired(playground: Playground, **wrong: str) -> None:
    broken(playground)
    registry(playground, 5002, s3(playground, "/depot", **wrong), "depot")


def settings_right(playground: Playground) -> None:
    repaired(playground)


def right_by_a_file(playground: Playground) -> None:
    broken(playground)
    write_config(playground, "/depot")
    registry(playground, 5002, {}, "depot", volumes=[f"/srv/own/config.yml:{CONFIG}"])


def region_only(playground: Playground) -> None:
    repaired(playground, SECRETKEY="cut off", BUCKET="registri")


def secret_and_region_only(playground: Playground) -> None:
    repaired(playground, BUCKET="missing")


def region_left(playground: Playground) -> None:
    repaired(playground, REGION=REGION)


def bucket_made(playground: Playground) -> None:
    playground.store.make_bucket(BUCKET)
    repaired(playground, BUCKET=BUCKET)
    push_hello(playground, 5002)


def root_left_out(playground: Playground) -> None:
    broken(playground)
    registry(playground, 5002, s3(playground), "depot")
    push_hello(playground, 5002)


def depot_on_the_disk(playground: Playground) -> None:
    broken(playground)
    registry(playground, 5002, {}, "depot")
    push_hello(playground, 5002)


# 12.6


def config(playground: Playground, root: str = "/vault") -> bytes:
    store = playground.store
    driver = {
        "regionendpoint": store.endpoint,
        "region": "us-east-1",
        "bucket": store.bucket,
        "accesskey": store.access_key,
        "secretkey": store.secret_key,
        "rootdirectory": root,
    }
    whole = {"version": 0.1, "storage": {"s3": driver}, "http": {"addr": ":5000"}}
    return json.dumps(whole).encode()


def write_config(playground: Playground, root: str = "/vault", mode: int = 0o600) -> None:
    playground.node(1).write_file("/srv/own/config.yml", config(playground, root), mode=mode)


def vault(playground: Playground, environment: dict[str, str], **more: Any) -> None:
    registry(playground, 5001, environment, "vault", **more)
    push_hello(playground, 5001)


def config_mounted(playground: Playground) -> None:
    write_config(playground)
    vault(playground, {}, volumes=[f"/srv/own/config.yml:{CONFIG}:ro"])


def config_of_another_name(playground: Playground) -> None:
    """Readable, in a folder that is closed."""
    write_config(playground, mode=0o644)
    sh(playground, "chmod 700 /srv/own")
    vault(playground, {}, command=["serve", "/own/config.yml"], volumes=["/srv/own:/own:ro"])


def credentials_file(playground: Playground) -> None:
    store = playground.store
    lines = f"aws_access_key_id = {store.access_key}\naws_secret_access_key = {store.secret_key}\n"
    playground.node(1).write_file("/srv/own/aws", f"[default]\n{lines}", mode=0o600)
    open_settings = {k: v for k, v in s3(playground, "/vault").items() if "KEY" not in k}
    file = {"AWS_SHARED_CREDENTIALS_FILE": "/own/aws"}
    vault(playground, open_settings | file, volumes=["/srv/own:/own:ro"])


def secret_in_a_variable(playground: Playground) -> None:
    vault(playground, s3(playground, "/vault"))


def secret_in_a_section(playground: Playground) -> None:
    section = json.loads(config(playground))["storage"]
    vault(playground, {"REGISTRY_STORAGE": json.dumps(section)})


def secret_as_an_argument(playground: Playground) -> None:
    text = config(playground).decode()
    command = ["-c", f"echo '{text}' >/tmp/own.yml; exec registry serve /tmp/own.yml"]
    vault(playground, {}, entrypoint="/bin/sh", command=command)


def secret_as_a_label(playground: Playground) -> None:
    write_config(playground)
    label = {"key": playground.store.secret_key}
    vault(playground, {}, labels=label, volumes=[f"/srv/own/config.yml:{CONFIG}:ro"])


def config_in_an_image(playground: Playground) -> None:
    context = io.BytesIO()
    files = {"Dockerfile": f"FROM registry:2\nCOPY c {CONFIG}\n".encode(), "c": config(playground)}
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, content in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))
    context.seek(0)
    engine = playground.node(1).docker
    engine.images.build(fileobj=context, custom_context=True, tag="mine/registry:2", rm=True)
    engine.containers.run("mine/registry:2", name="vault", detach=True, ports={"5000/tcp": 5001})
    wait(playground, 5001)
    push_hello(playground, 5001)


def config_that_all_can_read(playground: Playground) -> None:
    write_config(playground, mode=0o644)
    vault(playground, {}, volumes=[f"/srv/own/config.yml:{CONFIG}:ro"])


def copy_that_all_can_read(playground: Playground) -> None:
    """The first try's file is left; the one that is mounted is closed."""
    playground.node(1).write_file("/srv/first/config.yml", config(playground))
    config_mounted(playground)


def copy_in_the_folder_for_all(playground: Playground) -> None:
    playground.node(1).write_file("/tmp/aws", f"key = {playground.store.secret_key}\n")
    config_mounted(playground)


def variables_of_the_first_try(playground: Playground) -> None:
    secret_in_a_variable(playground)
    first = playground.node(1).docker.containers.get("vault")
    first.stop(timeout=2)
    first.rename("first-try")
    config_mounted(playground)


def copy_that_is_gone(playground: Playground) -> None:
    copy_that_all_can_read(playground)
    sh(playground, "rm -r /srv/first")


def config_of_version_3(playground: Playground) -> None:
    write_config(playground)
    vault(playground, {}, volumes=["/srv/own/config.yml:/etc/distribution/config.yml:ro"])


def vault_at_the_top(playground: Playground) -> None:
    write_config(playground, "")
    vault(playground, {}, volumes=[f"/srv/own/config.yml:{CONFIG}:ro"])


def section_replaced(playground: Playground) -> None:
    """The file has the keys, and a variable replaces the whole section."""
    write_config(playground)
    settings = {k: v for k, v in s3(playground, "/vault").items() if "KEY" not in k}
    registry(playground, 5001, settings, "vault", volumes=[f"/srv/own/config.yml:{CONFIG}:ro"])


def vault_not_pushed(playground: Playground) -> None:
    write_config(playground, "/vault-empty")
    registry(playground, 5001, {}, "vault", volumes=[f"/srv/own/config.yml:{CONFIG}:ro"])


# 12.7


def filled(playground: Playground) -> str:
    """As the lesson's cell, which removes what an earlier try left; the digest that no tag names."""
    sh(playground, "docker rm -f archive; rm -rf /srv/archive")
    registry(playground, 5003, {}, "archive", volumes=DISK)
    return fill(playground.node(1).url(5003))


def building(playground: Playground) -> str:
    pinned = filled(playground)
    start_builds(playground.node(1))
    return pinned


def until_accepted(playground: Playground, more: int = 1) -> None:
    before = len(Builds.read(playground.node(1)).accepted)
    wait_until(lambda: len(Builds.read(playground.node(1)).accepted) >= before + more, "a build")


def stop_pushes(playground: Playground) -> None:
    until_accepted(playground)
    registry(playground, 5003, READONLY, "archive", volumes=DISK)


def copy(playground: Playground, repository: str, reference: str) -> None:
    """One image from port 5003 to 5004, by the API."""
    node = playground.node(1)
    source = RegistryClient(node.url(5003))
    found = source.manifest(repository, reference)
    children = found.manifests if isinstance(found, Index) else ()
    for child in children:
        copy(playground, repository, child.digest)
    with httpx.Client(base_url=node.url(5004), trust_env=False, timeout=60) as target:
        for part in () if children else (found.config, *found.layers):  # type: ignore[union-attr]
            place = target.post(f"/v2/{repository}/blobs/uploads/").headers["location"]
            content = source.blob(repository, part.digest)
            target.put(f"{place}&digest={part.digest}", content=content).raise_for_status()
        path, kind = f"/v2/{repository}/manifests/{reference}", {"Content-Type": found.media_type}
        target.put(path, content=found.content, headers=kind).raise_for_status()


def copy_tags(playground: Playground, *, signatures: bool = True) -> None:
    old = RegistryClient(playground.node(1).url(5003))
    for repository in old.catalog():
        for tag in old.tags(repository):
            if signatures or not tag.endswith(".sig"):
                copy(playground, repository, tag)


def switch(playground: Playground, settings: dict[str, str], **more: Any) -> None:
    playground.node(1).docker.containers.get("new").remove(force=True)
    registry(playground, 5003, settings, "archive", **more)


def move(playground: Playground, settings: dict[str, str], *, untagged: bool = True) -> None:
    pinned = building(playground)
    stop_pushes(playground)
    registry(playground, 5004, settings, "new")
    copy_tags(playground)
    if untagged:
        copy(playground, SHOP, pinned)
    switch(playground, settings)


def moved_by_the_api(playground: Playground) -> None:
    move(playground, s3(playground, "/moved"))


def moved_to_swift_by_a_file(playground: Playground) -> None:
    store = playground.store
    driver = {"authurl": store.auth_url, "username": store.access_key, "container": "moved"}
    section = {"swift": {**driver, "password": store.secret_key}}
    move(playground, {"REGISTRY_STORAGE": json.dumps(section)})


# The folder as one tar archive, which Swift unpacks into objects: its bulk upload.
UPLOAD = """cd /srv/archive && tar cf /srv/all.tar --transform 's,^,files/,' docker
ask() { exec 3<>/dev/tcp/$STORE/8080; cat >&3; cat <&3; }
token=$(printf 'GET /auth/v1.0 HTTP/1.0\\r\\nX-Auth-User: %s\\r\\nX-Auth-Key: %s\\r\\n\\r\\n' "$NAME" "$KEY" \
  | ask | tr -d '\\r' | sed -n 's/^X-Auth-Token: //p')
put='PUT /v1/AUTH_course/registry?extract-archive=tar HTTP/1.0'
{ printf "$put\\r\\nX-Auth-Token: %s\\r\\nContent-Length: %s\\r\\n\\r\\n" \
  "$token" "$(stat -c %s /srv/all.tar)"; cat /srv/all.tar; } | ask | grep 'Response Status: 201'"""


def moved_as_files(playground: Playground) -> None:
    """The registry is off meanwhile, which loses no push either."""
    building(playground)
    until_accepted(playground)
    playground.node(1).docker.containers.get("archive").remove(force=True)
    store = playground.store
    values = {"STORE": address(playground), "NAME": store.access_key, "KEY": store.secret_key}
    given = " ".join(f"{name}={value}" for name, value in values.items())
    sh(playground, f"export {given}\n{UPLOAD}")
    registry(playground, 5003, s3(playground, "/files"), "archive")


def copied_and_not_switched(playground: Playground) -> None:
    building(playground)
    registry(playground, 5004, s3(playground, "/unswitched"), "new")
    copy_tags(playground)


def still_read_only(playground: Playground) -> None:
    building(playground)
    stop_pushes(playground)


def new_one_read_only(playground: Playground) -> None:
    settings = s3(playground, "/read-only")
    move(playground, settings)
    registry(playground, 5003, settings | READONLY, "archive")


def without_pinned(playground: Playground) -> None:
    move(playground, s3(playground, "/tags"), untagged=False)


def without_signatures(playground: Playground) -> None:
    settings = s3(playground, "/unsigned")
    pinned = building(playground)
    stop_pushes(playground)
    registry(playground, 5004, settings, "new")
    copy_tags(playground, signatures=False)
    copy(playground, SHOP, pinned)
    switch(playground, settings)


def pulled_and_pushed(playground: Playground) -> None:
    """By the engine, which takes one image of an index and packs it again."""
    settings = s3(playground, "/packed")
    building(playground)
    stop_pushes(playground)
    registry(playground, 5004, settings, "new")
    engine = playground.node(1).docker
    for repository, tag in [(SHOP, "latest"), (SHOP, "2"), (TOOLS, "1")]:
        transfer.pull(engine, f"127.0.0.1:5003/{repository}:{tag}")
        image = engine.images.get(f"127.0.0.1:5003/{repository}:{tag}")
        image.tag(f"127.0.0.1:5004/{repository}", tag=tag)
        transfer.push(engine, f"127.0.0.1:5004/{repository}:{tag}")
    switch(playground, settings)


def pushes_meanwhile(playground: Playground) -> None:
    """The old registry takes pushes until the switch."""
    settings = s3(playground, "/meanwhile")
    pinned = building(playground)
    registry(playground, 5004, settings, "new")
    copy_tags(playground)
    copy(playground, SHOP, pinned)
    until_accepted(playground)
    switch(playground, settings)


def nobody_pushes(playground: Playground) -> None:
    settings = s3(playground, "/quiet")
    pinned = filled(playground)
    registry(playground, 5004, settings, "new")
    copy_tags(playground)
    copy(playground, SHOP, pinned)
    switch(playground, settings)


def empty_in_the_store(playground: Playground) -> None:
    building(playground)
    registry(playground, 5003, s3(playground, "/empty"), "archive")


def moved_to_another_folder(playground: Playground) -> None:
    building(playground)
    registry(playground, 5003, {}, "archive", volumes=["/srv/other:/var/lib/registry"])


def moved_in_an_earlier_try(playground: Playground) -> None:
    """All is in the store already; the archive is filled again, and nothing is copied."""
    move(playground, s3(playground, "/again"))
    building(playground)
    until_accepted(playground)
    registry(playground, 5003, s3(playground, "/again"), "archive")


def filled_a_second_time(playground: Playground) -> None:
    """The archive is off, and the lesson's cell fills the new registry instead of a move."""
    building(playground)
    settings = s3(playground, "/second")
    playground.node(1).docker.containers.get("archive").remove(force=True)
    registry(playground, 5003, settings, "archive")
    fill(playground.node(1).url(5003))


def tags_from_a_second_fill(playground: Playground) -> None:
    """What only the archive has is copied; builds that it accepted are not."""
    pinned = building(playground)
    stop_pushes(playground)
    registry(playground, 5004, s3(playground, "/refilled"), "new")
    fill(playground.node(1).url(5004))
    copy(playground, SHOP, pinned)
    switch(playground, s3(playground, "/refilled"))


def tags_from_a_second_fill_and_all_builds(playground: Playground) -> None:
    """The same bytes as by a copy, and all that only the archive has; the second fill's own image gives it away."""
    pinned = building(playground)
    stop_pushes(playground)
    settings = s3(playground, "/beside")
    registry(playground, 5004, settings, "new")
    node = playground.node(1)
    fill(node.url(5004))
    copy(playground, SHOP, pinned)
    for tag in RegistryClient(node.url(5003)).tags(TOOLS):
        if tag.startswith("build-"):
            copy(playground, TOOLS, tag)
    switch(playground, settings)


def moved_after_two_fills_of_the_archive(playground: Playground) -> None:
    """The archive has the image of a second fill itself, and it is moved with the rest."""
    pinned = building(playground)
    second = fill(playground.node(1).url(5003))
    stop_pushes(playground)
    settings = s3(playground, "/twice")
    registry(playground, 5004, settings, "new")
    copy_tags(playground)
    copy(playground, SHOP, pinned)
    copy(playground, SHOP, second)
    switch(playground, settings)


def accepted_by_the_new_one_only(playground: Playground) -> None:
    """The archive was read-only before the builds began."""
    pinned = filled(playground)
    registry(playground, 5003, READONLY, "archive", volumes=DISK)
    registry(playground, 5004, s3(playground, "/early"), "new")
    copy_tags(playground)
    start_builds(playground.node(1))
    copy_tags(playground)
    copy(playground, SHOP, pinned)
    switch(playground, s3(playground, "/early"))


NAME_FIRST = "run a registry that answers on port {}"
STORE = "REGISTRY_STORAGE=s3, with the endpoint, region, bucket and keys of lab.store"
ROOT = "what was pushed is below a root directory: REGISTRY_STORAGE_S3_ROOTDIRECTORY"
PULL = "let node 1 pull hello-world from port 5000"
NOT_REACHED = "{}, and still node 1 gets nothing at hidden.store:8080, where port 5000 sends it"
OTHER_SETTINGS = NOT_REACHED.format("container registry has other settings")
EITHER = (
    "either it sends the bytes itself, REGISTRY_STORAGE_REDIRECT_DISABLE=true, "
    "or the node reaches the store by the name that it is sent to"
)
FILE = "put the settings into a file of the node, and mount that: volumes=[…]"
COPY = 'a copy that is left is as open as the one in use: remove it, lab.node().exec(["rm", path])'
SHOWN = "docker inspect shows the secret of container vault, in {}"
AGAIN = "run the cell that fills the archive and starts the build server again, and move while it pushes"
TAGS = "lab.http(5003).get('/v2/…/tags/list') lists all tags of a repository, signatures too"
BY_PINNED = (
    "no tag names it: copy it by its digest, which is in the variable pinned. "
    "Pushed by a second fill, it is another"
)
LOST = (
    "before you read the list of tags, and until the switch, the old registry has to refuse pushes: "
    'REGISTRY_STORAGE_MAINTENANCE={"readonly": {"enabled": true}}'
)

CASES: Table = {
    "12.1": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Wrong(
            nothing,
            "It adds a section beside the filesystem of the image's file: two drivers, and a panic.",
            "",
            choose("a"),
        ),
        Right(
            nothing, "The name alone takes the place of the whole section in the file.", choose("b")
        ),
        Wrong(
            nothing,
            "The section storage has no setting called driver: each driver is a section of its own name.",
            "",
            choose("c"),
        ),
    ],
    "12.2": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Wrong(
            nothing,
            "With the s3 driver it does. The swift driver writes a blob in segments, elsewhere.",
            "",
            choose("a"),
        ),
        Right(
            nothing,
            "It is a large object: an empty one that says where its segments are. They have the bytes.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "A chunk is the most that a segment has; the last one is as long as what is left.",
            "",
            choose("c"),
        ),
    ],
    "12.3": [
        Right(redirect_off),
        Right(redirect_off_as_a_section),
        Right(name_known_to_the_node),
        Right(endpoint_that_all_reach),
        Blank(nothing, NAME_FIRST.format(5000)),
        Blank(
            lessons_first_registry,
            "the registry on port 5000 keeps its data in registry, wanted registry/hidden: "
            f"run the cell with hidden.store if you have not; then {PULL}",
        ),
        Blank(left_by_the_lesson, PULL),
        Blank(pulled_once, PULL),
        Wrong(
            back_on_the_disk,
            "what is pushed to port 5000 does not arrive in the store, wanted it in registry/hidden",
            STORE,
        ),
        Wrong(variable_of_the_driver, OTHER_SETTINGS, EITHER),
        Wrong(redirect_left_on, OTHER_SETTINGS, EITHER),
        Wrong(
            wrong_address_in_the_node,
            NOT_REACHED.format("/etc/hosts of node 1 was changed"),
            EITHER,
        ),
        Wrong(
            insecure_in_the_engine,
            NOT_REACHED.format("/etc/docker/daemon.json of node 1 was changed"),
            EITHER,
        ),
        Wrong(started_again, NOT_REACHED.format("container registry was started again"), EITHER),
        Wrong(pulled_twice, NOT_REACHED.format("node 1 has tried to pull again"), EITHER),
        Wrong(
            a_second_registry_that_ended,
            NOT_REACHED.format("container second was run beside it"),
            EITHER,
        ),
        Wrong(
            another_root,
            "the registry on port 5000 writes to registry/visible of the store, wanted registry/hidden",
            ROOT,
        ),
    ],
    "12.4": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Wrong(
            nothing,
            "Settings that are missing or unknown are a panic. Whether a key is right, only the store knows.",
            "",
            choose("a"),
        ),
        Right(
            nothing,
            "It has not asked the store yet. What needs the store answers 500, and later all answers 503.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "401 is about the client's password for the registry, not about the registry's for the store.",
            "",
            choose("c"),
        ),
    ],
    "12.5": [
        Right(settings_right),
        Right(right_by_a_file),
        Blank(nothing, NAME_FIRST.format(5002)),
        Blank(broken, "find out what the registry on port 5002 complains of, and repair it"),
        Wrong(
            region_only,
            "the registry on port 5002 answers 500, and its log says SignatureDoesNotMatch",
            "REGISTRY_STORAGE_S3_SECRETKEY signs each request: compare it with lab.store.secret_key",
        ),
        Wrong(
            region_left,
            "the registry on port 5002 answers 500, and its log says AuthorizationHeaderMalformed",
            "the store says which region it expects: REGISTRY_STORAGE_S3_REGION",
        ),
        Wrong(
            secret_and_region_only,
            "the registry on port 5002 answers 500, and its log says NoSuchBucket",
            "lab.store.bucket is the name of the one that is there",
        ),
        Wrong(
            root_left_out,
            "the registry on port 5002 writes to registry of the store, wanted registry/depot",
            ROOT,
        ),
        Wrong(
            bucket_made,
            "the registry on port 5002 writes to registri/depot of the store, wanted registry/depot",
            ROOT,
        ),
        Wrong(
            depot_on_the_disk,
            "what is pushed to port 5002 does not arrive in the store, wanted it in registry/depot",
            STORE,
        ),
    ],
    "12.6": [
        Right(config_mounted),
        Right(config_of_another_name),
        Right(credentials_file),
        Right(copy_that_is_gone),
        Blank(nothing, NAME_FIRST.format(5001)),
        Wrong(secret_in_a_variable, SHOWN.format("Env"), FILE),
        Wrong(secret_in_a_section, SHOWN.format("Env"), FILE),
        Wrong(secret_as_an_argument, SHOWN.format("Cmd"), FILE),
        Wrong(secret_as_a_label, SHOWN.format("Labels"), FILE),
        Wrong(
            config_in_an_image,
            "container vault is made from an image of your own, wanted registry:2",
            "a file in an image goes to everyone who gets the image: mount the file instead",
        ),
        Wrong(
            config_that_all_can_read,
            "every user of the node can read the secret in /srv/own/config.yml",
            "lab.node().write_file(path, content, mode=0o600)",
        ),
        Wrong(
            copy_that_all_can_read,
            "every user of the node can read the secret in /srv/first/config.yml, which container vault does not use",
            COPY,
        ),
        Wrong(
            copy_in_the_folder_for_all,
            "every user of the node can read the secret in /tmp/aws, which container vault does not use",
            COPY,
        ),
        Wrong(
            variables_of_the_first_try,
            "docker inspect shows the secret of container first-try, in Env: it was for port 5001 too",
            "what was tried before is still there: lab.remove('first-try')",
        ),
        Wrong(
            config_of_version_3,
            "what is pushed to port 5001 does not arrive in the store",
            "a configuration file replaces the one in the image: /etc/docker/registry/config.yml",
        ),
        Wrong(
            vault_at_the_top,
            "the registry on port 5001 writes to the top of registry in the store, wanted a root directory",
            "rootdirectory below s3 in the file, or REGISTRY_STORAGE_S3_ROOTDIRECTORY",
        ),
        Wrong(
            section_replaced,
            "the registry on port 5001 has found no keys for the store",
            "REGISTRY_STORAGE=s3 in a variable replaces the section of your file, and its keys: leave it out",
        ),
        Wrong(
            vault_not_pushed,
            "the registry on port 5001 has no hello-world:latest",
            "push 127.0.0.1:5001/hello-world:latest",
        ),
    ],
    "12.7": [
        Right(moved_by_the_api),
        Right(moved_to_swift_by_a_file),
        Right(moved_as_files),
        Right(moved_after_two_fills_of_the_archive),
        Blank(nothing, NAME_FIRST.format(5003)),
        Blank(filled, "move the registry on port 5003 from /srv/archive to the store"),
        Blank(
            copied_and_not_switched, "move the registry on port 5003 from /srv/archive to the store"
        ),
        Wrong(
            empty_in_the_store,
            "the registry on port 5003 has no team/shop:latest",
            TAGS,
        ),
        Wrong(
            still_read_only,
            "the registry on port 5003 takes no pushes: 405, wanted one that keeps them in the store",
            "read-only is for the time of the move: run it again without REGISTRY_STORAGE_MAINTENANCE",
        ),
        Wrong(
            new_one_read_only,
            "the registry on port 5003 takes no pushes: 405, wanted one that keeps them in the store",
            "read-only is for the time of the move: run it again without REGISTRY_STORAGE_MAINTENANCE",
        ),
        Wrong(
            without_pinned,
            "the registry on port 5003 has no image of team/shop that is pulled by its digest only",
            BY_PINNED,
        ),
        Wrong(
            filled_a_second_time,
            "the registry on port 5003 has no image of team/shop that is pulled by its digest only",
            BY_PINNED,
        ),
        Wrong(
            tags_from_a_second_fill,
            "builds of base/tools that the registry had accepted are gone",
            LOST,
        ),
        Wrong(
            tags_from_a_second_fill_and_all_builds,
            "registry/beside of the store was filled a second time, wanted what the archive has",
            "a fill gives new images the old names: copy each from the archive, into another root directory",
        ),
        Wrong(
            accepted_by_the_new_one_only,
            "the archive accepted no build before the registry on port 5003 moved",
            AGAIN,
        ),
        Wrong(without_signatures, "the registry on port 5003 has no team/shop:sha256-….sig", TAGS),
        Wrong(
            pulled_and_pushed,
            "team/shop:latest has another digest than before the move",
            "an engine that pulls and pushes packs an image again, and of an index it takes one platform: "
            "copy the bytes of each manifest",
        ),
        Wrong(
            pushes_meanwhile,
            "builds of base/tools that the registry had accepted are gone",
            LOST,
        ),
        Wrong(nobody_pushes, "nothing was pushed while the registry moved", AGAIN),
        Wrong(
            moved_in_an_earlier_try,
            "team/shop:latest in registry/again of the store is of an earlier try, wanted it moved now",
            "copy again what the archive has, or give the new registry another root directory",
        ),
        Wrong(
            moved_to_another_folder,
            "what is pushed to port 5003 does not arrive in the store",
            STORE,
        ),
    ],
}

TESTS = LessonTests(
    # The registry that 12.5 repaired has its keys in variables.
    attempted_by_earlier_answers=frozenset({"12.6"}),
    # Its starter begins with the build server, which a cell of its section imports.
    only_at_their_place=frozenset({"12.7"}),
)
