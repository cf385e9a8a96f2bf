"""Right, blank and wrong answers to lesson 7."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from docker.types import (
    EndpointSpec,
    Mount,
    RestartPolicy,
    SecretReference,
    ServiceMode,
    UpdateConfig,
)

from labs.lesson import transfer
from labs.playground import Playground
from labs.registry import RegistryClient
from tests.lessons.actions import nothing, pull, stored
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong, choose
from tests.lessons.open_lesson import OpenLesson

PAGES, DEPOT = "127.0.0.1:5000/pages", "127.0.0.1:5001/hello-world"
HELLO, OWN = "127.0.0.1:5000/hello-world", "127.0.0.1:5000/own"
HELLO_IMAGE = "hello-world"
STORAGE = "/var/lib/registry"
SECRET = {"REGISTRY_HTTP_SECRET": "one for all"}


def five(number: int = 5) -> ServiceMode:
    return ServiceMode("replicated", number)


def serve(playground: Playground, image: str, name: str, **options: Any) -> None:
    playground.node(1).docker.services.create(image, name=name, **options)


def put(playground: Playground, image: str, to: str) -> None:
    pull(playground, image).tag(to)
    transfer.push(playground.node(1).docker, to)


def registry(playground: Playground, **options: Any) -> None:
    """The registry on port 5000, as the lesson runs it or with further options."""
    serve(playground, "registry:2", "registry", **options)
    playground.swarm.publish("registry", port=5000)


def pushed(playground: Playground) -> None:
    registry(playground)
    put(playground, "httpd:2", PAGES)


def pages(
    playground: Playground, image: str = PAGES, *, publish: bool = True, **options: Any
) -> None:
    pushed(playground)
    serve(playground, image, "pages", **{"mode": five(), **options})
    if publish:
        playground.swarm.publish("pages", port=8080, target=80)


def the_lessons_registry(playground: Playground) -> None:
    registry(playground)
    put(playground, HELLO_IMAGE, HELLO)


def pulled_on(playground: Playground, number: int, reference: str = HELLO) -> None:
    the_lessons_registry(playground)
    transfer.pull(playground.node(number).docker, reference)


def pulled_on_node_3(playground: Playground) -> None:
    pulled_on(playground, 3)


def pulled_on_node_3_by_digest_from_localhost(playground: Playground) -> None:
    the_lessons_registry(playground)
    client = RegistryClient(playground.node(1).url(5000))
    digest = client.head("hello-world", "latest").digest
    transfer.pull(playground.node(3).docker, f"localhost:5000/hello-world@{digest}")


def pulled_on_node_2(playground: Playground) -> None:
    pulled_on(playground, 2)


def named_after_the_registry(playground: Playground) -> None:
    the_lessons_registry(playground)
    engine = playground.node(3).docker
    engine.images.pull("hello-world", tag="latest").tag(HELLO)
    engine.images.remove("hello-world:latest")


def replicas_behind_the_mesh_or_edge(playground: Playground) -> None:
    pages(playground)


def global_in_host_mode_with_another_name_and_tag(playground: Playground) -> None:
    registry(playground)
    put(playground, "httpd:2", "127.0.0.1:5000/team/apache:2.4")
    host = EndpointSpec(mode="dnsrr", ports={8080: (80, "tcp", "host")})
    image = "localhost:5000/team/apache:2.4"
    serve(playground, image, "pages", mode=ServiceMode("global"), endpoint_spec=host)
    playground.swarm.settle("pages")


def registry_alone(playground: Playground) -> None:
    pushed(playground)


def four_replicas(playground: Playground) -> None:
    pages(playground, mode=five(4))


def not_pushed(playground: Playground) -> None:
    registry(playground)
    pull(playground, "httpd:2").tag("127.0.0.1:5000/page")
    serve(playground, "127.0.0.1:5000/page", "pages", mode=five())


def loaded_by_hand(playground: Playground) -> None:
    """The image carried to each node by hand under the right name; the registry never saw it."""
    registry(playground)
    pull(playground, "httpd:2").tag(PAGES)
    saved = b"".join(playground.node(1).docker.images.get(PAGES).save(named=True))
    for node in playground.nodes[1:]:
        node.docker.images.load(saved)
    serve(playground, PAGES, "pages", mode=five())
    playground.swarm.publish("pages", port=8080, target=80)


def loaded_by_hand_and_pushed_later(playground: Playground) -> None:
    """A build of its own on node 2 to 5; what the registry has is another one."""
    registry(playground)
    pull(playground, "httpd:2").tag(PAGES)
    saved = b"".join(playground.node(1).docker.images.get(PAGES).save(named=True))
    for node in playground.nodes[1:]:
        node.docker.images.load(saved)
    serve(playground, PAGES, "pages", mode=five())
    playground.swarm.publish("pages", port=8080, target=80)
    transfer.push(playground.node(1).docker, PAGES)


def registry_run_again(playground: Playground) -> None:
    pages(playground)
    playground.swarm.remove("registry")
    registry(playground)


def registry_gone(playground: Playground) -> None:
    pages(playground)
    playground.swarm.remove("registry")


def not_published(playground: Playground) -> None:
    pages(playground, publish=False)


def host_mode_on_one_node(playground: Playground) -> None:
    """One replica has the port; the others wait for a node that is free."""
    host = EndpointSpec(mode="dnsrr", ports={8080: (80, "tcp", "host")})
    pages(playground, publish=False, endpoint_spec=host, constraints=["node.hostname == node2"])


def another_program(playground: Playground) -> None:
    registry(playground)
    put(playground, "nginx", PAGES)
    serve(playground, PAGES, "pages", mode=five())
    playground.swarm.publish("pages", port=8080, target=80)


def another_image_with_the_same_command(playground: Playground) -> None:
    """Its config says what Apache's says, and the service runs another web server of it."""
    registry(playground)
    pull(playground, "busybox")
    engine = playground.node(1).docker
    text = b'FROM busybox\nCMD ["httpd-foreground"]\n'
    engine.images.build(fileobj=BytesIO(text), tag=PAGES, rm=True)
    transfer.push(engine, PAGES)
    serve(playground, PAGES, "pages", mode=five(), command=["httpd", "-f", "-p", "80"])
    playground.swarm.publish("pages", port=8080, target=80)


