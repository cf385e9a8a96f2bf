"""Lesson 2: where a registry keeps what you push, and how to keep it."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=2,
    slug="keep-what-you-push",
    title="Keep what you push",
    minutes=45,
    summary="Lose what you pushed, keep it with a bind mount and a volume, read it on the disk, and rescue images.",
    ports=(5000,),
    images=("registry:2", "hello-world:latest", "busybox:latest"),
    exercises=(
        Exercise(
            "2.2",
            "A registry that writes to /srv/shelf",
            NamedCheck(f"{__name__}.checks:bind_mount"),
            hints=(
                "A bind mount has two paths: a folder of the node, and where the container sees it.",
                "The registry writes below /var/lib/registry; one letter more and it writes elsewhere.",
                'volumes={"/srv/shelf": {"bind": "/var/lib/registry", "mode": "rw"}}, then push hello-world.',
            ),
            cell="answer-2-2",
            points=3,
        ),
        Exercise(
            "2.5",
            "Survive docker rm -f",
            NamedCheck(f"{__name__}.checks:survives"),
            hints=(
                "Push first, then remove the container and run a new one on the same volume.",
                'A named volume is made by its first use: volumes={"keep": {"bind": "/var/lib/registry", …}}.',
                "Restarting is not enough: the check compares when the container was made with when you pushed.",
            ),
            cell="answer-2-5",
            points=4,
        ),
        Exercise(
            "2.4",
            "Find the manifest on the disk",
            NamedCheck(f"{__name__}.checks:manifest_file"),
            hints=(
                "A blob's file is called data; its folder is called after its digest.",
                'lab.registry.head("drawn", "latest").digest is the digest of the manifest.',
                "blobs/sha256/<first two digits>/<all digits>/data, below /var/lib/registry/docker/registry/v2",
            ),
            cell="answer-2-4",
            points=5,
        ),
        Exercise(
            "2.6",
            "Rescue what went to a volume without a name",
            NamedCheck(f"{__name__}.rescued:rescued"),
            hints=(
                "The mounts of the running container name the volume at /var/lib/registry. Read it before you remove "
                "the container.",
                "Copy it as the lesson copied `lost` into `saved`, then run the registry on the copy.",
                'volumes=[f"{name}:/from:ro", "rescued:/to"] and the command cp -a /from/. /to, then '
                'run_registry(["rescued:/var/lib/registry"]).',
            ),
            cell="answer-2-6",
            points=6,
        ),
    ),
    questions=(
        Question(
            "2.3",
            "You push one image into a second repository of a registry. What does that push add on its disk?",
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
            hints=("A blob's file is called after its digest. Which digests are new?",),
            points=1,
        ),
        Question(
            "2.1",
            "A registry runs without a volume option, and you remove it with `docker rm -f`. Where is what was pushed?",
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
            hints=("What is `VOLUME` in a Dockerfile for?",),
            points=1,
        ),
    ),
)
