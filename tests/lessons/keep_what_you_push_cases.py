"""Right, blank and wrong answers to lesson 2."""

from __future__ import annotations

import json
from io import BytesIO
from secrets import token_hex
from typing import Any

from docker.models.containers import Container
from docker.types import Mount

from labs.lesson import Answers, transfer
from labs.lessons.common.data_folder import storage_on_node
from labs.playground import Playground
from labs.registry import RegistryClient
from tests.lessons.actions import nothing, pull, push, run, wait
from tests.lessons.cases import Blank, Right, Table, Wrong, choose

STORAGE = "/var/lib/registry"
ROOT = "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"
HELLO = "127.0.0.1:5000/hello-world:latest"
OWN = "127.0.0.1:5000/drawn:latest"


def registry(playground: Playground, name: str | None = "registry", **options: Any) -> Container:
    """Run a registry on port 5000 in the place of the one before, and wait for it."""
    container = run(playground, name, **{"ports": {"5000/tcp": 5000}, **options})
    wait(playground, 5000)
    return container


def on(source: str, inside: str = STORAGE, mode: str = "rw") -> dict[str, Any]:
    """The option for one mount."""
    return {"volumes": {source: {"bind": inside, "mode": mode}}}


def push_hello(playground: Playground) -> None:
    push(playground, "hello-world", HELLO)


def empty(playground: Playground) -> None:
    registry(playground)


def pushed_without_a_mount(playground: Playground) -> None:
    registry(playground)
    push_hello(playground)


def lessons_folder(playground: Playground) -> None:
    registry(playground, **on("/srv/registry-data"))
    push_hello(playground)


def lessons_volume(playground: Playground) -> None:
    registry(playground, **on("registry-data"))
    push_hello(playground)


def lessons_saved_volume(playground: Playground) -> None:
    registry(playground, **on("saved"))
    push_hello(playground)


def lessons_misspelling(playground: Playground) -> None:
    registry(playground, **on("/srv/misspelled", "/var/lib/registery"))
    push_hello(playground)


def shelf(playground: Playground) -> None:
    registry(playground, **on("/srv/shelf"))
    push_hello(playground)


def shelf_as_mount_without_a_name(playground: Playground) -> None:
    playground.node(1).exec(["mkdir", "-p", "/srv/shelf"])
    registry(playground, None, mounts=[Mount(STORAGE, "/srv/shelf/", type="bind")])
    push_hello(playground)


def shelf_at_another_destination(playground: Playground) -> None:
    registry(playground, environment={ROOT: "/shelf"}, **on("/srv/shelf", "/shelf"))
    push_hello(playground)


def shelf_on_the_nodes_network(playground: Playground) -> None:
    registry(playground, ports=None, network_mode="host", **on("/srv/shelf"))
    push_hello(playground)


def shelf_as_volume_of_a_folder(playground: Playground) -> None:
    node = playground.node(1)
    node.exec(["mkdir", "-p", "/srv/shelf"])
    options = {"type": "none", "o": "bind", "device": "/srv/shelf"}
    node.docker.volumes.create("on-shelf", driver_opts=options)
    registry(playground, **on("on-shelf"))
    push_hello(playground)


def shelf_by_config_file(playground: Playground) -> None:
    lines = "version: 0.1\\nstorage:\\n  filesystem:\\n    rootdirectory: /data/all\\nhttp:\\n  addr: :5000\\n"
    playground.node(1).exec(["sh", "-c", f"printf '{lines}' >/srv/config.yml"])
    volumes = ["/srv/config.yml:/etc/docker/registry/config.yml", "/srv/shelf:/data/all"]
    registry(playground, volumes=volumes)
    push_hello(playground)


def shelf_below_the_registrys_folder(playground: Playground) -> None:
    registry(playground, **on("/srv/shelf", f"{STORAGE}/docker"))
    push_hello(playground)


IN_MEMORY = {"environment": {"REGISTRY_STORAGE": "inmemory"}}


def shelf_of_a_registry_in_memory(playground: Playground) -> None:
    """The folder has the files of an earlier registry."""
    shelf(playground)
    playground.node(1).docker.containers.get("registry").remove(force=True)
    registry(playground, **IN_MEMORY, **on("/srv/shelf"))
    push_hello(playground)


def survived_beside_a_registry_in_memory(playground: Playground) -> None:
    keep(playground).remove(force=True)
    registry(playground, **IN_MEMORY, **on("keep"))
    push_hello(playground)