def node_left_off(playground: Playground) -> None:
    pages(playground)
    playground.node(3).stop()


def five_containers(playground: Playground) -> None:
    """One on each node, in place of a service."""
    pushed(playground)
    for node in playground.nodes:
        transfer.pull(node.docker, PAGES)
        node.docker.containers.run(PAGES, name="pages", detach=True, ports={"80/tcp": 8080})


def service_of_another_name(playground: Playground) -> None:
    pushed(playground)
    serve(playground, PAGES, "apache", mode=five())


def own_built(playground: Playground) -> None:
    """The image as the lesson builds it, beside a registry that does not have it."""
    registry(playground)
    pull(playground, "nginx")
    text = b'FROM nginx\nLABEL made.on="node 1"\n'
    playground.node(1).docker.images.build(fileobj=BytesIO(text), tag="own", rm=True)


def own_service(playground: Playground, image: str = "own:latest", **options: Any) -> None:
    again = RestartPolicy(condition="any", delay=1_000_000_000)
    at_once = UpdateConfig(parallelism=0, monitor=100_000_000)
    options = {"mode": five(), "restart_policy": again, "update_config": at_once, **options}
    serve(playground, image, "own", **options)


def own_as_the_lesson_leaves_it(playground: Playground) -> None:
    own_built(playground)
    own_service(playground)
    playground.swarm.wait("own", running=5, timeout_s=120)


def push_own(playground: Playground, image: str = "own", to: str = OWN) -> None:
    engine = playground.node(1).docker
    engine.images.get(image).tag(to)
    transfer.push(engine, to)


def own_updated(playground: Playground) -> None:
    own_as_the_lesson_leaves_it(playground)
    push_own(playground)
    service = playground.node(1).docker.services.get("own")
    service.update(image=f"{OWN}:latest", fetch_current_spec=True)
    playground.swarm.wait("own", running=5)


def own_made_again_from_a_folder(playground: Playground) -> None:
    own_built(playground)
    push_own(playground, to="localhost:5000/team/own:2")
    own_service(playground, "localhost:5000/team/own:2")
    playground.swarm.wait("own", running=5)


def own_pushed_alone(playground: Playground) -> None:
    own_built(playground)
    own_service(playground)
    push_own(playground)


def own_pushed_and_removed(playground: Playground) -> None:
    own_built(playground)
    push_own(playground)


