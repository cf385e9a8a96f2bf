"""Lesson 3: the registry's HTTP API, spoken by hand."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=3,
    slug="speak-the-api",
    title="Speak the registry's language",
    minutes=75,
    summary="Push an image by hand over HTTP, attach an artifact, and see what docker push and pull say.",
    ports=(5000,),
    images=("registry:2", "busybox:latest"),
    exercises=(
        Exercise(
            "3.1",
            "A second tag with the same digest",
            NamedCheck(f"{__name__}.checks:second_tag"),
            hints=(
                "A tag is made by PUT of a manifest under that tag; the registry has the manifest already.",
                "JSON that is parsed and written again has other bytes: send reply.content as it came.",
                "GET with Accept, then PUT /v2/busybox/manifests/stable with the content-type of the answer.",
            ),
            cell="answer-3-1",
            points=4,
        ),
        Exercise(
            "3.2",
            "An image of your own, pushed by hand",
            NamedCheck(f"{__name__}.checks:own_image"),
            hints=(
                "Three things have to be in the repository: the layer, a config, and the manifest, in that order.",
                "Mount busybox's layer into mine/shout; its diff_ids are in busybox's own config.",
                'The config\'s "config" is {"Cmd": ["echo", …]}; upload it, then put_manifest("mine/shout", "1", …).',
            ),
            cell="answer-3-2",
            points=8,
        ),
        Exercise(
            "3.3",
            "A review attached to busybox",
            NamedCheck(f"{__name__}.referrers:review"),
            hints=(
                "Two manifests: the artifact with its subject, and the index that lists it beside what it lists now.",
                "The subject is the descriptor of busybox:latest; the fallback tag is its digest with - for :.",
                'listed("busybox", digest) gives the entries; yours: media type, digest, size, "artifactType".',
            ),
            cell="answer-3-3",
            points=6,
        ),
    ),
    questions=(
        Question(
            "3.4",
            "You change one label of a large image and push it again. What travels?",
            choices={
                "a": "All of it: it is another image now.",
                "b": "The config and the manifest.",
                "c": "The manifest alone.",
            },
            right="b",
            why={
                "a": "A HEAD for each layer answers 200, so no layer is sent.",
                "b": "The label is in the config, so that has a new digest, and so has the manifest.",
                "c": "The manifest lists the config by its digest, and the registry does not have that config yet.",
            },
            hints=("Look at the second drawing: which blobs have a PATCH?",),
            points=2,
        ),
    ),
)