def misspelled_inside(playground: Playground) -> None:
    registry(playground, **on("/srv/shelf", "/var/lib/docker-registry"))
    push_hello(playground)


def paths_swapped(playground: Playground) -> None:
    registry(playground, **on(STORAGE, "/srv/shelf"))


def misspelled_folder(playground: Playground) -> None:
    registry(playground, **on("/srv/shlef"))
    push_hello(playground)


def volume_called_shelf(playground: Playground) -> None:
    registry(playground, **on("shelf"))
    push_hello(playground)


def read_only(playground: Playground) -> None:
    registry(playground, **on("/srv/shelf", mode="ro"))


def not_pushed(playground: Playground) -> None:
    registry(playground, **on("/srv/shelf"))


def pushed_then_run_again_without(playground: Playground) -> None:
    shelf(playground)
    playground.node(1).docker.containers.get("registry").remove(force=True)
    pushed_without_a_mount(playground)


def copied(playground: Playground) -> None:
    pushed_without_a_mount(playground)
    source = storage_on_node(playground.node(1).docker.containers.get("registry"))
    playground.node(1).exec(["cp", "-a", source, "/srv/shelf"])


def pushed_another_tag(playground: Playground) -> None:
    not_pushed(playground)
    push(playground, "hello-world", "127.0.0.1:5000/hello-world:v1")


def pushed_another_repository(playground: Playground) -> None:
    not_pushed(playground)
    push(playground, "hello-world", "127.0.0.1:5000/hello:latest")


def pushed_another_image(playground: Playground) -> None:
    not_pushed(playground)
    push(playground, "busybox", HELLO)


def busybox_with_the_command_of_hello(playground: Playground) -> None:
    """Built on another image, with what hello-world runs in its config."""
    not_pushed(playground)
    push_built(playground)


def push_built(playground: Playground) -> None:
    pull(playground, "busybox")
    engine = playground.node(1).docker
    text = 'FROM busybox\nENTRYPOINT []\nCMD ["/hello"]\n'
    engine.images.build(fileobj=BytesIO(text.encode()), tag=HELLO, rm=True)
    transfer.push(engine, HELLO)


def survived_with_the_command_of_hello(playground: Playground) -> None:
    registry(playground, **on("keep"))
    push_built(playground)
    playground.node(1).docker.containers.get("registry").remove(force=True)
    registry(playground, **on("keep"))


def hello_with_a_label(playground: Playground) -> None:
    not_pushed(playground)
    engine = playground.node(1).docker
    pull(playground, "hello-world")
    engine.images.build(fileobj=BytesIO(b"FROM hello-world\nLABEL own=1\n"), tag=HELLO, rm=True)
    transfer.push(engine, HELLO)


def shelf_by_a_config_file_in_braces(playground: Playground) -> None:
    lines = (
        "version: 0.1\nstorage: {filesystem: {rootdirectory: /data/all}}\nhttp: {addr: ':5000'}\n"
    )
    playground.node(1).write_file("/srv/config/own.conf", lines)
    registry(
        playground,
        command=["serve", "/etc/own/own.conf"],
        volumes=["/srv/config:/etc/own:ro", "/srv/shelf:/data/all"],
    )
    push_hello(playground)


def shelf_by_a_variable_for_the_section(playground: Playground) -> None:
    section = {"REGISTRY_STORAGE_FILESYSTEM": "{rootdirectory: /data/all}"}
    registry(playground, environment=section, **on("/srv/shelf", "/data/all"))
    push_hello(playground)


def folder_removed_while_it_ran(playground: Playground) -> None:
    shelf(playground)
    playground.node(1).exec(["mv", "/srv/shelf", "/srv/gone"])


def on_port_5001(playground: Playground) -> None:
    run(playground, "registry", ports={"5000/tcp": 5001}, **on("/srv/shelf"))


def keep(playground: Playground) -> Container:
    container = registry(playground, **on("keep"))
    push_hello(playground)
    return container


def pushed_to_keep(playground: Playground) -> None:
    keep(playground)


def survived(playground: Playground) -> None:
    keep(playground).remove(force=True)
    registry(playground, **on("keep"))


def survived_by_stop_create_start(playground: Playground) -> None:
    container = keep(playground)
    container.stop(timeout=1)
    container.remove()
    containers = playground.node(1).docker.containers
    again = [Mount(STORAGE, "keep")]
    containers.create("registry:2", name="registry", ports={"5000/tcp": 5000}, mounts=again).start()