def own_placed_again(playground: Playground) -> None:
    """The same image, told to the swarm once more."""
    own_built(playground)
    own_service(playground)
    service = playground.node(1).docker.services.get("own")
    service.update(fetch_current_spec=True, labels={"again": "yes"})


def own_named_and_not_pushed(playground: Playground) -> None:
    own_built(playground)
    playground.node(1).docker.images.get("own").tag(OWN)
    own_service(playground, f"{OWN}:latest")


def nginx_pushed_as_own(playground: Playground) -> None:
    registry(playground)
    pull(playground, "nginx")
    push_own(playground, "nginx")
    own_service(playground, f"{OWN}:latest")


def own_on_two_nodes(playground: Playground) -> None:
    own_built(playground)
    push_own(playground)
    away = [f"node.hostname != node{number}" for number in (3, 4, 5)]
    own_service(playground, f"{OWN}:latest", constraints=away)


def kept(
    playground: Playground,
    place: str,
    volume: str = "kept",
    at: str = STORAGE,
    *,
    push: bool = True,
) -> None:
    registry(playground, mounts=[Mount(at, volume)], constraints=[place])
    if push:
        put(playground, HELLO_IMAGE, HELLO)


ON_3 = "node.hostname == node3"


def kept_on_node_3(playground: Playground) -> None:
    kept(playground, ON_3)


def kept_by_a_label_of_node_3(playground: Playground) -> None:
    """The label stays on the node, and no other case asks for labels."""
    (member,) = playground.node(1).docker.nodes.list(filters={"name": "node3"})
    member.update({**member.attrs["Spec"], "Labels": {"disk": "large"}})
    kept(playground, "node.labels.disk==large")


def registry_on_node_2(playground: Playground) -> None:
    """As the lesson leaves it before the exercise."""
    kept(playground, "node.hostname == node2", "registry-data")


def kept_on_node_2(playground: Playground) -> None:
    kept(playground, "node.hostname == node2")


def kept_anywhere_but_on_node_3(playground: Playground) -> None:
    kept(playground, "node.hostname != node3")


def old_volume_on_node_3(playground: Playground) -> None:
    kept(playground, ON_3, "registry-data")


def folder_on_node_3(playground: Playground) -> None:
    registry(playground, mounts=[Mount(STORAGE, "/srv", type="bind")], constraints=[ON_3])


def no_volume_on_node_3(playground: Playground) -> None:
    registry(playground, constraints=[ON_3])


def misspelled_on_node_3(playground: Playground) -> None:
    kept(playground, ON_3, at="/var/lib/registery")


def kept_and_not_pushed(playground: Playground) -> None:
    kept(playground, ON_3, push=False)


def kept_and_not_published(playground: Playground) -> None:
    serve(playground, "registry:2", "registry", mounts=[Mount(STORAGE, "kept")], constraints=[ON_3])


def in_folder(playground: Playground, folder: str = "/depot") -> dict[str, str]:
    """Settings of a registry that keeps its data in the playground's store, in a folder of its own each time."""
    return {**stored(playground), "REGISTRY_STORAGE_S3_ROOTDIRECTORY": folder}


def depot(playground: Playground, *, push: bool = True, **options: Any) -> None:
    serve(playground, "registry:2", "depot", **options)
    playground.swarm.publish("depot", port=5001, target=5000)
    if push:
        put(playground, "hello-world", DEPOT)


def two_replicas_on_the_store(playground: Playground) -> None:
    depot(playground, env={**in_folder(playground), **SECRET}, mode=five(2))


def one_replica_by_swifts_own_api(playground: Playground) -> None:
    """It moves to another node, and a few seconds later all is there again."""
    store = playground.store
    swift = {
        "REGISTRY_STORAGE": "swift",
        "REGISTRY_STORAGE_SWIFT_AUTHURL": store.auth_url,
        "REGISTRY_STORAGE_SWIFT_USERNAME": store.access_key,
        "REGISTRY_STORAGE_SWIFT_PASSWORD": store.secret_key,
        "REGISTRY_STORAGE_SWIFT_CONTAINER": "swift",
        "REGISTRY_STORAGE_REDIRECT_DISABLE": "true",
    }
    depot(playground, env=swift)


def one_registry_on_each_node(playground: Playground) -> None:
    """Five registries that share nothing: each node has its own with a volume, and was pushed to."""
    on_each_node(playground, mounts=[Mount(STORAGE, "depot")])


