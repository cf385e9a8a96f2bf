"""The assignment: a registry with TLS and members, that a second machine can use. Marked out of 100."""

from labs.lesson import Exercise, Lesson, NamedCheck

LESSON = Lesson(
    number=50,
    slug="assignment-secure-registry",
    title="Assignment: a secure registry",
    minutes=75,
    summary="Run a registry with TLS, members and data that last, and use it from a second machine. 100 points.",
    ports=(5000,),
    nodes=2,
    images=("registry:2", "hello-world:latest", "httpd:2", "nginx:latest"),
    exercises=(
        Exercise(
            "50.1",
            "Encrypted, as registry.lab",
            NamedCheck(f"{__name__}.checks:encrypted"),
            hints=(
                "Lesson 5 has all of it: which field of a certificate holds the name?",
                "-addext subjectAltName=…, and the two settings REGISTRY_HTTP_TLS_CERTIFICATE and …_KEY.",
            ),
            cell="answer-50-1",
            points=20,
        ),
        Exercise(
            "50.2",
            "A private key",
            NamedCheck(f"{__name__}.durability:key_is_private"),
            hints=(
                "Look at all files that hold a private key in what the container mounts, copies too.",
                "chmod 600 leaves a file to its owner.",
            ),
            cell="answer-50-2",
            points=5,
        ),
        Exercise(
            "50.3",
            "Two members, no strangers",
            NamedCheck(f"{__name__}.checks:members"),
            hints=(
                "Lesson 6: a password file, and three settings that start with REGISTRY_AUTH.",
                "Does another port of node 1 lead to the registry, too? Ask it without a password.",
            ),
            cell="answer-50-3",
            points=20,
        ),
        Exercise(
            "50.4",
            "Push and pull from node 2",
            NamedCheck(f"{__name__}.from_node2:from_node_2"),
            hints=(
                "Node 2 needs two things before it can push: whom to trust, and who it is.",
                "/etc/docker/certs.d/registry.lab:5000/ca.crt on node 2, then docker login registry.lab:5000.",
            ),
            cell="answer-50-4",
            points=20,
        ),
        Exercise(
            "50.5",
            "It comes back",
            NamedCheck(f"{__name__}.durability:comes_back"),
            hints=(
                "Which restart policies start a container again after its engine was restarted?",
                "update(restart_policy=…) changes the policy of a container that runs.",
            ),
            cell="answer-50-5",
            points=15,
        ),
        Exercise(
            "50.6",
            "The data survive the container",
            NamedCheck(f"{__name__}.durability:kept"),
            hints=(
                "Lesson 2: where does the registry write, and what of that stays when its container is removed?",
                "Remove the container by force, run it again with the same mounts, and leave the tag as it is.",
            ),
            cell="answer-50-6",
            points=20,
        ),
    ),
)
