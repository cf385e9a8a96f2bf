"""Lesson 8: a swarm's registry with TLS and members, the login of its nodes, and what is pinned."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=8,
    slug="guard-a-swarm",
    title="Guard a swarm's registry",
    minutes=50,
    summary="Give a swarm's registry TLS and members from configs and secrets, let nodes log in, pin what runs.",
    ports=(5000,),
    managers=3,
    store=True,
    images=("registry:2", "nginx:latest", "httpd:2", "haproxy:3"),
    exercises=(
        Exercise(
            "8.2",
            "A page from a config",
            NamedCheck(f"{__name__}.config_page:page_from_config"),
            hints=(
                "Two things: a config in the swarm, and a service that names it and says where.",
                'docker.configs.create(name=…, data=b"…") returns the config; its id and name go into a '
                "ConfigReference, the page's path is the third.",
                'docker.services.create("nginx", name="notice", configs=[ConfigReference(page.id, page.name, …)])',
            ),
            cell="answer-8-2",
            points=3,
        ),
        Exercise(
            "8.5",
            "A login for every node",
            NamedCheck(f"{__name__}.site_services:on_every_node"),
            hints=(
                "Node 1 is logged in twice: with the command, and with the SDK. Either can give the swarm its login.",
                "`docker service update` has the option of the text. The SDK sends its login with each update that "
                "names an image.",
                'sh("docker service update --detach --with-registry-auth --image registry.lab:5000/site:1 site")',
            ),
            cell="answer-8-5",
            points=3,
        ),
        Exercise(
            "8.7",
            "Pinned to version 2",
            NamedCheck(f"{__name__}.site_services:pinned"),
            hints=(
                "What does `pinned` have in its image that `floating` has not?",
                "The digest is what the registry has for site:2: docker.images.get_registry_data(…).id.",
                'docker.services.get("floating").update(image="registry.lab:5000/site:2@sha256:…", '
                "fetch_current_spec=True)",
            ),
            cell="answer-8-7",
            points=3,
        ),
        Exercise(
            "8.8",
            "A second member, and the first one stays",
            NamedCheck(f"{__name__}.checks:two_members"),
            hints=(
                "The registry reads one file. What has to be in it, and what does the swarm mount there?",
                "A secret cannot be changed: make a second one with both lines, under another name, and let it "
                "appear in the task under the old file's name.",
                'SecretReference(second.id, second.name, filename="members") beside those of the other two, in '
                'docker.services.get("registry").update(secrets=[…], fetch_current_spec=True).',
            ),
            cell="answer-8-8",
            points=7,
        ),
    ),
    questions=(
        Question(
            "8.1",
            "A manager is asked for a config and for a secret. Whose content comes back?",
            choices={
                "a": "That of both: whoever may ask a manager may see everything.",
                "b": "That of the config.",
                "c": "Neither: both are for tasks alone.",
            },
            right="b",
            why={
                "a": "A secret's content is never given back. Lose your own copy, and you make a new secret.",
                "b": "So a key or a hash is a secret's business, and a certificate may be a config.",
                "c": "A config is not hidden: its `Data` is in what inspect shows.",
            },
            hints=("Which of the two may hold a private key?",),
            points=1,
        ),
        Question(
            "8.3",
            "Who can read the hash of moby's password?",
            choices={
                "a": "Anyone who may ask a manager: `docker service inspect registry` shows it.",
                "b": "Anyone who gets hold of the disk of the node that runs the task.",
                "c": "The programs of the task, and who may run one there.",
            },
            right="c",
            why={
                "a": "It shows variables, paths and the names of secrets, not what is in them.",
                "b": "The file is in memory. Managers keep secrets on their disks, encrypted.",
                "c": "The task must read it. `docker exec` on that node can read it too, so guard the engines.",
            },
            hints=("The registry has to read the file. Where is it then?",),
            points=1,
        ),
        Question(
            "8.4",
            "Node 1 is logged in and has the image; nodes 2 and 3 are not. `docker service create --replicas 3 "
            "registry.lab:5000/site:1`: what do nodes 2 and 3 say?",
            choices={
                "a": "Nothing: node 1 is a manager, so its login counts for the swarm.",
                "b": "`no basic auth credentials`.",
                "c": "`No such image`.",
            },
            right="c",
            why={
                "a": "A login is kept where it was made. The swarm gets it if you say so.",
                "b": "So says an engine that you ask to pull. A task tells only that its image is not there.",
                "c": "The pull failed, and the task tells the last of it. Think of the login when you read this.",
            },
            hints=("A task says why it could not start, not why a pull failed.",),
            points=1,
        ),
        Question(
            "8.6",
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
            hints=("Compare the images of the two services above.",),
            points=1,
        ),
    ),
)
