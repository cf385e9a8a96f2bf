"""Lesson 11: what deleting frees and what it does not, and a job that collects garbage by itself."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=11,
    slug="clean-up",
    title="Clean up",
    minutes=60,
    summary="Delete images, collect garbage without losing any, purge a secret, and let a job do it every night.",
    ports=(5000,),
    nodes=2,
    images=("registry:2", "busybox:latest"),
    exercises=(
        Exercise(
            "11.2",
            "Collect garbage",
            NamedCheck(f"{__name__}.checks:collected"),
            hints=(
                "The dry run and the real one differ by one option.",
                "collect() without an argument runs garbage-collect in the registry's container.",
            ),
            cell="answer-11-2",
            points=0,
        ),
        Exercise(
            "11.4",
            "Layer already exists",
            NamedCheck(f"{__name__}.checks:pulled_again"),
            hints=(
                "The registry answers from a cache in its memory. What empties a program's memory?",
                "Pushing again helps once the registry has been started again.",
                'docker.containers.get("registry").restart(), lab.wait(5000), then lab.push.',
            ),
            cell="answer-11-4",
            points=0,
        ),
        Exercise(
            "11.5",
            "A read-only registry",
            NamedCheck(f"{__name__}.checks:read_only"),
            hints=(
                "The variable is REGISTRY_STORAGE_MAINTENANCE, and its value is a small JSON document.",
                '{"readonly": {"enabled": true}} is the value.',
            ),
            cell="answer-11-5",
            points=0,
        ),
        Exercise(
            "11.6",
            "Purge a secret",
            NamedCheck(f"{__name__}.purged_shop:purged"),
            hints=(
                "A blob goes when no manifest names it: first find every manifest that lists the layer.",
                "Tags do not lead to all of them. The dry run names every manifest of a repository. On the disk they "
                "are in /var/lib/registry/docker/registry/v2/repositories/<name>/_manifests/revisions.",
                "lab.registry.delete(repository, digest) for each, then collect() without -m, then "
                'serve(REGISTRY_STORAGE_DELETE_ENABLED="true").',
            ),
            cell="answer-11-6",
            points=5,
        ),
        Exercise(
            "11.7",
            "Keep the newest three",
            NamedCheck(f"{__name__}.checks:retained"),
            hints=(
                "Make the list of digests to keep first. Delete what has another digest, and nothing by its tag.",
                "The date is `created` in the config. An index has none: take that of the first image it lists.",
                'A signature\'s tag is "sha256-<digits>.sig"; it goes where sha256:<digits> goes.',
            ),
            cell="answer-11-7",
            points=5,
        ),
        Exercise(
            "11.8",
            "A job that collects garbage",
            NamedCheck(f"{__name__}.checks:collected_by_itself"),
            hints=(
                "Three steps: no more pushes, collect, a new start that takes pushes. Each is one docker command.",
                "docker stop registry is the shortest way to no more pushes; a read-only one still serves pulls. In a "
                "stopped container docker exec does nothing. This collects: docker run --rm --volumes-from registry "
                "registry:2 garbage-collect /etc/docker/registry/config.yml",
                'A container with "while sleep 10; do chroot /host sh /srv/clean-up.sh; done" is a schedule.',
            ),
            cell="answer-11-8",
            points=6,
        ),
    ),
    questions=(
        Question(
            "11.1",
            "`team/app` has the tags 1, 2 and stable; 1 and stable are one image. You send a DELETE with the digest "
            "that 1 stands for. Which tags are left?",
            choices={
                "a": "2 and stable.",
                "b": "2.",
                "c": "1, 2 and stable: a digest is not a tag.",
            },
            right="b",
            why={
                "a": "A tag is a link to a digest. The manifest behind both links is deleted.",
                "b": "Both tags stood for that manifest, and it is deleted.",
                "c": "The tags stay on the disk as links, and a link to a manifest that is gone is not a tag any more.",
            },
            hints=("What does a tag hold? Lesson 2 drew it.",),
            points=2,
        ),
        Question(
            "11.3",
            "Now with `-m`, `--delete-untagged`. What is gone afterwards?",
            choices={
                "a": "Only the overwritten image.",
                "b": "The overwritten image, the two images that the index `both` lists, and the signature.",
                "c": "The overwritten image and the whole index, its tag too.",
            },
            right="b",
            why={
                "a": "The images behind an index have no tag of their own either.",
                "b": "None of these four manifests has a tag. That an index lists three does not count, in 2.8.",
                "c": "The index has a tag, so it stays: a list of images that are gone.",
            },
            hints=("Which manifests of this repository have a tag of their own?",),
            points=2,
        ),
    ),
)
