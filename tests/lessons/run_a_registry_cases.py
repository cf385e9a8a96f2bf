"""Right, blank and wrong answers to lesson 1."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import httpx

from labs.lesson import transfer
from labs.playground import Playground
from labs.registry import RegistryClient, authorities
from tests.lessons.actions import nothing, pull, push, run, wait
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong, choose

REFERENCE = "127.0.0.1:5001/tools/busybox"
PUBLISHED: dict[str, Any] = {"ports": {"5000/tcp": 5001}}
ON_HOST: dict[str, Any] = {"network_mode": "host"}
AT_5001 = {"REGISTRY_HTTP_ADDR": ":5001"}
LEFT_RIGHT = (
    "the container's port is on the left, the node's on the right: ports={\"5000/tcp\": 5001}"
)
IMAGE = "the image to run is registry:2"


def first_registry(playground: Playground) -> None:
    run(playground, "registry", ports={"5000/tcp": 5000})
    wait(playground, 5000)


def published(playground: Playground) -> None:
    run(playground, "shelf", **PUBLISHED)


def on_loopback(playground: Playground) -> None:
    run(playground, "shelf", ports={"5000/tcp": ("127.0.0.1", 5001)})


def on_the_nodes_network(playground: Playground) -> None:
    run(playground, "shelf", environment=AT_5001, **ON_HOST)


def image_by_id_beside_the_first(playground: Playground) -> None:
    first_registry(playground)
    run(playground, "shelf", image=pull(playground, "registry:2"), **PUBLISHED)


def both_on_the_nodes_network(playground: Playground) -> None:
    run(playground, "shelf", environment=AT_5001, **ON_HOST)
    run(playground, "registry", **ON_HOST)


def replaced_after_a_wrong_start(playground: Playground) -> None:
    run(playground, "shelf", ports={"5001/tcp": 5001}).remove(force=True)
    published(playground)


def ports_swapped(playground: Playground) -> None:
    run(playground, "shelf", ports={"5001/tcp": 5000})


def both_ports_5001(playground: Playground) -> None:
    run(playground, "shelf", ports={"5001/tcp": 5001})


def old_port(playground: Playground) -> None:
    run(playground, "shelf", ports={"5000/tcp": 5000})


def no_ports(playground: Playground) -> None:
    run(playground, "shelf")


def port_left_to_the_engine(playground: Playground) -> None:
    run(playground, "shelf", publish_all_ports=True)


def host_network_without_address(playground: Playground) -> None:
    run(playground, "shelf", **ON_HOST)


def address_and_ports(playground: Playground) -> None:
    run(playground, "shelf", environment=AT_5001, **PUBLISHED)


def created_only(playground: Playground) -> None:
    playground.node(1).docker.containers.create("registry:2", name="shelf", **PUBLISHED)


def stopped(playground: Playground) -> None:
    run(playground, "shelf", **PUBLISHED).kill()


def paused(playground: Playground) -> None:
    run(playground, "shelf", **PUBLISHED).pause()


def one_registry_on_both_ports(playground: Playground) -> None:
    run(playground, "shelf", ports={"5000/tcp": [5000, 5001]})


def no_name(playground: Playground) -> None:
    run(playground, None, **PUBLISHED)


def relay_to_the_first(playground: Playground) -> None:
    first_registry(playground)
    relay = "nohup socat TCP-LISTEN:5001,fork TCP:127.0.0.1:5000 >/dev/null 2>&1 &"
    playground.node(1).exec(["sh", "-c", f"{relay} echo $! >/srv/relay.pid"])
    wait(playground, 5001)


def address_of_the_first(playground: Playground) -> str:
    """Where containers on the bridge reach the first registry."""
    found = playground.node(1).docker.containers.get("registry").attrs["NetworkSettings"]
    return f"{found['Networks']['bridge']['IPAddress']}:5000"


def proxy_called_shelf(playground: Playground) -> None:
    """nginx has the name and the port, and passes all on to the first registry."""
    first_registry(playground)
    rules = "server { listen 5000; client_max_body_size 0; location / { proxy_set_header Host $http_host;"
    rules += f" proxy_pass http://{address_of_the_first(playground)}; }} }}"
    playground.node(1).write_file("/srv/front/default.conf", rules)
    volumes = ["/srv/front:/etc/nginx/conf.d:ro"]
    run(playground, "shelf", "nginx", volumes=volumes, **PUBLISHED)
    wait(playground, 5001)


def port_redirected_past_shelf(playground: Playground) -> None:
    """A registry called shelf has the port, and no request to the port gets there."""
    first_registry(playground)
    published(playground)
    wait(playground, 5001)
    rule = "OUTPUT -p tcp --dport 5001 -j REDIRECT --to-ports 5000"
    playground.node(1).exec(["sh", "-c", f"iptables -t nat -I {rule}; echo '{rule}' >/srv/rule"])


def one_folder_for_both(playground: Playground) -> None:
    folder = {"volumes": ["/srv/both:/var/lib/registry"]}
    run(playground, "registry", ports={"5000/tcp": 5000}, **folder)
    wait(playground, 5000)
    run(playground, "shelf", **PUBLISHED, **folder)


def with_a_folder_of_its_own_by_a_config_file(playground: Playground) -> None:
    first_registry(playground)
    lines = "version: 0.1\nstorage: {filesystem: {rootdirectory: /data}}\nhttp: {addr: ':5001'}\n"
    playground.node(1).write_file("/srv/config/registry.conf", lines)
    volumes = ["/srv/config:/etc/own:ro", "/srv/own:/data"]
    run(
        playground, "shelf", command=["serve", "/etc/own/registry.conf"], volumes=volumes, **ON_HOST
    )


def in_memory(playground: Playground) -> None:
    first_registry(playground)
    run(playground, "shelf", environment={"REGISTRY_STORAGE": "inmemory"}, **PUBLISHED)


def cache_of_the_first(playground: Playground) -> None:
    first_registry(playground)
    remote = f"http://{address_of_the_first(playground)}"
    run(playground, "shelf", environment={"REGISTRY_PROXY_REMOTEURL": remote}, **PUBLISHED)


def another_web_server(playground: Playground) -> None:
    run(playground, "shelf", "busybox", command="httpd -f -p 5000", **PUBLISHED)


def shelf_runs(playground: Playground) -> None:
    published(playground)
    wait(playground, 5001)


def pulled_only(playground: Playground) -> None:
    shelf_runs(playground)
    pull(playground, "busybox")


def pushed(playground: Playground) -> None:
    shelf_runs(playground)
    push(playground, "busybox", f"{REFERENCE}:1.37")


def pushed_as_localhost(playground: Playground) -> None:
    shelf_runs(playground)
    push(playground, "busybox", "localhost:5001/tools/busybox:1.37")


def pushed_under_one_name_only(playground: Playground) -> None:
    on_the_nodes_network(playground)
    wait(playground, 5001)
    push(playground, "busybox", f"{REFERENCE}:1.37")
    playground.node(1).docker.images.remove("busybox:latest")


def pushed_as_latest(playground: Playground) -> None:
    shelf_runs(playground)
    push(playground, "busybox", f"{REFERENCE}:latest")


def pushed_to_the_first(playground: Playground) -> None:
    first_registry(playground)
    shelf_runs(playground)
    push(playground, "busybox", "127.0.0.1:5000/tools/busybox:1.37")


def pushed_without_tools(playground: Playground) -> None:
    shelf_runs(playground)
    push(playground, "busybox", "127.0.0.1:5001/busybox:1.37")


def tagged_only(playground: Playground) -> None:
    shelf_runs(playground)
    pull(playground, "busybox").tag(REFERENCE, tag="1.37")


def tagged_without_host(playground: Playground) -> None:
    shelf_runs(playground)
    pull(playground, "busybox").tag("tools/busybox", tag="1.37")


def pushed_another_image(playground: Playground) -> None:
    shelf_runs(playground)
    push(playground, "hello-world", f"{REFERENCE}:1.37")


def built(playground: Playground, dockerfile: str) -> None:
    shelf_runs(playground)
    for image in ("busybox", "hello-world"):
        pull(playground, image)
    engine = playground.node(1).docker
    engine.images.build(fileobj=BytesIO(dockerfile.encode()), tag=f"{REFERENCE}:1.37", rm=True)
    transfer.push(engine, f"{REFERENCE}:1.37")


def hello_world_with_the_command_of_busybox(playground: Playground) -> None:
    """It cannot even run."""
    built(playground, 'FROM hello-world\nCMD ["sh"]\n')


def committed_with_the_command_of_busybox(playground: Playground) -> None:
    shelf_runs(playground)
    pull(playground, "hello-world")
    engine = playground.node(1).docker
    made = engine.containers.create("hello-world")
    made.commit(REFERENCE, tag="1.37", changes='CMD ["sh"]')
    made.remove()
    transfer.push(engine, f"{REFERENCE}:1.37")


def busybox_with_a_label(playground: Playground) -> None:
    built(playground, "FROM busybox\nLABEL own=1\n")


def busybox_with_a_file(playground: Playground) -> None:
    built(playground, "FROM busybox\nRUN touch /own\n")


def config_of_busybox_over_another_layer(playground: Playground) -> None:
    """By hand: the config says busybox, and the layer is that of hello-world."""
    pushed(playground)
    push(playground, "hello-world", f"{REFERENCE}:hello")
    url = playground.node(1).url(5001)
    with RegistryClient(url) as registry:
        busybox = registry.manifest("tools/busybox", "1.37")
        hello = registry.manifest("tools/busybox", "hello")
    mixed = {**busybox.json, "layers": hello.json["layers"]}
    kind = {"content-type": busybox.media_type}
    path = f"{url}/v2/tools/busybox/manifests/1.37"
    with httpx.Client(verify=authorities(), trust_env=False) as client:
        client.put(path, content=json.dumps(mixed).encode(), headers=kind).raise_for_status()


def manifest_written_by_hand(playground: Playground) -> None:
    """Another document, for the same config and the same layers."""
    pushed(playground)
    url = playground.node(1).url(5001)
    with RegistryClient(url) as registry:
        busybox = registry.manifest("tools/busybox", "1.37")
    kind = {"content-type": busybox.media_type}
    path = f"{url}/v2/tools/busybox/manifests/1.37"
    with httpx.Client(verify=authorities(), trust_env=False) as client:
        content = json.dumps(busybox.json, indent=1).encode()
        client.put(path, content=content, headers=kind).raise_for_status()


def saved_and_loaded(playground: Playground) -> None:
    """Through a file, as an engine without a network gets it."""
    shelf_runs(playground)
    image = pull(playground, "busybox")
    engine = playground.node(1).docker
    saved = b"".join(image.save(named=True))
    engine.images.remove(image.id, force=True)
    engine.images.load(saved)
    engine.images.get("busybox:latest").tag(REFERENCE, tag="1.37")
    transfer.push(engine, f"{REFERENCE}:1.37")


def digest(playground: Playground) -> str:
    return RegistryClient(playground.node(1).url(5001)).head("tools/busybox", "1.37").digest


def untag(playground: Playground, *tags: str) -> None:
    for tag in tags:
        playground.node(1).docker.images.remove(tag)


def tags_removed(playground: Playground) -> None:
    pushed(playground)
    untag(playground, "busybox:latest", f"{REFERENCE}:1.37")


def pulled_by_digest(playground: Playground) -> None:
    tags_removed(playground)
    playground.node(1).docker.images.pull(f"{REFERENCE}@{digest(playground)}")


def image_removed_then_pulled_as_localhost(playground: Playground) -> None:
    pushed_as_localhost(playground)
    engine = playground.node(1).docker
    engine.images.remove(engine.images.get("busybox").id, force=True)
    transfer.pull(engine, f"localhost:5001/tools/busybox@{digest(playground)}")


def pulled_by_tag(playground: Playground) -> None:
    tags_removed(playground)
    transfer.pull(playground.node(1).docker, f"{REFERENCE}:1.37")


def pulled_before_tags_were_removed(playground: Playground) -> None:
    pushed(playground)
    playground.node(1).docker.images.pull(f"{REFERENCE}@{digest(playground)}")
    untag(playground, "busybox:latest", f"{REFERENCE}:1.37")


def one_tag_kept(playground: Playground) -> None:
    pushed(playground)
    untag(playground, f"{REFERENCE}:1.37")


def one_tag_kept_and_pulled_by_digest(playground: Playground) -> None:
    one_tag_kept(playground)
    playground.node(1).docker.images.pull(f"{REFERENCE}@{digest(playground)}")


def digest_of_the_mirror(playground: Playground) -> None:
    pushed(playground)
    engine = playground.node(1).docker
    names = engine.images.get("busybox").attrs["RepoDigests"]
    untag(playground, "busybox:latest", f"{REFERENCE}:1.37")
    engine.images.pull(next(name for name in names if name.startswith("busybox@")))


def another_image_by_digest(playground: Playground) -> None:
    pushed_another_image(playground)
    untag(playground, "hello-world:latest", f"{REFERENCE}:1.37")
    playground.node(1).docker.images.pull(f"{REFERENCE}@{digest(playground)}")


def labeled_by_digest(playground: Playground) -> None:
    busybox_with_a_label(playground)
    untag(playground, "busybox:latest", f"{REFERENCE}:1.37")
    playground.node(1).docker.images.pull(f"{REFERENCE}@{digest(playground)}")


FILLED = {
    "team/web:1": "hello-world",
    "team/web:2": "busybox",
    "team/db:1": "busybox",
    "team/0a1b2c3d:old": "hello-world",
}
HAD = {"hello-world:latest": "hello-world", **FILLED}


def fill(playground: Playground) -> None:
    """What the lesson pushed to the first registry when 1.7 begins."""
    for name, image in HAD.items():
        push(playground, image, f"127.0.0.1:5000/{name}")
    playground.node(1).write_file("/srv/filled.json", json.dumps(FILLED))


def filled(playground: Playground) -> None:
    first_registry(playground)
    shelf_runs(playground)
    fill(playground)
    engine = playground.node(1).docker
    untag(playground, *(tag for image in engine.images.list() for tag in image.tags if "/" in tag))


def move(playground: Playground, names: Iterable[str], strip: str = "") -> None:
    engine = playground.node(1).docker
    for name in names:
        transfer.pull(engine, f"127.0.0.1:5000/{name}")
        target = f"127.0.0.1:5001/{name.removeprefix(strip)}"
        engine.images.get(f"127.0.0.1:5000/{name}").tag(target)
        transfer.push(engine, target)


def moved(playground: Playground) -> None:
    filled(playground)
    move(playground, HAD)


def moved_those_of_the_lesson(playground: Playground) -> None:
    """By their names, and a student's own mistake of 1.3 is in the first registry, too."""
    filled(playground)
    push(playground, "busybox", "127.0.0.1:5000/tools/busybox:1.37")
    move(playground, HAD)


