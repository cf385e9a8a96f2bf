"""Right, blank and wrong answers to lesson 10."""

from __future__ import annotations

from io import BytesIO
from secrets import token_hex
from typing import Any

from docker.models.containers import Container

from labs.lesson import transfer
from labs.lessons.cache_what_you_pull.private_hub import run_private_hub
from labs.playground import Node, Playground
from labs.registry import RegistryClient
from labs.waiting import wait_until
from tests.lessons.actions import KEPT, nothing, run
from tests.lessons.cases import Blank, Give, LessonTests, Right, Table, Wrong, choose

HUB, TOKENS, PASSWORDS = "http://node2:5001", "http://node2:5003", "http://node2:5000"
SHOP = "127.0.0.1:5001/library/shop"
PLANS = "/v2/team/plans"
ADA, ROBOT = ("ada", "lovelace"), ("robot", "tin-man")


def answers(node: Node, port: int) -> None:
    wait_until(RegistryClient(node.url(port)).speaks, f"port {port} of {node.name}")


def pulled(node: Node, *images: str) -> None:
    for image in images:
        if not node.docker.images.list(name=image):
            node.docker.images.pull(image, tag="2" if image == "registry" else "latest")


def push(node: Node, image: str, to: str) -> None:
    pulled(node, image)
    node.docker.images.get(image).tag(to)
    transfer.push(node.docker, to)


def hub(playground: Playground) -> Container:
    """The lesson's hub, with hello-world."""
    there = playground.node(2)
    pulled(there, "registry")
    container = there.docker.containers.run(KEPT, name="hub", detach=True, ports={"5000/tcp": 5001})
    answers(there, 5001)
    push(there, "hello-world", "127.0.0.1:5001/library/hello-world")
    return container


def cache(playground: Playground, upstream: str, port: int, **options: Any) -> Container:
    """A cache on node 1, on the node's own network."""
    own = options.pop("environment", {})
    told = {"REGISTRY_PROXY_REMOTEURL": upstream, "REGISTRY_HTTP_ADDR": f":{port}", **own}
    name = options.pop("name", "shop-cache")
    container = run(playground, name, network_mode="host", environment=told, **options)
    answers(playground.node(1), port)
    return container


def mirrors(playground: Playground, *urls: str, nodes: tuple[int, ...] = (1, 2)) -> None:
    for number in nodes:
        playground.node(number).reload_engine({"registry-mirrors": list(urls)})


# 10.1 to 10.5


def hub_and_cache(playground: Playground) -> None:
    hub(playground)
    cache(playground, HUB, 5000, name="cache")


def both_ask(playground: Playground) -> None:
    hub_and_cache(playground)
    mirrors(playground, "http://node1:5000")


def both_ask_by_address_and_file(playground: Playground) -> None:
    hub_and_cache(playground)
    address = playground.node(1).inner_address
    mirrors(playground, f"http://{address}:5000/", nodes=(2,))
    node = playground.node(1)
    node.write_file("/etc/docker/daemon.json", '{"registry-mirrors": ["http://127.0.0.1:5000"]}')
    node.exec(["sh", "-c", "kill -HUP $(cat /run/docker.pid)"])
    wait_until(lambda: "127.0.0.1" in str(node.docker.info()["RegistryConfig"]["Mirrors"]), "it")


def one_asks(playground: Playground) -> None:
    hub_and_cache(playground)
    mirrors(playground, "http://node1:5000", nodes=(1,))


def without_a_port(playground: Playground) -> None:
    hub_and_cache(playground)
    mirrors(playground, "http://node1")


def the_courses_mirror_too(playground: Playground) -> None:
    hub_and_cache(playground)
    mirrors(playground, "http://node1:5000", "http://mirror:5000")


def the_hub_itself(playground: Playground) -> None:
    hub_and_cache(playground)
    mirrors(playground, HUB)


def by_a_restart(playground: Playground) -> None:
    hub_and_cache(playground)
    for node in playground.nodes:
        node.configure_engine({"registry-mirrors": ["http://node1:5000"]})


def give(**given: Any) -> Give:
    return lambda _playground: given


