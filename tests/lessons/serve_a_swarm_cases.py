"""Right, blank and wrong answers to lesson 7."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from docker.types import EndpointSpec, Mount, SecretReference, ServiceMode

from labs.lesson import transfer
from labs.playground import Playground
from tests.lessons.actions import nothing, pull, stored
from tests.lessons.cases import Blank, LessonTests, Right, Table, Wrong, choose
from tests.lessons.open_lesson import OpenLesson

PAGES, DEPOT = "127.0.0.1:5000/pages", "127.0.0.1:5001/hello-world"
STORAGE = "/var/lib/registry"
SECRET = {"REGISTRY_HTTP_SECRET": "one for all"}


def five(number: int = 5) -> ServiceMode:
    return ServiceMode("replicated", number)


def serve(playground: Playground, image: str, name: str, **options: Any) -> None:
    playground.node(1).docker.services.create(image, name=name, **options)


def put(playground: Playground, image: str, to: str) -> None:
    pull(playground, image).tag(to)
    transfer.push(playground.node(1).docker, to)


def registry(playground: Playground) -> None:
    """The registry on port 5000 that the lesson leaves."""
    serve(playground, "registry:2", "registry")
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


def the_lessons_registry(playground: Playground) -> None:
    registry(playground)
    put(playground, "hello-world", "127.0.0.1:5000/hello-world")


def from_docker_hub_and_nothing_pushed(playground: Playground) -> None:
    """A wrong answer to each exercise: to clean five nodes in between takes longer than either."""
    pages(playground, "httpd:2")
    depot(playground, env=in_folder(playground, "/empty"), push=False)


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
    first = opened.verdict("7.2")
    assert first.message == "with a node off that ran depot, it answers and has no hello-world"
    assert first.hint == "the task moved and its data stayed on the disk of the node that is off"
    assert opened.second_verdict("7.2").message == "depot has no hello-world:latest"


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
        Blank(nothing, RUN_PAGES),
        Blank(registry_alone, RUN_PAGES),
        Right(replicas_behind_the_mesh_or_edge),
        Right(global_in_host_mode_with_another_name_and_tag),
        Wrong(
            from_docker_hub_and_nothing_pushed,
            "pages runs httpd:2, wanted an image from 127.0.0.1:5000",
            f"{PUSH_PAGES}, and give the service that reference",
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
            'run the cell with run_registry again, or lab.swarm.publish("registry", port=5000)',
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
    "7.2": [
        Blank(nothing, RUN_DEPOT),
        Blank(the_lessons_registry, RUN_DEPOT),
        Right(two_replicas_on_the_store),
        Right(one_replica_by_swifts_own_api, slow=True),
        Right(one_registry_on_each_node, slow=True),
        Wrong(
            from_docker_hub_and_nothing_pushed,
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
        Wrong(nothing, "It counts those that run. You saw where.", "", choose("c")),
    ],
    "7.4": [
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
}
