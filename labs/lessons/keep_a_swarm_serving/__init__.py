"""Lesson 7: a swarm's registry with TLS and members, what is pinned, updates taken back, managers lost."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=7,
    slug="keep-a-swarm-serving",
    title="Keep a swarm serving",
    minutes=60,
    summary="Guard a swarm's registry, pin what runs, take back an update that fails, lose three managers of five.",
    ports=(5000,),
    managers=5,
    store=True,
    images=("registry:2", "nginx:latest", "httpd:2", "hello-world:latest", "haproxy:3"),
    exercises=(
        Exercise(
            "7.1",
            "A second member, and the first one stays",
            NamedCheck(f"{__name__}.checks:two_members"),
            hints=(
                "The registry reads one file. What has to be in it, and what does the swarm mount there?",
                "A secret cannot be changed: make a second one with both lines, under another name, and let it "
                "appear in the task under the old file's name.",
                'SecretReference(second.id, second.name, filename="members") beside those of the other two, in '
                'docker.services.get("registry").update(secrets=[…], fetch_current_spec=True).',
            ),
            cell="answer-7-1",
            points=8,
        ),
        Exercise(
            "7.2",
            "A service that takes back a bad update",
            NamedCheck(f"{__name__}.checks:takes_back"),
            hints=(
                "Three things have to be in the service: how many, exactly what, and what to do when an update fails.",
                "The digest is what the registry has: docker.images.get_registry_data(…).id. What to do is told by "
                "UpdateConfig, whose defaults are not those of the command.",
                'docker.services.create("registry.lab:5000/shop:1@sha256:…", name="shop", mode=ServiceMode(…), '
                'update_config=UpdateConfig(parallelism=1, failure_action="rollback")).',
            ),
            cell="answer-7-2",
            points=8,
        ),
    ),
    questions=(
        Question(
            "7.3",
            "Of five managers three are lost. What happens to the services?",
            choices={
                "a": "They stop: without managers nothing runs.",
                "b": "The two that are left vote a new leader, and all goes on.",
                "c": "Tasks on nodes that are on go on running, and nothing can be changed.",
            },
            right="c",
            why={
                "a": "Each engine runs its own containers. It needs a manager to be told what to change.",
                "b": "A vote takes more than half of all managers, of those that are off too: three of five.",
                "c": "Nothing is listed, updated or started again, until a third manager is back.",
            },
            hints=("What did the engines say that were still on, and what did they still run?",),
            points=2,
        ),
        Question(
            "7.4",
            "A service was created with the Docker SDK, its image given as `registry.lab:5000/site:latest`. "
            "Somebody pushes another image under that tag. What does a task get that starts tomorrow?",
            choices={
                "a": "The image of today: a service keeps what it was created with.",
                "b": "The image of tomorrow, while older tasks run that of today.",
                "c": "None: the digest no longer fits, and the task fails.",
            },
            right="b",
            why={
                "a": "It keeps what was written into it. The docker command writes a digest, the SDK what you gave.",
                "b": "The tag is looked up when a task starts. Only a digest says today what runs tomorrow.",
                "c": "There is no digest that could fail to fit: the SDK wrote the tag alone.",
            },
            hints=("Compare the two services after the tag was moved.",),
            points=2,
        ),
    ),
)