def survived_at_another_destination(playground: Playground) -> None:
    elsewhere = {"environment": {ROOT: "/data/registry"}, **on("keep", "/data")}
    registry(playground, **elsewhere).remove(force=True)
    registry(playground, **elsewhere)
    push_hello(playground)
    playground.node(1).docker.containers.get("registry").remove(force=True, v=True)
    registry(playground, None, **elsewhere)


def restarted(playground: Playground) -> None:
    keep(playground).restart(timeout=1)
    wait(playground, 5000)


def stopped_and_started(playground: Playground) -> None:
    container = keep(playground)
    container.kill()
    container.start()


def pushed_again(playground: Playground) -> None:
    survived(playground)
    push_hello(playground)


LINK = "docker/registry/v2/repositories/hello-world/_manifests/tags/latest/current/link"
KEEP = "/var/lib/docker/volumes/keep/_data"


def link_made_older(playground: Playground) -> None:
    keep(playground)
    playground.node(1).exec(["touch", "-d", "2020-01-01", f"{KEEP}/{LINK}"])


def everything_made_older(playground: Playground) -> None:
    keep(playground)
    playground.node(1).exec(["find", KEEP, "-exec", "touch", "-h", "-d", "2020-01-01", "{}", "+"])


def link_by_way_of_an_older_file(playground: Playground) -> None:
    """A copy of the tag's folder is older than the container, and a link leads to it."""
    survived(playground)
    playground.node(1).exec(
        ["cp", "-a", f"{KEEP}/{LINK.removesuffix('/current/link')}", f"{KEEP}/old"]
    )
    playground.node(1).docker.containers.get("registry").remove(force=True)
    registry(playground, **on("keep"))
    push_hello(playground)
    folder = f"{KEEP}/{LINK.removesuffix('/link')}"
    playground.node(1).exec(["sh", "-c", f"rm -r {folder} && ln -sr {KEEP}/old/current {folder}"])


def survived_beside_another_tag(playground: Playground) -> None:
    """What is pushed later, under another tag, has nothing to do with it."""
    survived(playground)
    push(playground, "hello-world", "127.0.0.1:5000/hello-world:later")


def survived_in_a_volume_that_was_filled_from_a_copy(playground: Playground) -> None:
    shelf(playground)
    node = playground.node(1)
    node.docker.containers.get("registry").remove(force=True)
    node.docker.volumes.create("keep")
    node.exec(["cp", "-a", "/srv/shelf/docker", KEEP])
    registry(playground, **on("keep"))


def run_again_beside_the_stopped(playground: Playground) -> None:
    keep(playground).kill()
    registry(playground, "second", **on("keep"))


def volume_removed_too(playground: Playground) -> None:
    keep(playground).remove(force=True)
    playground.node(1).docker.volumes.get("keep").remove()
    registry(playground, **on("keep"))


def volume_of_another_name(playground: Playground) -> None:
    registry(playground, **on("keeper"))
    push_hello(playground)


def folder_called_keep(playground: Playground) -> None:
    registry(playground, **on("/srv/keep"))
    push_hello(playground)


def keep_misspelled_inside(playground: Playground) -> None:
    registry(playground, **on("keep", "/var/lib/registery"))
    push_hello(playground)


def no_new_one(playground: Playground) -> None:
    keep(playground).stop(timeout=1)


def digits(playground: Playground, repository: str = "drawn") -> str:
    head = RegistryClient(playground.node(1).url(5000)).head(repository, "latest")
    return head.digest.removeprefix("sha256:")


def blob(name: str, root: str = STORAGE) -> str:
    return f"{root}/docker/registry/v2/blobs/sha256/{name[:2]}/{name}/data"


def draw(playground: Playground) -> None:
    """What `push_own` does, and the image stays on the engine."""
    engine = playground.node(1).docker
    text = f"FROM hello-world\nLABEL drawn={token_hex(8)}\n"
    pull(playground, "hello-world")
    engine.images.build(fileobj=BytesIO(text.encode()), tag=OWN, rm=True)
    transfer.push(engine, OWN)


def drawn(playground: Playground) -> None:
    registry(playground)
    draw(playground)


def drawn_on_the_shelf(playground: Playground) -> None:
    shelf(playground)
    draw(playground)