def one_registry_on_each_node_without_a_volume(playground: Playground) -> None:
    """A node that comes back has a new task, and with it a new anonymous volume."""
    on_each_node(playground)


def on_each_node(playground: Playground, **options: Any) -> None:
    host = EndpointSpec(mode="dnsrr", ports={5001: (5000, "tcp", "host")})
    options |= {"mode": ServiceMode("global"), "endpoint_spec": host}
    serve(playground, "registry:2", "depot", **options)
    playground.swarm.settle("depot")
    for node in playground.nodes:
        node.docker.images.pull("hello-world", tag="latest").tag(DEPOT)
        transfer.push(node.docker, DEPOT)


def wrong_answer_to_each_exercise(playground: Playground) -> None:
    """One action for all of them: to clean five nodes in between takes longer than any."""
    pull(playground, "httpd:2")
    registry(playground, mounts=[Mount(STORAGE, "kept")])
    serve(playground, "httpd:2", "pages", mode=five())
    serve(playground, "nginx:latest", "own")
    depot(playground, env=in_folder(playground, "/empty"), push=False)
    playground.node(3).docker.images.pull("hello-world", tag="latest")


def container_on_port_5001(playground: Playground) -> None:
    node = playground.node(1)
    node.docker.containers.run("registry:2", name="shelf", detach=True, ports={"5000/tcp": 5001})


def folder_of_the_first_registry(playground: Playground) -> None:
    env = {**in_folder(playground, "/one"), **SECRET}
    serve(playground, "registry:2", "registry", env=env)
    playground.swarm.publish("registry", port=5000)
    depot(playground, env=env)


def from_a_file(playground: Playground, name: str, folder: str) -> dict[str, Any]:
    """Options of a service whose registry reads its settings, keys and all, from a secret of the swarm."""
    store = playground.store
    s3 = {"regionendpoint": store.endpoint, "region": "us-east-1", "bucket": store.bucket}
    s3 |= {"accesskey": store.access_key, "secretkey": store.secret_key, "rootdirectory": folder}
    storage = {"s3": s3, "redirect": {"disable": True}}
    http = {"addr": ":5000", "secret": "one for all"}
    file = json.dumps({"version": 0.1, "http": http, "storage": storage}).encode()
    kept = playground.node(1).docker.secrets.create(name=name, data=file)
    place = SecretReference(kept.id, kept.name, filename="registry.yml")
    return {"args": ["/run/secrets/registry.yml"], "secrets": [place]}


def folder_of_the_first_registry_in_files(playground: Playground) -> None:
    serve(playground, "registry:2", "registry", **from_a_file(playground, "first", "/one"))
    playground.swarm.publish("registry", port=5000)
    depot(playground, **from_a_file(playground, "second", "/one"))


def another_image_in_depot(playground: Playground) -> None:
    depot(playground, env={**in_folder(playground, "/other"), **SECRET}, push=False)
    put(playground, "httpd:2", DEPOT)


def fixed_place_and_volume(playground: Playground) -> None:
    depot(
        playground,
        mounts=[Mount(STORAGE, "depot")],
        constraints=["node.hostname == node3"],
        env=SECRET,
    )


def store_and_two_replicas_on_one_node(playground: Playground) -> None:
    here = ["node.hostname == node4"]
    depot(playground, env={**in_folder(playground), **SECRET}, mode=five(2), constraints=here)


def second_replica(playground: Playground) -> None:
    """One more after the push: to two that share nothing, or have two secrets, no push would go through.

    By the command: the SDK's scale sends a spec of its own making, and the first replica is made again elsewhere.
    """
    scaled = playground.node(1).exec(["docker", "service", "scale", "--detach", "depot=2"])
    assert scaled.exit_code == 0, scaled.stderr
    playground.swarm.wait("depot", running=2)


def two_replicas_on_volumes_of_their_own(playground: Playground) -> None:
    depot(playground, mounts=[Mount(STORAGE, "depot")], env=SECRET, mode=five(1))
    second_replica(playground)


def no_secret(playground: Playground) -> None:
    depot(playground, env=in_folder(playground), mode=five(1))
    second_replica(playground)


def no_storage_at_all(playground: Playground) -> None:
    depot(playground, env=SECRET)