def moved_without_the_drawn(playground: Playground) -> None:
    filled(playground)
    move(playground, [name for name in HAD if "0a1b2c3d" not in name])


def moved_from_the_mirror(playground: Playground) -> None:
    """The same images from where they came from, and the first registry is gone."""
    filled(playground)
    for name, image in HAD.items():
        push(playground, image, f"127.0.0.1:5001/{name}")
    playground.node(1).docker.containers.get("registry").remove(force=True)


def moved_by_a_copy_of_the_folder(playground: Playground) -> None:
    run(playground, "registry", ports={"5000/tcp": 5000}, volumes=["/srv/a:/var/lib/registry"])
    wait(playground, 5000)
    fill(playground)
    playground.node(1).exec(["cp", "-r", "/srv/a", "/srv/b"])
    run(playground, "shelf", volumes=["/srv/b:/var/lib/registry"], **PUBLISHED)


def moved_latest_only(playground: Playground) -> None:
    filled(playground)
    move(playground, [name for name in HAD if name.endswith(":latest")])


def moved_first_tags_only(playground: Playground) -> None:
    filled(playground)
    move(playground, [name for name in HAD if not name.endswith(":2")])


def moved_without_team(playground: Playground) -> None:
    filled(playground)
    move(playground, HAD, strip="team/")