def drawn_at_another_destination(playground: Playground) -> None:
    shelf_at_another_destination(playground)
    draw(playground)


def drawn_and_kept(playground: Playground) -> None:
    keep(playground)
    draw(playground)
    playground.node(1).docker.containers.get("registry").remove(force=True)
    registry(playground, **on("keep"))


def known_image_in_place_of_the_drawn(playground: Playground) -> None:
    """Its path is the same for everyone."""
    registry(playground)
    push(playground, "hello-world", OWN)


def path_of_hello(playground: Playground) -> Answers:
    return {"path": blob(digits(playground, "hello-world"))}


def hello_and_drawn(playground: Playground) -> None:
    pushed_without_a_mount(playground)
    draw(playground)


def no_path(_playground: Playground) -> Answers:
    return {"path": None}


def blank_path(_playground: Playground) -> Answers:
    return {"path": " "}


def any_path(_playground: Playground) -> Answers:
    return {"path": blob("0" * 64)}


def blobs_path(playground: Playground) -> Answers:
    return {"path": blob(digits(playground))}


def path_with_spaces_and_two_slashes(playground: Playground) -> Answers:
    return {"path": f" {blob(digits(playground)).replace('/docker', '//docker')}\n"}


def path_below_another_root(playground: Playground) -> Answers:
    return {"path": blob(digits(playground), "/shelf")}


def path_of_the_link(_playground: Playground) -> Answers:
    tag = "repositories/drawn/_manifests/tags/latest/current/link"
    return {"path": f"{STORAGE}/docker/registry/v2/{tag}"}


def path_of_the_config(playground: Playground) -> Answers:
    client = RegistryClient(playground.node(1).url(5000))
    config = client.manifest("drawn", "latest").json["config"]
    return {"path": blob(config["digest"].removeprefix("sha256:"))}


def path_of_a_layer(playground: Playground) -> Answers:
    client = RegistryClient(playground.node(1).url(5000))
    layer = client.manifest("drawn", "latest").json["layers"][0]
    return {"path": blob(layer["digest"].removeprefix("sha256:"))}


def path_of_the_folder(playground: Playground) -> Answers:
    return {"path": blob(digits(playground)).removesuffix("/data")}


def path_without_two_digits(playground: Playground) -> Answers:
    name = digits(playground)
    return {"path": blob(name).replace(f"/{name[:2]}/", "/")}


def path_on_the_node(playground: Playground) -> Answers:
    return {"path": blob(digits(playground), "/srv/shelf")}


def path_from_v2(playground: Playground) -> Answers:
    return {"path": blob(digits(playground)).removeprefix(f"{V2}/")}


def a_copy_in_the_storage(playground: Playground) -> None:
    drawn(playground)
    container = playground.node(1).docker.containers.get("registry")
    folder = storage_on_node(container)
    copied = blob(digits(playground)).replace(STORAGE, folder)
    playground.node(1).exec(["cp", copied, f"{folder}/copy"])


def path_of_the_copy(_playground: Playground) -> Answers:
    return {"path": f"{STORAGE}/copy"}


def path_of_an_endless_file(_playground: Playground) -> Answers:
    return {"path": f"{STORAGE}/../../../dev/zero"}


def path_of_a_device_below(_playground: Playground) -> Answers:
    return {"path": f"{STORAGE}/zero"}


def endless_file_in_the_storage(playground: Playground) -> None:
    drawn(playground)
    container = playground.node(1).docker.containers.get("registry")
    playground.node(1).exec(["mknod", f"{storage_on_node(container)}/zero", "c", "1", "5"])


NO_REGISTRY = "run a registry that answers on port 5000"
BIND = "run the registry with /srv/shelf of the node bound to /var/lib/registry"
PUSH = f"push {HELLO}"
LETTERS = (
    "the registry never writes to a folder that it does not know: read the path letter by letter"
)
NO_FILES = (
    "container registry keeps its data in memory, wanted files",
    "run it without REGISTRY_STORAGE: registry:2 writes to files of its own accord",
)
ON_KEEP = "run the registry on a volume called keep"
AGAIN = "remove it (force=True) and run a new one on the volume keep; do not push again"
NOTHING_SURVIVED = (
    "hello-world was pushed after this container was made: that it survives is not shown yet"
)
HELLO_PULLED = 'tag the image that docker.images.pull("hello-world", tag="latest") gives'
LOST = ("lost", "team/ledger")