def tagged_by_name(playground: Playground) -> None:
    hub_and_cache(playground)
    playground.node(1).docker.images.pull("hello-world", tag="latest").tag(BY_NAME)


def pulled_by_name(playground: Playground) -> None:
    hub_and_cache(playground)
    transfer.pull(playground.node(1).docker, "127.0.0.1:5000/library/hello-world")


# 10.6


def shop(playground: Playground) -> Container:
    """The first lines of the cell: another image each time, on the hub, and in no engine."""
    container = hub(playground)
    build_shop(playground)
    return container


def build_shop(playground: Playground) -> None:
    there = playground.node(2)
    pulled(there, "busybox")
    text = f"FROM busybox\nRUN echo {token_hex(8)} >/drawn\n".encode()
    there.docker.images.build(fileobj=BytesIO(text), tag=SHOP, rm=True)
    transfer.push(there.docker, SHOP)
    there.docker.images.remove(SHOP, force=True)


def shop_alone(playground: Playground) -> None:
    shop(playground)


def shop_beside_the_lessons_cache(playground: Playground) -> None:
    shop(playground)
    cache(playground, HUB, 5000, name="cache")


def shop_cached(playground: Playground) -> None:
    shop(playground)
    cache(playground, HUB, 5001)
    mirrors(playground, "http://node1:5001")
    transfer.pull(playground.node(1).docker, "shop")


def shop_cached_on_the_bridge(playground: Playground) -> None:
    shop(playground)
    run(
        playground,
        None,
        ports={"5000/tcp": 5001},
        environment={"REGISTRY_PROXY_REMOTEURL": HUB},
        extra_hosts={"node2": playground.node(2).inner_address},
        volumes=["shop:/var/lib/registry"],
    )
    answers(playground.node(1), 5001)
    playground.node(2).docker.images.remove("busybox", force=True)
    mirrors(playground, "http://registry.lab:5001", "http://node1:5000", nodes=(2,))
    mirrors(playground, "http://127.0.0.1:5001", nodes=(1,))
    transfer.pull(playground.node(2).docker, "shop")


def shop_for_one_engine(playground: Playground) -> None:
    shop(playground)
    cache(playground, HUB, 5001)
    mirrors(playground, "http://node1:5001", nodes=(1,))
    transfer.pull(playground.node(1).docker, "shop")


def shop_never_pulled(playground: Playground) -> None:
    shop(playground)
    cache(playground, HUB, 5001)
    mirrors(playground, "http://node1:5001")


def shop_pulled_where_its_base_is(playground: Playground) -> None:
    shop_never_pulled(playground)
    transfer.pull(playground.node(2).docker, "shop")


def shop_copied(playground: Playground) -> None:
    shop(playground)
    run(playground, "copy", ports={"5000/tcp": 5001})
    answers(playground.node(1), 5001)
    push(playground.node(1), "hello-world", SHOP)
    mirrors(playground, "http://node1:5001")


def shop_by_the_courses_mirror(playground: Playground) -> None:
    shop(playground)
    cache(playground, "http://mirror:5000", 5001)
    mirrors(playground, "http://node1:5001")


def shop_with_a_wrong_port(playground: Playground) -> None:
    shop(playground)
    told = {"REGISTRY_PROXY_REMOTEURL": "http://node2:5009", "REGISTRY_HTTP_ADDR": ":5001"}
    run(playground, "shop-cache", network_mode="host", environment=told).wait()


def shop_moved(playground: Playground) -> None:
    shop_cached(playground)
    build_shop(playground)


def shop_after_the_mirror(playground: Playground) -> None:
    shop_cached(playground)
    mirrors(playground, "http://mirror:5000", "http://node1:5001", nodes=(1,))


def hub_left_off(playground: Playground) -> None:
    shop_cached(playground)
    playground.node(2).docker.containers.get("hub").stop(timeout=1)


def hub_without_a_port(playground: Playground) -> None:
    there = playground.node(2)
    pulled(there, "registry")
    there.docker.containers.run(KEPT, name="hub", detach=True)


# 10.7