def moved_by_tags_alone(playground: Playground) -> None:
    filled(playground)
    for name, image in HAD.items():
        playground.node(1).docker.images.get(image).tag(f"127.0.0.1:5001/{name}")


def moved_one_image_under_all_tags(playground: Playground) -> None:
    """The image of the last turn of a loop, under every tag."""
    filled(playground)
    for name in HAD:
        image = "hello-world" if name == "hello-world:latest" else "busybox"
        push(playground, image, f"127.0.0.1:5001/{name}")


def moved_to_the_same_registry(playground: Playground) -> None:
    one_registry_on_both_ports(playground)
    wait(playground, 5000)
    fill(playground)


FILL_IT = "run the first line of the cell: it fills the registry on port 5000"
EVERY_TAG = "every tag of every repository: a loop over the tags in a loop over the repositories"
NO_REGISTRY = "run a registry that answers on port 5001"
PUSH_FIRST = f"push busybox as {REFERENCE}:1.37 first (1.3)"
NOT_PULLED = f"no image on the engine came from {REFERENCE} with the digest of tag 1.37"
PULL = f'docker.images.pull("{REFERENCE}@sha256:…") with the digest that the registry gives'
UNTAG = "remove each tag, then pull; what is pulled by its digest gets no tag"

ONE = (
    "an upload that began on one port was known on the other: run a second container of registry:2"
)
OWN = (
    "run registry:2 there itself, not a way to another registry or a cache of one, "
    "with a folder of its own"
)
PULLED = 'tag the image that docker.images.pull("busybox", tag="latest") gives'

