"""Lesson 9: updates that replace tasks one by one and are taken back, a node drained, managers lost."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=9,
    slug="keep-a-swarm-serving",
    title="Keep a swarm serving",
    minutes=50,
    summary="Roll out an update, take back one that fails, empty a node, lose the leader and then the quorum.",
    ports=(5000,),
    managers=3,
    images=("registry:2", "nginx:latest", "httpd:2", "hello-world:latest", "haproxy:3"),
    exercises=(
        Exercise(
            "9.3",
            "A service that takes back a bad update",
            NamedCheck(f"{__name__}.checks:takes_back"),
            hints=(
                "Three things have to be in the service: how many, exactly what, and what to do when an update fails.",
                "The digest is what the registry has: docker.images.get_registry_data(…).id. What to do is told by "
                "UpdateConfig, whose defaults are not those of the command.",
                'docker.services.create("127.0.0.1:5000/shop:1@sha256:…", name="shop", mode=ServiceMode(…), '
                'update_config=UpdateConfig(parallelism=1, failure_action="rollback")).',
            ),
            cell="answer-9-3",
            points=8,
        ),
        Exercise(
            "9.5",
            "An empty node",
            NamedCheck(f"{__name__}.checks:emptied"),
            hints=(
                "The cell above has emptied node 2: one word in its Spec did it.",
                'docker.nodes.get("node3") has its Spec in attrs; update takes all of it, with another Availability.',
                'node3.update({**node3.attrs["Spec"], "Availability": …}), then wait until "node3" is not in places().',
            ),
            cell="answer-9-5",
            points=3,
        ),
        Exercise(
            "9.8",
            "A quorum again",
            NamedCheck(f"{__name__}.checks:takes_orders_again"),
            hints=(
                "How many managers make more than half of three?",
                "start() of a node switches it on. lab.swarm.reach() waits until the managers agree, and returns one "
                "of them: its docker is a client that can give an order.",
                'lab.swarm.reach().docker.services.get("site").scale(4), and start() of both nodes that are off.',
            ),
            cell="answer-9-8",
            points=4,
        ),
    ),
    questions=(
        Question(
            "9.1",
            "`site` goes from version 1 to version 2, one task after the other. What do its visitors get meanwhile?",
            choices={
                "a": "Version 1 until all new tasks are ready, then version 2.",
                "b": "Some get version 1 and some version 2.",
                "c": "Nothing: the service stops, changes its image and starts again.",
            },
            right="b",
            why={
                "a": "For that there would have to be six tasks. The swarm replaces one, then the next.",
                "b": "Old and new tasks answer side by side, so two versions have to get on with the same data.",
                "c": "Only the task that is being replaced stops. The others go on.",
            },
            hints=("Three tasks, and one at a time is replaced: who answers in between?",),
            points=1,
        ),
        Question(
            "9.2",
            "The update to the broken version 3 is started, with `failure_action=rollback`. What runs when it is over?",
            choices={
                "a": "Two tasks of version 2, and one of version 3 that starts again and again.",
                "b": "Nothing: each task in turn gets version 3, and ends.",
                "c": "Three tasks of version 2.",
            },
            right="c",
            why={
                "a": "So it would be with `pause`, which is what the docker command writes if you say nothing.",
                "b": "So it would be with `continue`, which is what the SDK's UpdateConfig() writes.",
                "c": "The first failure stops the update, and what was replaced gets its old image back.",
            },
            hints=("What does the name of the setting say?",),
            points=1,
        ),
        Question(
            "9.4",
            "Node 2 was drained, and is active again. How many of the three tasks does it have?",
            choices={
                "a": "One: its old task comes back.",
                "b": "None.",
                "c": "One: the swarm makes a new one there, so that each node has one.",
            },
            right="b",
            why={
                "a": "That task has ended. Another one has taken its place on another node.",
                "b": "Moving a task would cut off those whom it serves. The node waits for new tasks.",
                "c": "The swarm evens out only what it has to place anyway.",
            },
            hints=("What would become of the visitors of a task that is moved?",),
            points=1,
        ),
        Question(
            "9.6",
            "The leader is off, and the other two have not voted yet. What about `site`, and what about orders?",
            choices={
                "a": "`site` stops: no one leads it.",
                "b": "`site` runs, and orders wait for the vote.",
                "c": "`site` runs, and so do orders: each manager knows everything.",
            },
            right="b",
            why={
                "a": "Each engine runs its own containers. It needs a manager to be told what to change.",
                "b": "Followers pass orders on to the leader, and wait until there is one.",
                "c": "Each knows everything, and one alone may change it: else two could change it in two ways.",
            },
            hints=("Who runs a container, and who decides that it should run?",),
            points=1,
        ),
        Question(
            "9.7",
            "Of three managers two are lost. What happens to the services?",
            choices={
                "a": "They stop: without managers nothing runs.",
                "b": "The one that is left leads, and all goes on.",
                "c": "Tasks on nodes that are on go on running, and nothing can be changed.",
            },
            right="c",
            why={
                "a": "Each engine runs its own containers. It needs a manager to be told what to change.",
                "b": "A vote takes more than half of all managers, of those that are off too: two of three.",
                "c": "Nothing is listed, updated or started again, until a second manager is back.",
            },
            hints=("Can the one that is left know whether the other two are off?",),
            points=1,
        ),
    ),
)