def build_own(playground: Playground, repository: str) -> None:
    engine, tag = playground.node(1).docker, f"127.0.0.1:5000/{repository}:latest"
    text = f"FROM hello-world\nLABEL drawn={token_hex(8)}\n"
    pull(playground, "hello-world")
    engine.images.build(fileobj=BytesIO(text.encode()), tag=tag, rm=True)
    transfer.push(engine, tag)
    engine.images.remove(tag)


def again(playground: Playground, **options: Any) -> None:
    """The registry in the place of the one before."""
    for container in playground.node(1).docker.containers.list(all=True):
        container.remove(force=True)
    registry(playground, **options)


def lost(playground: Playground) -> None:
    """What the cell before 2.6 does."""
    node = playground.node(1)
    again(playground, **on("/srv/misspelled", "/var/lib/registery"))
    for repository in LOST:
        build_own(playground, repository)
    heads = RegistryClient(node.url(5000))
    digests = {repository: heads.head(repository, "latest").digest for repository in LOST}
    node.write_file("/srv/pushed-once.json", json.dumps(digests))


def written_volume(playground: Playground) -> str:
    mounts = playground.node(1).docker.containers.get("registry").attrs["Mounts"]
    return next(each["Name"] for each in mounts if each["Destination"] == STORAGE)


def copy_to_rescued(
    playground: Playground, source: str, command: str = "cp -a /from/. /to"
) -> None:
    pull(playground, "busybox")
    playground.node(1).docker.containers.run(
        "busybox", command, remove=True, volumes=[f"{source}:/from:ro", "rescued:/to"]
    )


def lost_then_on_another_volume(playground: Playground) -> None:
    lost(playground)
    again(playground, **on("keep"))


def rescued(playground: Playground) -> None:
    lost(playground)
    copy_to_rescued(playground, written_volume(playground))
    again(playground, **on("rescued"))


def rescued_after_the_container_was_removed(playground: Playground) -> None:
    lost(playground)
    engine = playground.node(1).docker
    before = {volume.name for volume in engine.volumes.list()}
    engine.containers.get("registry").remove(force=True)
    for volume in before:
        copy_to_rescued(playground, volume)
    again(playground, **on("rescued", "/data"), environment={ROOT: "/data"})


def rescued_by_pull_and_push(playground: Playground) -> None:
    lost(playground)
    engine = playground.node(1).docker
    tags = [f"127.0.0.1:5000/{repository}:latest" for repository in LOST]
    for tag in tags:
        transfer.pull(engine, tag)
    again(playground, **on("rescued"))
    for tag in tags:
        transfer.push(engine, tag)


def rescued_one_of_two(playground: Playground) -> None:
    lost(playground)
    engine, tag = playground.node(1).docker, "127.0.0.1:5000/lost:latest"
    transfer.pull(engine, tag)
    again(playground, **on("rescued"))
    transfer.push(engine, tag)


def rescued_for_reading(playground: Playground) -> None:
    lost(playground)
    copy_to_rescued(playground, written_volume(playground))
    again(playground, **on("rescued", mode="ro"))


def rescued_too_deep(playground: Playground) -> None:
    lost(playground)
    copy_to_rescued(playground, written_volume(playground), "cp -a /from /to")
    again(playground, **on("rescued"))


def rescued_in_its_old_place(playground: Playground) -> None:
    """The volume without a name itself, given by its name."""
    lost(playground)
    again(playground, **on(written_volume(playground)))


def rescued_and_not_run(playground: Playground) -> None:
    lost(playground)
    copy_to_rescued(playground, written_volume(playground))


def rescued_at_the_wrong_path(playground: Playground) -> None:
    rescued_and_not_run(playground)
    again(playground, **on("rescued", "/var/lib/registery"))


def rescued_nothing(playground: Playground) -> None:
    """Run on the new volume, and what the anonymous one has stays there."""
    lost(playground)
    again(playground, **on("rescued"))


def rescued_the_wrong_volume(playground: Playground) -> None:
    pushed_without_a_mount(playground)
    other = written_volume(playground)
    lost(playground)
    copy_to_rescued(playground, other)
    again(playground, **on("rescued"))


def rescued_from_the_misspelled_folder(playground: Playground) -> None:
    lost(playground)
    copy_to_rescued(playground, "/srv/misspelled")
    again(playground, **on("rescued"))