CASES: Table = {
    "1.1": [
        Blank(nothing, NO_REGISTRY),
        Blank(first_registry, NO_REGISTRY),
        Right(published),
        Right(on_loopback),
        Right(on_the_nodes_network),
        Right(both_on_the_nodes_network),
        Right(image_by_id_beside_the_first),
        Right(replaced_after_a_wrong_start),
        Right(with_a_folder_of_its_own_by_a_config_file),
        Right(in_memory),
        Wrong(
            ports_swapped,
            "container shelf publishes its port 5001 as 5000, wanted its port 5000 as 5001",
            LEFT_RIGHT,
        ),
        Wrong(
            both_ports_5001,
            "container shelf publishes its port 5001 as 5001, and nothing answers there",
            'the registry listens on 5000 in its container: ports={"5000/tcp": 5001}',
        ),
        Wrong(
            old_port,
            "container shelf publishes its port 5000 as 5000, wanted its port 5000 as 5001",
            LEFT_RIGHT,
        ),
        Wrong(
            no_ports,
            "container shelf publishes no port, wanted its port 5000 as 5001",
            LEFT_RIGHT,
        ),
        Wrong(
            port_left_to_the_engine,
            "container shelf publishes its port 5000 as a port that the engine chose, "
            "wanted its port 5000 as 5001",
            LEFT_RIGHT,
        ),
        Wrong(
            host_network_without_address,
            "container shelf listens on the node's port 5000, wanted its port 5000 as 5001",
            LEFT_RIGHT,
        ),
        Wrong(
            address_and_ports,
            "container shelf publishes its port 5000 as 5001, and nothing answers there",
            "REGISTRY_HTTP_ADDR makes it listen on :5001 in its container: leave it out",
        ),
        Wrong(
            created_only,
            "container shelf is created, wanted running",
            'docker.containers.get("shelf").logs() tells why, where it ever ran',
        ),
        Wrong(
            stopped,
            "container shelf is exited, wanted running",
            'docker.containers.get("shelf").logs() tells why, where it ever ran',
        ),
        Wrong(
            paused,
            "container shelf is paused, wanted running",
            'docker.containers.get("shelf").unpause() lets it go on',
        ),
        Wrong(
            one_registry_on_both_ports,
            "ports 5000 and 5001 lead to one registry, wanted two",
            "run a second container with another name",
        ),
        Wrong(proxy_called_shelf, "ports 5000 and 5001 lead to one registry, wanted two", ONE),
        Wrong(
            port_redirected_past_shelf,
            "ports 5000 and 5001 lead to one registry, wanted two",
            ONE,
        ),
        Wrong(
            one_folder_for_both,
            "what is written to port 5001 arrives in container registry, wanted it in a store of shelf's own",
            OWN,
        ),
        Wrong(
            cache_of_the_first,
            "what is written to port 5001 is refused, wanted it in a store of shelf's own",
            OWN,
        ),
        Wrong(
            no_name,
            "the registry on port 5001 is not called shelf",
            'give it the name as you run it: name="shelf"',
        ),
        Wrong(
            relay_to_the_first,
            "a registry answers on port 5001, but no container has that port",
            "run a registry of its own there, not a way to another one",
        ),
        Wrong(
            another_web_server,
            "something answers on port 5001 with status 404, but it is not a registry",
            IMAGE,
        ),
    ],
    "1.2": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(nothing, "Without a host in front, a reference means docker.io.", choose("c")),
        Wrong(
            nothing,
            "No registry is ever searched for: the reference alone decides.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "A first part is a host only with a dot, with a colon, or if it is localhost.",
            "",
            choose("b"),
        ),
    ],
    "1.3": [
        Blank(nothing, NO_REGISTRY),
        Blank(shelf_runs, f"push busybox as {REFERENCE}:1.37"),
        Blank(pulled_only, f"push busybox as {REFERENCE}:1.37"),
        Right(pushed),
        Right(pushed_as_localhost),
        Right(pushed_under_one_name_only),
        Right(manifest_written_by_hand),
        Right(saved_and_loaded),
        Wrong(
            pushed_as_latest,
            'repository "tools/busybox" has tags ["latest"], wanted "1.37"',
            f'image.tag("{REFERENCE}", tag="1.37"): without a tag it is latest',
        ),
        Wrong(
            pushed_to_the_first,
            '["tools/busybox"] is in the registry on port 5000, wanted 5001',
            "the reference begins with 127.0.0.1:5001/",
        ),
        Wrong(
            pushed_without_tools,
            'the registry on port 5001 has ["busybox"], wanted "tools/busybox"',
            "the repository is all between the first / and the tag",
        ),
        Wrong(
            tagged_only,
            f"{REFERENCE}:1.37 is a tag on the engine and not in the registry",
            "a tag moves no bytes: push it",
        ),
        Wrong(
            tagged_without_host,
            f'the engine has ["tools/busybox:1.37"], wanted {REFERENCE}:1.37, and that pushed',
            "the part before the first / says to which registry; without a host it is Docker Hub",
        ),
        Wrong(
            pushed_another_image,
            'tools/busybox:1.37 is not busybox: it runs ["/hello"], wanted ["sh"]',
            PULLED,
        ),
        Wrong(
            hello_world_with_the_command_of_busybox,
            "tools/busybox:1.37 is not busybox: its layers hold other files",
            PULLED,
        ),
        Wrong(
            committed_with_the_command_of_busybox,
            "tools/busybox:1.37 is not busybox: its layers hold other files",
            PULLED,
        ),
        Wrong(
            busybox_with_a_label,
            'tools/busybox:1.37 is not busybox: its config has other ["Labels"]',
            PULLED,
        ),
        Wrong(
            busybox_with_a_file,
            "tools/busybox:1.37 is not busybox: its layers hold other files",
            PULLED,
        ),
        Wrong(
            config_of_busybox_over_another_layer,
            "tools/busybox:1.37 is not busybox: its layers hold other files",
            PULLED,
        ),
    ],
    "1.4": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "What is removed is a name. The image has another one, so it stays.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "What is removed is a name. The image goes with its last name.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "The two names do not know of each other: the other one stays as it is.",
            "",
            choose("c"),
        ),
    ],
    "1.5": [
        Blank(nothing, PUSH_FIRST),
        Blank(pulled_only, PUSH_FIRST),
        Blank(
            pushed,
            f'remove ["{REFERENCE}:1.37", "busybox:latest"] from the engine, then pull by digest',
        ),
        Blank(another_image_by_digest, PUSH_FIRST),
        Blank(labeled_by_digest, PUSH_FIRST),
        Blank(hello_world_with_the_command_of_busybox, PUSH_FIRST),
        Right(pulled_by_digest),
        Right(image_removed_then_pulled_as_localhost),
        Wrong(tags_removed, NOT_PULLED, PULL),
        Wrong(pulled_before_tags_were_removed, NOT_PULLED, PULL),
        Wrong(digest_of_the_mirror, NOT_PULLED, PULL),
        Wrong(
            pulled_by_tag,
            f'busybox has tags ["{REFERENCE}:1.37"] on the engine, wanted none',
            UNTAG,
        ),
        Wrong(
            one_tag_kept, 'busybox has tags ["busybox:latest"] on the engine, wanted none', UNTAG
        ),
        Wrong(
            one_tag_kept_and_pulled_by_digest,
            'busybox has tags ["busybox:latest"] on the engine, wanted none',
            UNTAG,
        ),
    ],
    "1.6": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Blank(nothing, "there is no choice 'e'; choose a, b or c", choose("e")),
        Right(
            nothing,
            "The engine answers 200 before it starts. A failure comes later, as errorDetail.",
            choose("b"),
        ),
        Right(
            nothing,
            "The engine answers 200 before it starts. A failure comes later, as errorDetail.",
            choose(" B "),
        ),
        Wrong(
            nothing,
            "You saw one that returned and pushed nothing. Read the stream, or use lab.push.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "Even a tag that does not exist gives no exception: the stream says so.",
            "",
            choose("c"),
        ),
    ],
    "1.7": [
        Blank(nothing, FILL_IT),
        Blank(shelf_runs, FILL_IT),
        Blank(filled, "bring all that the registry on port 5000 has to that on port 5001"),
        Right(moved),
        Right(moved_from_the_mirror),
        Right(moved_by_a_copy_of_the_folder),
        Wrong(
            moved_latest_only,
            'the registry on port 5001 lacks ["team/<8 digits>:old", "team/db:1", "team/web:1", "team/web:2"]',
            EVERY_TAG,
        ),
        Wrong(moved_first_tags_only, 'the registry on port 5001 lacks ["team/web:2"]', EVERY_TAG),
        Wrong(
            moved_without_the_drawn,
            'the registry on port 5001 lacks ["team/<8 digits>:old"]',
            EVERY_TAG,
        ),
        Wrong(
            moved_those_of_the_lesson,
            'the registry on port 5000 has ["tools/busybox:1.37"], and that on port 5001 has not',
            "take the names from lab.registry.catalog() and lab.registry.tags(…)",
        ),
        Wrong(
            moved_without_team,
            'the registry on port 5001 has ["0a1b2c3d", "db", "web"] and not ["team/<8 digits>:old", "team/db:1", '
            '"team/web:1", "team/web:2"]',
            "the repository stays the same: all between the first / and the tag",
        ),
        Wrong(
            moved_by_tags_alone,
            '["hello-world:latest", "team/<8 digits>:old", "team/db:1", "team/web:1", "team/web:2"] is tagged for port '
            "5001 and not in the registry",
            "a tag moves no bytes: push each of them",
        ),
        Wrong(
            moved_one_image_under_all_tags,
            'team/web:1 is not hello-world: it runs ["sh"], wanted ["/hello"]',
            'tag the image that docker.images.pull("hello-world", tag="latest") gives',
        ),
        Wrong(
            moved_to_the_same_registry,
            "ports 5000 and 5001 lead to one registry, wanted two",
            "run a second container with another name",
        ),
    ],
}

# Its starter fills the first registry with images of busybox, which 1.5 wants without a tag.
TESTS = LessonTests(only_at_their_place=frozenset({"1.7"}))