def private(playground: Playground) -> None:
    """The lesson's private hub, filled."""
    there = playground.node(2)
    pulled(there, "registry", "nginx")
    run_private_hub(there)
    push(there, "hello-world", "127.0.0.1:5002/library/hello-world")
    push(there, "busybox", "127.0.0.1:5002/team/plans")


def private_beside_other_caches(playground: Playground) -> None:
    private(playground)
    cache(playground, TOKENS, 5003, name="members", **login(*ADA))
    cache(playground, TOKENS, 5001, name="shop-cache", **login(*ROBOT))


def login(user: str, password: str) -> dict[str, Any]:
    return {"environment": {"REGISTRY_PROXY_USERNAME": user, "REGISTRY_PROXY_PASSWORD": password}}


def as_robot(playground: Playground) -> None:
    private(playground)
    cache(playground, TOKENS, 5002, name="public", **login(*ROBOT))


def as_robot_by_file(playground: Playground) -> None:
    private(playground)
    text = """version: 0.1
storage: {filesystem: {rootdirectory: /var/lib/registry}}
http: {addr: ":5002"}
proxy:
  remoteurl: http://node2:5003
  username: robot
  password: tin-man
"""
    playground.node(1).write_file("/srv/public/config.yml", text, mode=0o600)
    run(playground, None, network_mode="host", volumes=["/srv/public:/etc/docker/registry:ro"])
    answers(playground.node(1), 5002)


def proxy(playground: Playground, rules: str) -> None:
    """Nginx on port 5002."""
    node = playground.node(1)
    text = f"server {{ listen 5002; location = /v2/ {{ return 200; }} {rules} }}"
    node.write_file("/srv/proxy/default.conf", text)
    folder = ["/srv/proxy:/etc/nginx/conf.d:ro"]
    run(playground, "proxy", "nginx", network_mode="host", volumes=folder)
    answers(node, 5002)


def behind(playground: Playground, address: str) -> None:
    """A cache with ada's login that nginx may stand in front of."""
    private(playground)
    pulled(playground.node(1), "nginx")
    told = {
        "REGISTRY_PROXY_REMOTEURL": TOKENS,
        "REGISTRY_PROXY_USERNAME": ADA[0],
        "REGISTRY_PROXY_PASSWORD": ADA[1],
        "REGISTRY_HTTP_ADDR": address,
    }
    run(playground, "behind", network_mode="host", environment=told)


def as_ada_behind_a_proxy(playground: Playground) -> None:
    behind(playground, "127.0.0.1:5010")
    proxy(playground, "location /v2/library/ { proxy_pass http://127.0.0.1:5010; }")


def as_ada_behind_a_proxy_and_beside_it(playground: Playground) -> None:
    behind(playground, ":5010")
    proxy(playground, "location /v2/library/ { proxy_pass http://127.0.0.1:5010; }")


def proxy_that_refuses_manifests_alone(playground: Playground) -> None:
    behind(playground, "127.0.0.1:5010")
    rule = "location /v2/team/plans/manifests/ { return 403; }"
    proxy(playground, f"{rule} location / {{ proxy_pass http://127.0.0.1:5010; }}")


def as_ada(playground: Playground) -> None:
    private(playground)
    cache(playground, TOKENS, 5002, name="public", **login(*ADA))


def as_nobody(playground: Playground) -> None:
    private(playground)
    cache(playground, TOKENS, 5002, name="public")


def as_robot_with_a_wrong_password(playground: Playground) -> None:
    private(playground)
    cache(playground, TOKENS, 5002, name="public", **login("robot", "tin man"))


def as_robot_with_what_ada_left(playground: Playground) -> None:
    private(playground)
    data = {"volumes": ["public:/var/lib/registry"]}
    first = cache(playground, TOKENS, 5002, name="public", **login(*ADA), **data)
    RegistryClient(playground.node(1).url(5002)).manifest("team/plans", "latest")
    first.remove(force=True)
    cache(playground, TOKENS, 5002, name="public", **login(*ROBOT), **data)


def by_passwords(playground: Playground) -> None:
    private(playground)
    cache(playground, PASSWORDS, 5002, name="public", **login(*ADA))


def as_robot_beside_members(playground: Playground) -> None:
    as_robot(playground)
    cache(playground, TOKENS, 5003, name="members", **login(*ADA))