def host_mode_in_one_place(playground: Playground) -> None:
    host = EndpointSpec(mode="dnsrr", ports={5001: (5000, "tcp", "host")})
    serve(playground, "registry:2", "depot", env=in_folder(playground), endpoint_spec=host)
    playground.swarm.wait("depot", running=1)


def wrong_key(playground: Playground) -> None:
    env = {**in_folder(playground), "REGISTRY_STORAGE": "s4"}
    serve(playground, "registry:2", "depot", env=env)


def registry_that_moves_without_its_data_is_empty_afterwards(opened: OpenLesson) -> None:
    """Not a case of the table: what the first check switches off, the second no longer finds."""
    no_storage_at_all(opened.playground)
    first = opened.verdict("7.8")
    assert first.message == "with a node off that ran depot, it answers and has no hello-world"
    assert first.hint == "the task moved and its data stayed on the disk of the node that is off"
    assert opened.second_verdict("7.8").message == "depot has no hello-world:latest"


PULL = "let node3 pull 127.0.0.1:5000/hello-world"
BY_REFERENCE = "pull it by the reference that begins with the registry: 127.0.0.1:5000/hello-world"
REPAIR = "push the image own to your registry, and let the service own run it from there"
UPDATE_OWN = (
    'docker.services.get("own").update(image="127.0.0.1:5000/own:latest", fetch_current_spec=True)'
)
KEEP = (
    "run the registry on node3 alone, with its images in a volume called kept, and push hello-world"
)
PLACE = 'a constraint names the node: "node.hostname == node3", as place= of registry.run'
MOUNT_KEPT = 'mounts=[Mount("/var/lib/registry", "kept")]'
RUN_PAGES = "run a service called pages, 5 replicas of httpd:2 from your registry"
RUN_DEPOT = "run a registry as a service called depot on port 5001"
PUSH_PAGES = "push httpd:2 to it as 127.0.0.1:5000/pages"
IN_REGISTRY = "push it: a task that starts anywhere has to find it there"
PUBLISH_PAGES = 'lab.swarm.publish("pages", port=8080, target=80): Apache listens on port 80'
PUBLISH_DEPOT = 'lab.swarm.publish("depot", port=5001, target=5000)'
BY_HAND = (
    "an image that was loaded by hand is on one node only: push it, remove it there, "
    "let the swarm pull it"
)
TIED = "what ties it to one node? A constraint does, and a volume does"
NOWHERE = (
    "with a node off that ran depot, nobody serves hello-world: no suitable node "
    "(scheduling constraints not satisfied on 4 nodes; 1 node not available for new tasks)"
)

TESTS = LessonTests(extra=(registry_that_moves_without_its_data_is_empty_afterwards,))