def rescued_by_another_build(playground: Playground) -> None:
    lost(playground)
    again(playground, **on("rescued"))
    for repository in LOST:
        build_own(playground, repository)


def rescued_without_its_blobs(playground: Playground) -> None:
    """The manifest alone has been pulled and sent, by way of the folders that the drawing of the lesson names."""
    lost(playground)
    digest = RegistryClient(playground.node(1).url(5000)).head("lost", "latest").digest
    name = digest.removeprefix("sha256:")
    kept = f"{name[:2]}/{name}"
    v2 = "docker/registry/v2"
    command = f"""sh -c 'mkdir -p /to/{v2}/blobs/sha256/{name[:2]}; cp -a /from/{v2}/repositories /to/{v2}/;
        cp -a /from/{v2}/blobs/sha256/{kept} /to/{v2}/blobs/sha256/{name[:2]}/'"""
    copy_to_rescued(playground, written_volume(playground), command)
    again(playground, **on("rescued"))


ALL_OF_IT = (
    "it was in the anonymous volume of the registry before: copy all of that, cp -a /from/. /to, before the new "
    "registry runs"
)
GIVE_PATH = 'give the file\'s path: lab.check("2.4", path="/var/lib/registry/…")'
V2 = f"{STORAGE}/docker/registry/v2"
DATA = "below blobs/sha256: a folder of the first two digits, one of all digits, the file data"
DIGEST = 'lab.registry.head("drawn", "latest").digest is the one to look for'
AS_SEEN = "give the path as the registry's container sees it, not as the node does"

