"""Lesson 7: a registry as a service of a swarm: five nodes run images from it, and any one node may fail."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=7,
    slug="serve-a-swarm",
    title="Serve a swarm",
    minutes=60,
    summary="Run a registry as a service of five nodes, five replicas from it, and make it outlive any node.",
    ports=(5000, 80, 5001, 8080),
    managers=5,
    store=True,
    images=("registry:2", "hello-world:latest", "nginx:latest", "httpd:2", "haproxy:3"),
    exercises=(
        Exercise(
            "7.1",
            "A pull on another node",
            NamedCheck(f"{__name__}.checks:pulled_elsewhere"),
            hints=(
                "The reference is the one that node 1 pushed. What differs is whose engine pulls.",
                "lab.pull takes a reference, and node= with the number of a node.",
            ),
            cell="answer-7-1",
            points=1,
        ),
        Exercise(
            "7.2",
            "Five replicas from your own registry",
            NamedCheck(f"{__name__}.checks:five_replicas"),
            hints=(
                "Two things have to be there: the image in the registry on port 5000, and a service that names it so.",
                "Tag httpd:2 as 127.0.0.1:5000/pages and push it; the service's image is that reference.",
                'docker.services.create("127.0.0.1:5000/pages", name="pages", mode=ServiceMode("replicated", 5)), '
                'then lab.swarm.publish("pages", port=8080, target=80).',
            ),
            cell="answer-7-2",
            points=5,
        ),
        Exercise(
            "7.4",
            "Repair a service whose image only one node has",
            NamedCheck(f"{__name__}.repaired_service:on_all_nodes"),
            hints=(
                "First the image has to be where all nodes can pull it. Then the service has to know that place.",
                "Tag it as 127.0.0.1:5000/own and push it, as you did with httpd:2.",
                'docker.services.get("own").update(image=…, fetch_current_spec=True) with that reference; '
                'lab.swarm.wait("own", running=5) waits until it is done.',
            ),
            cell="answer-7-4",
            points=2,
        ),
        Exercise(
            "7.6",
            "A registry with a place of its own",
            NamedCheck(f"{__name__}.fixed_place:kept_on_node_3"),
            hints=(
                "The cell before does the same for node 2. Two words of it differ, and one more step follows.",
                'Mount("/var/lib/registry", …) takes the name of the volume, place= the constraint.',
                "A new volume is empty: push hello-world again when the registry runs.",
            ),
            cell="answer-7-6",
            points=2,
        ),
        Exercise(
            "7.8",
            "A registry that survives the loss of any one node",
            NamedCheck(f"{__name__}.checks:survives"),
            hints=(
                "Look for what ties it to one machine: the place of its task, or the place of its data.",
                "With its data in the store a task may run anywhere. Two leave hardly a gap, and need one secret.",
                'The config with "rootdirectory" in its s3, as_secret(lab, "depot", …) into the service, two replicas, '
                'no constraint, lab.swarm.publish("depot", port=5001, target=5000), push to 127.0.0.1:5001.',
            ),
            cell="answer-7-8",
            points=7,
        ),
    ),
    questions=(
        Question(
            "7.3",
            "A service of five replicas uses an image that was built on node 1 and pushed nowhere. "
            "A minute later `docker service ls` says 5/5. Why?",
            choices={
                "a": "The swarm copied the image from node 1 to the others.",
                "b": "All five tasks run on node 1.",
                "c": "5/5 counts tasks that were started, not those that run.",
            },
            right="b",
            why={
                "a": "Swarms copy no images. Each node pulls from a registry, or does without.",
                "b": "It is the one place where they can run, and the swarm tries until they do.",
                "c": "It counts those that run. The next cell shows where.",
            },
            hints=(
                "On which nodes could a task of it start? What does the swarm do with one that cannot?",
            ),
            points=1,
        ),
        Question(
            "7.5",
            "The node of a registry's one task is switched off, and the swarm starts a new task on another node. "
            "What does the registry have then?",
            choices={
                "a": "All that was pushed: the swarm moves the volume along with the task.",
                "b": "Nothing: the new task has a new volume, on another disk.",
                "c": "All that other nodes have pulled: it gets those images from them.",
            },
            right="b",
            why={
                "a": "A swarm moves tasks, never what is on a disk. The volume stays on the node that is off.",
                "b": "An anonymous volume is made for each container, on the node that it runs on.",
                "c": "Engines pull from registries. A registry never asks an engine for anything.",
            },
            hints=(
                "Where does a registry keep its images when no line says where? Lesson 2 has seen it.",
            ),
            points=1,
        ),
        Question(
            "7.7",
            "A registry with two replicas shares S3 storage. Pulls work; pushes fail with `blob upload unknown`. "
            "What is missing?",
            choices={
                "a": "A volume for each replica.",
                "b": "A constraint that keeps both on one node.",
                "c": "The same `http.secret` for both.",
            },
            right="c",
            why={
                "a": "A volume would hold nothing: all is in S3.",
                "b": "On one node they would be two all the same, each with a secret of its own.",
                "c": "A push is several requests, and each replica signs what the next one has to accept.",
            },
            hints=(
                "The error is about an upload that another replica opened. What would it have to know of it?",
            ),
            points=1,
        ),
    ),
)