CASES: Table = {
    "7.1": [
        Blank(nothing, PULL),
        Blank(the_lessons_registry, PULL),
        Right(pulled_on_node_3),
        Right(pulled_on_node_3_by_digest_from_localhost),
        Wrong(
            wrong_answer_to_each_exercise,
            "node3 has hello-world:latest, and not from your registry",
            BY_REFERENCE,
        ),
        Wrong(
            pulled_on_node_2,
            "node2 has it from the registry, wanted it on node3",
            'lab.pull("127.0.0.1:5000/hello-world", node=3)',
        ),
        Wrong(
            named_after_the_registry,
            "node3 has 127.0.0.1:5000/hello-world:latest, and not from your registry",
            BY_REFERENCE,
        ),
    ],
    "7.2": [
        Blank(nothing, RUN_PAGES),
        Blank(registry_alone, RUN_PAGES),
        Right(replicas_behind_the_mesh_or_edge),
        Right(global_in_host_mode_with_another_name_and_tag),
        Wrong(
            wrong_answer_to_each_exercise,
            "pages runs httpd:2, wanted an image from 127.0.0.1:5000",
            f"{PUSH_PAGES}, and give the service that reference",
        ),
        Wrong(
            five_containers,
            "pages is a container on node1, node2, node3, node4, node5, wanted a service of the swarm",
            'docker.services.create(…, name="pages") makes one; remove the container before',
        ),
        Wrong(
            service_of_another_name,
            "the swarm has a service called apache, wanted it called pages",
            'lab.swarm.remove("apache"), then create it with name="pages"',
        ),
        Wrong(
            four_replicas,
            "pages has 4 replicas, wanted 5",
            'docker.services.get("pages").scale(5)',
        ),
        Wrong(
            not_pushed,
            "the registry has no page:latest; wanted what pages runs",
            IN_REGISTRY,
        ),
        Wrong(
            loaded_by_hand,
            "the registry has no pages:latest; wanted what pages runs",
            IN_REGISTRY,
        ),
        Wrong(
            loaded_by_hand_and_pushed_later,
            "the image of 4 of 5 tasks did not come from the registry",
            BY_HAND,
        ),
        Wrong(
            registry_run_again,
            "the registry has no pages:latest; wanted what pages runs",
            IN_REGISTRY,
        ),
        Wrong(
            registry_gone,
            "the registry on port 5000 does not answer on every node",
            'run the cell "registry" again, or lab.swarm.publish("registry", port=5000)',
        ),
        Wrong(not_published, "port 8080 answers on 0 of 5 nodes", PUBLISH_PAGES),
        Wrong(
            host_mode_on_one_node,
            "1 of 5 tasks of pages run: no suitable node (scheduling constraints not satisfied on 4 nodes; "
            "host-mode port already in use on 1 node)",
            'lab.swarm.tasks("pages") has what each says. Is the image in the registry?',
        ),
        Wrong(
            another_image_with_the_same_command,
            "pages does not run httpd:2: its layers hold other files",
            PUSH_PAGES,
        ),
        Wrong(
            another_program, 'pages runs ["nginx", "-g", "daemon off;"], wanted httpd:2', PUSH_PAGES
        ),
        Wrong(
            node_left_off,
            "node3 is stopped, wanted all nodes on and connected",
            "lab.node(3).start()",
        ),
    ],
    "7.3": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "It is the one place where they can run, and the swarm tries until they do.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "Swarms copy no images. Each node pulls from a registry, or does without.",
            "",
            choose("a"),
        ),
        Wrong(nothing, "It counts those that run. The next cell shows where.", "", choose("c")),
    ],
    "7.4": [
        Blank(nothing, REPAIR),
        Blank(own_as_the_lesson_leaves_it, REPAIR),
        Right(own_updated),
        Right(own_made_again_from_a_folder, slow=True),
        Wrong(
            wrong_answer_to_each_exercise,
            "own runs nginx:latest, wanted an image from 127.0.0.1:5000",
            f"push it, then {UPDATE_OWN}",
        ),
        Wrong(
            own_pushed_alone,
            "own runs own:latest, wanted an image from 127.0.0.1:5000",
            UPDATE_OWN,
        ),
        Wrong(
            own_pushed_and_removed,
            "the registry has the image, and there is no service called own",
            'run the cell "own" again: it makes the service',
        ),
        Wrong(
            own_placed_again,
            "own runs own:latest, wanted an image from 127.0.0.1:5000",
            f"push it, then {UPDATE_OWN}",
        ),
        Wrong(
            own_named_and_not_pushed,
            "the registry has no own:latest; wanted what own runs",
            IN_REGISTRY,
        ),
        Wrong(
            nginx_pushed_as_own,
            "own runs an image without the label made.on, wanted the one that was built on node 1",
            'docker.images.get("own").tag("127.0.0.1:5000/own"), and push that',
        ),
        Wrong(
            own_on_two_nodes,
            "own runs on 2 of 5 nodes",
            "a constraint keeps tasks away; without one, "
            'lab.node(1).exec(["docker", "service", "update", "--force", "own"]) places them again',
        ),
    ],
    "7.5": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "An anonymous volume is made for each container, on the node that it runs on.",
            choose("b"),
        ),
        Wrong(
            nothing,
            "A swarm moves tasks, never what is on a disk. The volume stays on the node that is off.",
            "",
            choose("a"),
        ),
        Wrong(
            nothing,
            "Engines pull from registries. A registry never asks an engine for anything.",
            "",
            choose("c"),
        ),
    ],
    "7.6": [
        Blank(nothing, KEEP),
        Blank(the_lessons_registry, KEEP),
        Blank(registry_on_node_2, KEEP),
        Right(kept_on_node_3),
        Right(kept_by_a_label_of_node_3),
        Wrong(
            wrong_answer_to_each_exercise,
            "its constraints allow node1, node2, node3, node4, node5, wanted node3 alone",
            PLACE,
        ),
        Wrong(
            kept_on_node_2,
            "its constraints allow node2, wanted node3 alone",
            PLACE,
        ),
        Wrong(
            kept_anywhere_but_on_node_3,
            "its constraints allow node1, node2, node4, node5, wanted node3 alone",
            PLACE,
        ),
        Wrong(
            old_volume_on_node_3,
            "the registry writes to the volume registry-data, wanted the volume kept",
            MOUNT_KEPT,
        ),
        Wrong(
            folder_on_node_3,
            "the registry writes to the bind /srv, wanted the volume kept",
            MOUNT_KEPT,
        ),
        Wrong(
            no_volume_on_node_3,
            "mounted is nothing, wanted the volume kept at /var/lib/registry",
            f"{MOUNT_KEPT}: first where a registry writes, then the volume's name",
        ),
        Wrong(
            misspelled_on_node_3,
            "mounted is /var/lib/registery, wanted the volume kept at /var/lib/registry",
            f"{MOUNT_KEPT}: first where a registry writes, then the volume's name",
        ),
        Wrong(
            kept_and_not_pushed,
            "the registry has no hello-world:latest",
            'lab.push("127.0.0.1:5000/hello-world"): its volume is new, so it begins empty',
        ),
        Wrong(
            kept_and_not_published,
            "the registry on port 5000 does not answer on every node",
            'lab.swarm.publish("registry", port=5000)',
        ),
    ],
    "7.7": [
        Blank(nothing, "choose a, b or c", choose(None)),
        Right(
            nothing,
            "A push is several requests, and each replica signs what the next one has to accept.",
            choose("c"),
        ),
        Wrong(nothing, "A volume would hold nothing: all is in S3.", "", choose("a")),
        Wrong(
            nothing,
            "On one node they would be two all the same, each with a secret of its own.",
            "",
            choose("b"),
        ),
    ],
    "7.8": [
        Blank(nothing, RUN_DEPOT),
        Blank(the_lessons_registry, RUN_DEPOT),
        Right(two_replicas_on_the_store),
        Right(one_replica_by_swifts_own_api, slow=True),
        Right(one_registry_on_each_node, slow=True),
        Wrong(
            wrong_answer_to_each_exercise,
            "depot has no hello-world:latest",
            "tag it as 127.0.0.1:5001/hello-world and push that from node 1",
        ),
        Wrong(
            one_registry_on_each_node_without_a_volume,
            "with a node off that ran depot, some of the others do not serve hello-world",
            "port 5001 has to lead to a replica that has the data, on each node, whichever is off",
            slow=True,
        ),
        Wrong(
            container_on_port_5001,
            "depot is a container on node1, wanted a service of the swarm",
            'docker.services.create(…, name="depot") makes one; remove the container before',
        ),
        Wrong(
            folder_of_the_first_registry,
            "depot and the registry on port 5000 write to one folder of the store, wanted one of its own",
            "rootdirectory of its s3 settings names it; push once more afterwards",
        ),
        Wrong(
            folder_of_the_first_registry_in_files,
            "depot and the registry on port 5000 write to one folder of the store, wanted one of its own",
            "rootdirectory of its s3 settings names it; push once more afterwards",
        ),
        Wrong(
            another_image_in_depot,
            'hello-world:latest is not hello-world: it runs ["httpd-foreground"], wanted ["/hello"]',
            'tag the image that docker.images.pull("hello-world", tag="latest") gives',
        ),
        Wrong(fixed_place_and_volume, NOWHERE, TIED),
        Wrong(store_and_two_replicas_on_one_node, NOWHERE, TIED, slow=True),
        Wrong(
            two_replicas_on_volumes_of_their_own,
            "some answers of depot have hello-world and others have not, wanted it in all",
            "the replicas do not share their storage, so the push reached one of them",
        ),
        Wrong(
            no_secret,
            "an upload to depot that one request opens is refused to the next: BLOB_UPLOAD_INVALID",
            "each replica has an http.secret of its own: give all the same, in the file that they read",
        ),
        Wrong(
            host_mode_in_one_place,
            "a registry answers on port 5001 of 1 of 5 nodes",
            PUBLISH_DEPOT,
            slow=True,
        ),
        Wrong(
            wrong_key,
            "a registry answers on port 5001 of 0 of 5 nodes",
            "none of its tasks runs: task: non-zero exit (2)",
            slow=True,
        ),
    ],
}
