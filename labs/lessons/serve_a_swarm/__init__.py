"""Lesson 7: a registry as a service of a swarm: five nodes run images from it, and any one node may fail."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=7,
    slug="serve-a-swarm",
    title="Serve a swarm",
    minutes=75,
    summary="Run a registry as a service of five nodes, five replicas from it, and make it outlive any node.",
    ports=(5000, 80, 5001, 8080),
    managers=5,
    store=True,
    images=("registry:2", "hello-world:latest", "nginx:latest", "httpd:2", "haproxy:3"),
    exercises=(
        Exercise(
            "7.1",
            "Five replicas from your own registry",
            NamedCheck(f"{__name__}.checks:five_replicas"),
            hints=(
                "Two things have to be there: the image in the registry on port 5000, and a service that names it so.",
                "Tag httpd:2 as 127.0.0.1:5000/pages and push it; the service's image is that reference.",
                'docker.services.create("127.0.0.1:5000/pages", name="pages", mode=ServiceMode("replicated", 5)), '
                'then lab.swarm.publish("pages", port=8080, target=80).',
            ),
            cell="answer-7-1",
            points=7,
        ),
        Exercise(
            "7.2",
            "A registry that survives the loss of any one node",
            NamedCheck(f"{__name__}.checks:survives"),
            hints=(
                "Look for what ties it to one machine: the place of its task, or the place of its data.",
                "With its data in the store a task may run anywhere. Two leave hardly a gap, and need one secret.",
                'The config with "rootdirectory" in its s3, as_secret("depot", …) into the service, two replicas, '
                'no constraint, lab.swarm.publish("depot", port=5001, target=5000), push to 127.0.0.1:5001.',
            ),
            cell="answer-7-2",
            points=9,
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
                "c": "It counts those that run. You saw where.",
            },
            hints=("Look at what the cell with the errors says about where it runs.",),
            points=2,
        ),
        Question(
            "7.4",
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
            hints=("What differed between the two runs of `upload`?",),
            points=2,
        ),
    ),
)