def public_copied(playground: Playground) -> None:
    private(playground)
    run(playground, "copy", ports={"5000/tcp": 5002})
    answers(playground.node(1), 5002)
    push(playground.node(1), "hello-world", "127.0.0.1:5002/library/hello-world")


CACHE_FIRST = "run the cell that starts the cache first"
ALONE = "a list of one, with scheme, host and port"
READ = "wanted nothing of team/plans"


def compared(predicted: str, seen: str, why: str) -> tuple[str, str]:
    return (
        f"you predicted {predicted}, seen was {seen}",
        f"{why}. Write what you have seen, and go on",
    )


BLOBS = "the cache has all blobs since node 1 pulled"
STALE = "the cache gave the last digest it had seen"
WEEK = "manifest, config and layers expire alike"
BY_NAME = "127.0.0.1:5000/library/hello-world"

TESTS = LessonTests(only_at_their_place=frozenset({"10.2", "10.3", "10.4", "10.5"}))

CASES: Table = {
    "10.1": [
        Blank(nothing, "tell both engines to ask http://node1:5000"),
        Blank(hub_and_cache, "tell both engines to ask http://node1:5000"),
        Right(both_ask),
        Right(both_ask_by_address_and_file),
        Wrong(
            one_asks,
            "node2's engine asks http://mirror:5000, wanted http://node1:5000 alone",
            f"lab.node(2).reload_engine({{…}}): {ALONE}",
        ),
        Wrong(
            without_a_port,
            "node1's engine asks http://node1, wanted http://node1:5000 alone",
            f"lab.node(1).reload_engine({{…}}): {ALONE}",
        ),
        Wrong(
            the_courses_mirror_too,
            "node1's engine asks http://node1:5000, http://mirror:5000, wanted http://node1:5000 alone",
            f"lab.node(1).reload_engine({{…}}): {ALONE}",
        ),
        Wrong(
            the_hub_itself,
            "node1's engine asks http://node2:5001, wanted http://node1:5000 alone",
            f"lab.node(1).reload_engine({{…}}): {ALONE}",
        ),
        Wrong(
            by_a_restart,
            "container cache is exited, wanted running",
            'docker.containers.get("cache").logs() tells why, where it ever ran',
        ),
    ],
    "10.2": [
        Blank(nothing, CACHE_FIRST, give=give(blobs=None, sent=0)),
        Blank(hub_and_cache, "write a number into the cell: blobs = …", give=give(sent=0)),
        Right(hub_and_cache, BLOBS, give=give(blobs=0, sent=0)),
        Right(hub_and_cache, BLOBS, give=give(blobs=0.0, sent=0)),
        Wrong(
            hub_and_cache,
            "the cache was asked for no blob, so it is not known what the hub sends",
            "both engines have to ask the cache (10.1): then run the cells from the first pull on again",
            give=give(blobs=0, sent=0, asked=0),
        ),
        Wrong(hub_and_cache, *compared("2", "0", BLOBS), give=give(blobs=2, sent=0)),
        Wrong(hub_and_cache, *compared("4", "0", BLOBS), give=give(blobs=4, sent=0)),
        Wrong(hub_and_cache, *compared("False", "0", BLOBS), give=give(blobs=False, sent=0)),
        Wrong(
            hub_and_cache,
            "the hub sent 4 blobs, wanted a second engine whose pull the cache serves",
            "both engines ask the cache (10.1), and node 1 has pulled nginx through it: run those cells again",
            give=give(blobs=0, sent=4),
        ),
    ],
    "10.3": [
        Blank(nothing, CACHE_FIRST, give=give(which=None, got="first")),
        Blank(
            hub_and_cache,
            'write "first", "second" or "error" into the cell: which = …',
            give=give(which=None, got="first"),
        ),
        Right(hub_and_cache, STALE, give=give(which="first", got="first")),
        Right(hub_and_cache, STALE, give=give(which=" First", got="first")),
        Wrong(
            hub_and_cache,
            *compared("second", "first", STALE),
            give=give(which="second", got="first"),
        ),
        Wrong(
            hub_and_cache,
            *compared("error", "first", STALE),
            give=give(which="error", got="first"),
        ),
        Wrong(
            hub_and_cache,
            "node 2 got second, wanted what the cache gives while the hub is off",
            "was nginx pulled through the cache before? Run the cells from the cache's on, in order",
            give=give(which="second", got="second"),
        ),
    ],
    "10.4": [
        Blank(nothing, CACHE_FIRST, give=give(reference=None)),
        Blank(hub_and_cache, "write a reference into the cell: reference = …", give=give()),
        Right(pulled_by_name, give=give(reference=BY_NAME)),
        Right(pulled_by_name, give=give(reference=f"{BY_NAME}:latest ")),
        Wrong(
            hub_and_cache,
            "hello-world names docker.io, wanted the cache on port 5000",
            "without a host it is docker.io; to node 1 the cache is 127.0.0.1:5000",
            give=give(reference="hello-world"),
        ),
        Wrong(
            hub_and_cache,
            "127.0.0.1:5000/hello-world names the repository hello-world, wanted library/hello-world",
            "only for docker.io Docker puts library/ in front by itself",
            give=give(reference="127.0.0.1:5000/hello-world"),
        ),
        Wrong(
            tagged_by_name,
            f"node 1 has {BY_NAME} by a tag alone, wanted it pulled",
            "docker image tag gives a name, and asks no registry: lab.pull(reference)",
            give=give(reference=BY_NAME),
        ),
        Wrong(
            hub_and_cache,
            f"node 1 has no image {BY_NAME}",
            "run the cell, with the hub on",
            give=give(reference=BY_NAME),
        ),
        Wrong(
            hub_and_cache,
            "node2:5001/library/hello-world names node2:5001, wanted the cache on port 5000",
            "without a host it is docker.io; to node 1 the cache is 127.0.0.1:5000",
            give=give(reference="node2:5001/library/hello-world"),
        ),
    ],
    "10.5": [
        Blank(nothing, CACHE_FIRST, give=give(kept=None, left=[500, 500])),
        Blank(
            hub_and_cache,
            'write "everything", "manifest" or "nothing" into the cell: kept = …',
            give=give(kept=None, left=[500, 500]),
        ),
        Right(hub_and_cache, WEEK, give=give(kept="nothing", left=[500, 500])),
        Right(hub_and_cache, WEEK, give=give(kept="Nothing ", left=[500, 500])),
        Wrong(
            hub_and_cache,
            *compared("manifest", "nothing", WEEK),
            give=give(kept="manifest", left=[500, 500]),
        ),
        Wrong(
            hub_and_cache,
            *compared("everything", "nothing", WEEK),
            give=give(kept="everything", left=[500, 500]),
        ),
        Wrong(
            hub_and_cache,
            "the cache answered [200, 200] for manifest and layer, wanted both expired and the hub off",
            "run the cell once more, with the hub on before it",
            give=give(kept="everything", left=[200, 200]),
        ),
    ],
    "10.6": [
        Blank(nothing, "run the cell that starts the hub first"),
        Blank(hub_and_cache, "run the first lines of the cell: they put library/shop on the hub"),
        Blank(shop_alone, "run a cache that answers on port 5001"),
        Blank(shop_beside_the_lessons_cache, "run a cache that answers on port 5001"),
        Right(shop_cached),
        Right(shop_cached_on_the_bridge),
        Wrong(
            shop_for_one_engine,
            "node2's engine asks http://mirror:5000 first, wanted http://node1:5001",
            'lab.node(2).reload_engine({"registry-mirrors": ["http://node1:5001"]})',
        ),
        Wrong(
            shop_never_pulled,
            "with the hub off the cache answers 404 for library/shop:latest, wanted 200",
            "a cache has what was pulled through it: lab.pull('shop') once, with the hub on",
        ),
        Wrong(
            shop_pulled_where_its_base_is,
            "with the hub off the cache answers 500 for a layer of shop, wanted 200",
            "the engine that pulled had it already: docker image prune -a, then pull shop again",
        ),
        Wrong(
            shop_copied,
            "container copy asks no hub: it is a registry of its own, wanted a pull-through cache",
            "REGISTRY_PROXY_REMOTEURL makes a cache of it",
        ),
        Wrong(
            shop_by_the_courses_mirror,
            "container shop-cache is told to ask http://mirror:5000, and the hub's log has no request from it",
            'the hub is http://node2:5001; only a container with network_mode="host" finds that name',
        ),
        Wrong(
            shop_with_a_wrong_port,
            "container shop-cache is exited, wanted running",
            'docker.containers.get("shop-cache").logs() tells why, where it ever ran',
        ),
        Wrong(
            shop_moved,
            "with the hub off the cache gives an older library/shop:latest",
            "the tag has moved since: lab.pull('shop') once more, with the hub on",
        ),
        Wrong(
            shop_after_the_mirror,
            "node1's engine asks http://mirror:5000 first, wanted http://node1:5001",
            'lab.node(1).reload_engine({"registry-mirrors": ["http://node1:5001"]})',
        ),
        Wrong(
            hub_left_off,
            "container hub is exited, wanted running: the check switches it off itself",
            "hub.start()",
        ),
        Wrong(
            hub_without_a_port,
            "container hub does not answer on port 5001 of node 2",
            "run the cell that starts the hub again, then those that fill it",
        ),
    ],
    "10.7": [
        Blank(nothing, "run the cell that starts the private hub first"),
        Blank(private, "run a cache that answers on port 5002"),
        Blank(private_beside_other_caches, "run a cache that answers on port 5002"),
        Right(as_robot),
        Right(as_robot_by_file),
        Right(as_ada_behind_a_proxy),
        Wrong(
            as_ada,
            f"GET {PLANS}/manifests/latest on port 5002 gives 200 without a password, {READ}",
            "it logs in as ada, who may read the plans, for everyone: which account may not?",
        ),
        Wrong(
            as_nobody,
            "GET /v2/library/hello-world/manifests/latest on port 5002 gives 404 without a password, wanted 200",
            "this hub gives nothing without a login: the cache needs one",
        ),
        Wrong(
            as_robot_with_a_wrong_password,
            "GET /v2/library/hello-world/manifests/latest on port 5002 gives 404 without a password, wanted 200",
            "robot has another password: read the text above the private hub",
        ),
        Wrong(
            as_robot_with_what_ada_left,
            f"GET {PLANS}/manifests/latest on port 5002 gives 200 without a password, {READ}",
            "it has them stored from before and gives them without asking: begin with an empty volume",
        ),
        Wrong(
            by_passwords,
            "GET /v2/library/hello-world/manifests/latest on port 5002 gives 404 without a password, wanted 200",
            "version 2 of the registry cannot log in with Basic: the hub with tokens is on 5003",
        ),
        Wrong(
            as_robot_beside_members,
            "port 5003 of node 1 gives team/plans to anyone who asks",
            'lab.remove("members"), or let it listen on 127.0.0.1 alone',
        ),
        Wrong(
            as_ada_behind_a_proxy_and_beside_it,
            "port 5010 of node 1 gives team/plans to anyone who asks",
            'lab.remove("behind"), or let it listen on 127.0.0.1 alone',
        ),
        Wrong(
            proxy_that_refuses_manifests_alone,
            f"GET {PLANS}/blobs/sha256:… on port 5002 gives 200 without a password, {READ}",
            "a proxy has to refuse everything of it, GET and HEAD: name what may pass, not what may not",
        ),
        Wrong(
            public_copied,
            "port 5002 gives library/hello-world and does not ask the hub: that is a copy, wanted a cache",
            "a registry with the upstream http://node2:5003, and nothing pushed into it",
        ),
    ],
    "10.8": [
        Blank(nothing, "choose a, b or c", give=choose(None)),
        Right(
            nothing,
            "A 404 or 500 in its log: it was asked and had nothing. No line: not reached, or not set up.",
            give=choose("c"),
        ),
        Wrong(
            nothing,
            "The mirror is asked first. When it fails, the engine goes on, and names the last one it asked.",
            "",
            give=choose("a"),
        ),
        Wrong(
            nothing,
            "The lesson's cache had ended, and the words were the same.",
            "",
            give=choose("b"),
        ),
    ],
}