CASES: Table = {
    "2.1": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "`docker rm -f -v` removes that as well, and so does the next `docker volume prune`.",
            choose("c"),
        ),
        Wrong(
            nothing, "An image never changes when a container made from it writes.", "", choose("a")
        ),
        Wrong(
            nothing,
            "Not even that: the image declares a VOLUME, so the data went to an anonymous volume.",
            "",
            choose("b"),
        ),
    ],
    "2.2": [
        Blank(nothing, NO_REGISTRY),
        Blank(pushed_without_a_mount, BIND),
        Blank(lessons_folder, BIND),
        Blank(lessons_volume, BIND),
        Blank(lessons_saved_volume, BIND),
        Blank(lessons_misspelling, BIND),
        Right(shelf),
        Right(shelf_as_mount_without_a_name),
        Right(shelf_at_another_destination),
        Right(shelf_on_the_nodes_network),
        Right(shelf_as_volume_of_a_folder),
        Right(shelf_by_config_file),
        Right(shelf_by_a_config_file_in_braces),
        Right(shelf_by_a_variable_for_the_section),
        Right(shelf_below_the_registrys_folder),
        Wrong(
            misspelled_inside,
            "/srv/shelf is bound to /var/lib/docker-registry, wanted /var/lib/registry",
            LETTERS,
        ),
        Wrong(
            misspelled_folder,
            "the registry writes to /srv/shlef, wanted /srv/shelf",
            "bind /srv/shelf to /var/lib/registry",
        ),
        Wrong(
            paths_swapped,
            "/var/lib/registry of the node is bound to /srv/shelf in the container, wanted the other way round",
            "the node's folder comes first, then where the container sees it: /var/lib/registry",
        ),
        Wrong(
            volume_called_shelf,
            "the registry uses the volume shelf, wanted the folder /srv/shelf",
            "a name that begins with / is a folder of the node, any other a volume",
        ),
        Wrong(
            read_only,
            "/srv/shelf is mounted read-only: the registry cannot write to it",
            '"mode": "rw", or none at all',
        ),
        Wrong(not_pushed, 'the registry is empty, wanted "hello-world"', PUSH),
        Wrong(
            pushed_another_tag,
            'repository "hello-world" has tags ["v1"], wanted "latest"',
            PUSH,
        ),
        Wrong(
            pushed_another_repository,
            'the registry has ["hello"], wanted "hello-world"',
            PUSH,
        ),
        Wrong(
            pushed_another_image,
            'hello-world:latest is not hello-world: it runs ["sh"], wanted ["/hello"]',
            HELLO_PULLED,
        ),
        Wrong(
            busybox_with_the_command_of_hello,
            "hello-world:latest is not hello-world: its layers hold other files",
            HELLO_PULLED,
        ),
        Wrong(
            hello_with_a_label,
            'hello-world:latest is not hello-world: its config has other ["Labels"]',
            HELLO_PULLED,
        ),
        Wrong(
            pushed_then_run_again_without,
            "/srv/shelf has blobs, and the registry on port 5000 does not write there",
            "they came from elsewhere, or from before: run the registry with /srv/shelf bound to /var/lib/registry",
        ),
        Wrong(
            copied,
            "/srv/shelf has blobs, and the registry on port 5000 does not write there",
            "they came from elsewhere, or from before: run the registry with /srv/shelf bound to /var/lib/registry",
        ),
        Wrong(
            folder_removed_while_it_ran,
            "the registry has hello-world, but its files are not below /srv/shelf",
            "was the folder removed while the registry ran? Then run it again, and push",
        ),
        Wrong(shelf_of_a_registry_in_memory, *NO_FILES),
        Wrong(
            on_port_5001,
            "container registry publishes its port 5000 as 5001, wanted its port 5000 as 5000",
            "the container's port is on the left, the node's on the right: ports={\"5000/tcp\": 5000}",
        ),
    ],
    "2.3": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "The blobs are there already; the new repository gets links to them.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "Blobs are stored by digest, so the same bytes have one place.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "The registry must know that the second repository has them too: it writes links.",
            "",
            choose("c"),
        ),
    ],
    "2.4": [
        Blank(nothing, NO_REGISTRY),
        Blank(empty, "run the cell that pushes drawn to the registry on port 5000 first", any_path),
        Blank(
            pushed_without_a_mount,
            "run the cell that pushes drawn to the registry on port 5000 first",
            path_of_hello,
        ),
        Blank(drawn, GIVE_PATH, no_path),
        Blank(drawn, GIVE_PATH, blank_path),
        Right(drawn, give=blobs_path),
        Right(drawn_and_kept, give=path_with_spaces_and_two_slashes),
        Right(drawn_at_another_destination, give=path_below_another_root),
        Wrong(
            drawn,
            f"{V2}/repositories/drawn/_manifests/tags/latest/current/link "
            "holds a digest, not the manifest",
            "that is a link; follow it to blobs/",
            path_of_the_link,
        ),
        Wrong(
            drawn,
            f"{V2}/blobs/sha256/<2 digits>/<64 digits>/data is the image's config, wanted the manifest of drawn:latest",
            DIGEST,
            path_of_the_config,
        ),
        Wrong(
            drawn,
            f"{V2}/blobs/sha256/<2 digits>/<64 digits>/data is a layer, wanted the manifest of drawn:latest",
            DIGEST,
            path_of_a_layer,
        ),
        Wrong(
            drawn,
            f"{V2}/blobs/sha256/<2 digits>/<64 digits> is not a file of the registry",
            DATA,
            path_of_the_folder,
        ),
        Wrong(
            drawn,
            f"{V2}/blobs/sha256/<64 digits>/data is not a file of the registry",
            DATA,
            path_without_two_digits,
        ),
        Wrong(
            drawn_on_the_shelf,
            "/srv/shelf/docker/registry/v2/blobs/sha256/<2 digits>/<64 digits>/data is not below /var/lib/registry",
            AS_SEEN,
            path_on_the_node,
        ),
        Wrong(
            drawn,
            "/var/lib/registry/../../../dev/zero is not below /var/lib/registry",
            AS_SEEN,
            path_of_an_endless_file,
        ),
        Wrong(
            endless_file_in_the_storage,
            "/var/lib/registry/zero is not a file of the registry",
            DATA,
            path_of_a_device_below,
        ),
        Wrong(
            a_copy_in_the_storage,
            "/var/lib/registry/copy is a copy of the manifest, wanted the file that the registry reads",
            "the registry reads blobs below docker/registry/v2/blobs alone",
            path_of_the_copy,
        ),
        Wrong(
            drawn,
            "blobs/sha256/<2 digits>/<64 digits>/data is not below /var/lib/registry",
            AS_SEEN,
            path_from_v2,
        ),
        Wrong(
            hello_and_drawn,
            f"{V2}/blobs/sha256/<2 digits>/<64 digits>/data is another file, wanted the manifest of drawn:latest",
            DIGEST,
            path_of_hello,
        ),
        Wrong(
            known_image_in_place_of_the_drawn,
            "drawn:latest is not the image that the exercise builds",
            "run the cell that builds and pushes drawn again",
            blobs_path,
        ),
    ],
    "2.5": [
        Blank(nothing, NO_REGISTRY),
        Blank(shelf, ON_KEEP),
        Blank(lessons_volume, ON_KEEP),
        Blank(lessons_saved_volume, ON_KEEP),
        Blank(lessons_misspelling, ON_KEEP),
        Right(survived),
        Right(survived_by_stop_create_start),
        Right(survived_at_another_destination),
        Right(survived_beside_another_tag),
        Right(survived_in_a_volume_that_was_filled_from_a_copy),
        Wrong(pushed_to_keep, NOTHING_SURVIVED, AGAIN),
        Wrong(restarted, NOTHING_SURVIVED, AGAIN),
        Wrong(stopped_and_started, NOTHING_SURVIVED, AGAIN),
        Wrong(pushed_again, NOTHING_SURVIVED, AGAIN),
        Wrong(link_made_older, NOTHING_SURVIVED, AGAIN),
        Wrong(everything_made_older, NOTHING_SURVIVED, AGAIN),
        Wrong(link_by_way_of_an_older_file, NOTHING_SURVIVED, AGAIN),
        Wrong(survived_beside_a_registry_in_memory, *NO_FILES),
        Wrong(
            survived_with_the_command_of_hello,
            "hello-world:latest is not hello-world: its layers hold other files",
            HELLO_PULLED,
        ),
        Wrong(
            run_again_beside_the_stopped,
            "container registry is exited and still has the volume keep, wanted removed",
            'docker.containers.get("registry").remove(force=True)',
        ),
        Wrong(volume_removed_too, 'the registry is empty, wanted "hello-world"', PUSH),
        Wrong(
            volume_of_another_name,
            "the registry uses the volume keeper, wanted keep",
            "name it keep",
        ),
        Wrong(
            folder_called_keep,
            "the registry uses the folder /srv/keep, wanted the volume keep",
            "a volume's name has no / in it",
        ),
        Wrong(
            keep_misspelled_inside,
            "volume keep is mounted at /var/lib/registery, wanted /var/lib/registry",
            "the registry writes elsewhere: read the path letter by letter",
        ),
        Wrong(
            no_new_one,
            "container registry is exited, wanted running",
            'docker.containers.get("registry").logs() tells why, where it ever ran',
        ),
    ],
    "2.6": [
        Blank(nothing, "run the cell that pushes with the mistyped mount first"),
        Blank(lost, "bring what the registry has into a volume called rescued"),
        Blank(
            lost_then_on_another_volume, "bring what the registry has into a volume called rescued"
        ),
        Right(rescued),
        Right(rescued_after_the_container_was_removed),
        Right(rescued_by_pull_and_push),
        Wrong(
            rescued_and_not_run,
            "there is a volume rescued, and the registry on port 5000 does not use it",
            'run the registry again with "rescued:/var/lib/registry"',
        ),
        Wrong(
            rescued_at_the_wrong_path,
            "volume rescued is mounted at /var/lib/registery, wanted /var/lib/registry",
            "the registry writes elsewhere: read the path letter by letter",
        ),
        Wrong(rescued_nothing, 'the registry is empty, wanted "lost"', ALL_OF_IT),
        Wrong(rescued_one_of_two, 'the registry has ["lost"], wanted "team/ledger"', ALL_OF_IT),
        Wrong(
            rescued_the_wrong_volume, 'the registry has ["hello-world"], wanted "lost"', ALL_OF_IT
        ),
        Wrong(
            rescued_from_the_misspelled_folder, 'the registry is empty, wanted "lost"', ALL_OF_IT
        ),
        Wrong(
            rescued_too_deep,
            "volume rescued has a folder in it, and the registry's folder in that",
            "copy what is in the folder, /from/., not the folder itself",
        ),
        Wrong(
            rescued_for_reading,
            "volume rescued is mounted read-only: the registry takes no push any more",
            '"mode": "rw", or none at all',
        ),
        Wrong(
            rescued_in_its_old_place,
            "the registry runs on the volume without a name, wanted its data in one called rescued",
            "copy it: a prune removes a volume without a name once no container uses it",
        ),
        Wrong(
            rescued_by_another_build,
            "lost:latest is not the image that was pushed",
            "another build is another image: copy what the anonymous volume has",
        ),
        Wrong(
            rescued_without_its_blobs,
            "lost:latest is there in part: its config answers 404 BLOB_UNKNOWN",
            "repositories have links, and the bytes are below blobs: copy the whole folder",
        ),
    ],
}
