"""Lesson 1: run a registry, push an image to it, pull it back."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=1,
    slug="run-a-registry",
    title="Run a registry",
    minutes=45,
    summary="Run a registry, push images to it, pull them back, and move everything in it to another one.",
    ports=(5000, 5001),
    images=("registry:2", "hello-world:latest", "busybox:latest"),
    exercises=(
        Exercise(
            "1.1",
            "A second registry on port 5001",
            NamedCheck(f"{__name__}.checks:second_registry"),
            hints=(
                "Look at how the first registry was started: only its name and its port have to differ.",
                "A registry listens on 5000 inside its container; the node's port is the other number.",
                'docker.containers.run("registry:2", name="shelf", detach=True, ports={"5000/tcp": …})',
            ),
            cell="answer-1-1",
            points=3,
        ),
        Exercise(
            "1.3",
            "busybox under a name of your own",
            NamedCheck(f"{__name__}.checks:pushed_busybox"),
            hints=(
                "Where an image is pushed to is in its reference: registry, repository, tag.",
                "Give busybox the reference 127.0.0.1:5001/tools/busybox:1.37 with image.tag(…).",
                'lab.push("127.0.0.1:5001/tools/busybox:1.37") pushes it, and raises where that fails.',
            ),
            cell="answer-1-3",
            points=4,
        ),
        Exercise(
            "1.5",
            "Only the digest",
            NamedCheck(f"{__name__}.checks:pulled_by_digest"),
            hints=(
                "An image keeps every tag you gave it: docker.images.list() shows them.",
                'labs.RegistryClient(lab.url(5001)).head("tools/busybox", "1.37").digest is the digest.',
                "Remove each tag: docker.images.remove(…). Then "
                'docker.images.pull(f"127.0.0.1:5001/tools/busybox@{digest}").',
            ),
            cell="answer-1-5",
            points=4,
        ),
        Exercise(
            "1.7",
            "Move everything to another registry",
            NamedCheck(f"{__name__}.moved:moved"),
            hints=(
                "For one tag it is three steps: pull it from port 5000, tag it for port 5001, push it.",
                "Two loops, one in the other: `for repository in lab.registry.catalog():`, and in it "
                "`for tag in lab.registry.tags(repository):`.",
                'image = docker.images.pull(f"127.0.0.1:5000/{repository}", tag=tag) is the first of the three steps.',
            ),
            cell="answer-1-7",
            points=6,
        ),
    ),
    questions=(
        Question(
            "1.2",
            "Where does `docker push team/app:2` push to?",
            choices={
                "a": "To the registry on port 5000: it is the nearest.",
                "b": "To a registry on the host `team`.",
                "c": "To Docker Hub, into the repository `team/app`.",
            },
            right="c",
            why={
                "a": "No registry is ever searched for: the reference alone decides.",
                "b": "A first part is a host only with a dot, with a colon, or if it is localhost.",
                "c": "Without a host in front, a reference means docker.io.",
            },
            hints=('labs.Reference.parse("team/app:2") shows the parts.',),
            points=1,
        ),
        Question(
            "1.4",
            "The engine has one image under two tags. `docker.images.remove` removes one of them. What is left?",
            choices={
                "a": "Nothing: the image is removed, so the other tag names nothing.",
                "b": "The image, under the other tag.",
                "c": "The image, under no tag.",
            },
            right="b",
            why={
                "a": "What is removed is a name. The image goes with its last name.",
                "b": "What is removed is a name. The image has another one, so it stays.",
                "c": "The two names do not know of each other: the other one stays as it is.",
            },
            hints=("`tag` gave the image one more name, and copied nothing.",),
            points=1,
        ),
        Question(
            "1.6",
            'docker.images.push("127.0.0.1:5000/app") returned and raised nothing. What do you know?',
            choices={
                "a": "The registry has the image.",
                "b": "The engine was asked; whether the push worked is in what it returned.",
                "c": "The image has that tag on the engine.",
            },
            right="b",
            why={
                "a": "You saw one that returned and pushed nothing. Read the stream, or use lab.push.",
                "b": "The engine answers 200 before it starts. A failure comes later, as errorDetail.",
                "c": "Even a tag that does not exist gives no exception: the stream says so.",
            },
            hints=("The push to port 5999 returned, too.",),
            points=1,
        ),
    ),
)
