"""Lesson 2: where a registry keeps what you push, and how to keep it."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=2,
    slug="keep-what-you-push",
    title="Keep what you push",
    minutes=40,
    summary="Lose what you pushed, keep it with a bind mount and a volume, and read it on the disk.",
    ports=(5000,),
    images=("registry:2", "hello-world:latest", "busybox:latest"),
    exercises=(
        Exercise(
            "2.1",
            "A registry that writes to /srv/shelf",
            NamedCheck(f"{__name__}.checks:bind_mount"),
            hints=(
                "A bind mount has two paths: a folder of the node, and where the container sees it.",
                "The registry writes below /var/lib/registry; one letter more and it writes elsewhere.",
                'volumes={"/srv/shelf": {"bind": "/var/lib/registry", "mode": "rw"}}, then push hello-world.',
            ),
            cell="answer-2-1",
            points=5,
        ),
        Exercise(
            "2.2",
            "Survive docker rm -f",
            NamedCheck(f"{__name__}.checks:survives"),
            hints=(
                "Push first, then remove the container and run a new one on the same volume.",
                'A named volume is made by its first use: volumes={"keep": {"bind": "/var/lib/registry", …}}.',
                "Restarting is not enough: the check compares when the container was made with when you pushed.",
            ),
            cell="answer-2-2",
            points=5,
        ),
        Exercise(
            "2.3",
            "Find the manifest on the disk",
            NamedCheck(f"{__name__}.checks:manifest_file"),
            hints=(
                "A blob's file is called data; its folder is called after its digest.",
                'lab.registry.head("drawn", "latest").digest is the digest of the manifest.',
                "blobs/sha256/<first two digits>/<all digits>/data, below /var/lib/registry/docker/registry/v2",
            ),
            cell="answer-2-3",
            points=6,
        ),
    ),
    questions=(
        Question(
            "2.4",
            "You push one image into two repositories of a registry. What does the second push add on its disk?",
            choices={
                "a": "A second copy of its layers.",
                "b": "Links: small files that hold a digest.",
                "c": "Nothing at all.",
            },
            right="b",
            why={
                "a": "Blobs are stored by digest, so the same bytes have one place.",
                "b": "The blobs are there already; the new repository gets links to them.",
                "c": "The registry must know that the second repository has them too: it writes links.",
            },
            hints=('Look again at what "Push it twice, store it once" printed.',),
            points=2,
        ),
        Question(
            "2.5",
            "A registry ran without any volume option, you removed it with `docker rm -f`. Where is what was pushed?",
            choices={
                "a": "In the registry:2 image.",
                "b": "Deleted with the container.",
                "c": "In a volume without a name, which the next registry will not use.",
            },
            right="c",
            why={
                "a": "An image never changes when a container made from it writes.",
                "b": "Not even that: the image declares a VOLUME, so the data went to an anonymous volume.",
                "c": "`docker rm -f -v` removes that as well, and so does the next `docker volume prune`.",
            },
            hints=("Look again at the number of volumes before and after.",),
            points=2,
        ),
    ),
)
