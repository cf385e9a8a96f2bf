"""Lesson 10: a cache between engines and a hub: what it saves, what it keeps, what it gives away."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=10,
    slug="cache-what-you-pull",
    title="Cache what you pull",
    minutes=60,
    summary="Put a cache before a hub, count what it saves, switch the hub off, and keep private images private.",
    ports=(5000, 5001, 5002, 5003),
    nodes=2,
    images=("registry:2", "hello-world:latest", "busybox:latest", "nginx:latest"),
    exercises=(
        Exercise(
            "10.1",
            "Both engines ask the cache",
            NamedCheck(f"{__name__}.small_checks:asks_the_cache"),
            hints=(
                "The first cell tells both engines about the course's mirror: the same call, with another address.",
                'node.reload_engine({"registry-mirrors": ["http://node1:5000"]}), for each node of lab.nodes.',
            ),
            cell="answer-10-1",
            points=1,
        ),
        Exercise(
            "10.2",
            "Predict what the hub sends to a second engine",
            NamedCheck(f"{__name__}.small_checks:second_engine"),
            hints=(
                "The cache stored what it fetched for node 1.",
                "Look at the column of the hub: how many rows are GET … blobs?",
            ),
            cell="answer-10-2",
            points=1,
        ),
        Exercise(
            "10.3",
            "Predict which digest comes while the hub is off",
            NamedCheck(f"{__name__}.small_checks:stale_tag"),
            hints=(
                "Who can tell the cache that the tag has moved?",
                "The cache had seen one digest of latest before the hub went off.",
            ),
            cell="answer-10-3",
            points=1,
        ),
        Exercise(
            "10.4",
            "Pull through the cache by name",
            NamedCheck(f"{__name__}.small_checks:by_name"),
            hints=(
                "A reference begins with host and port of the registry that is asked.",
                "On the hub the repository is library/hello-world, and the cache has the hub's names.",
            ),
            cell="answer-10-4",
            points=1,
        ),
        Exercise(
            "10.5",
            "Predict what is left after seven days",
            NamedCheck(f"{__name__}.small_checks:after_a_week"),
            hints=(
                "The two numbers that the cell prints last are of the manifest and of a layer.",
                "200: the cache has it. 500: it has not, and the hub could not be asked.",
            ),
            cell="answer-10-5",
            points=1,
        ),
        Exercise(
            "10.6",
            "Both engines pull while the hub is off",
            NamedCheck(f"{__name__}.hub_off:serves_both"),
            hints=(
                "Three things: a cache on port 5001, both engines ask it, and it has the image before that is needed.",
                'REGISTRY_HTTP_ADDR=":5001" beside REGISTRY_PROXY_REMOTEURL, and network_mode="host".',
                'reload_engine with ["http://node1:5001"] on both nodes, then lab.pull("shop") once with the hub on.',
            ),
            cell="answer-10-6",
            points=6,
        ),
        Exercise(
            "10.7",
            "A cache that gives no private image",
            NamedCheck(f"{__name__}.private_images:keeps_private"),
            hints=(
                "A cache reads as the account whose login it has. Who needs that account to read the plans?",
                "robot may read library/ alone. And a cache that has stored the plans gives them without any login.",
                'proxy: {remoteurl: "http://node2:5003", username: robot, password: tin-man} in a cache without old '
                'data; lab.remove("members").',
            ),
            cell="answer-10-7",
            points=7,
        ),
    ),
    questions=(
        Question(
            "10.8",
            "Your engines have a mirror, and a pull says only that registry-1.docker.io cannot be reached. "
            "What do you know about the mirror?",
            choices={
                "a": "It was not asked: the engine went to Docker Hub at once.",
                "b": "It works: if it were off, the message would name it.",
                "c": "It did not give the image, for whatever reason; its own log tells whether it was asked.",
            },
            right="c",
            why={
                "a": "The mirror is asked first. When it fails, the engine goes on, and names the last one it asked.",
                "b": "The lesson's cache had ended, and the words were the same.",
                "c": "A 404 or 500 in its log: it was asked and had nothing. No line: not reached, or not set up.",
            },
            hints=('Compare what "Break it" printed with the cache on and with the cache off.',),
            points=2,
        ),
    ),
)
