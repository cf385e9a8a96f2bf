"""Lesson 3: the registry's HTTP API, spoken by hand."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=3,
    slug="speak-the-api",
    title="Speak the registry's language",
    minutes=55,
    summary="List what a registry has, read a manifest, and push an image by hand, request by request.",
    ports=(5000,),
    images=("registry:2", "busybox:latest"),
    exercises=(
        Exercise(
            "3.1",
            "All repositories, page by page",
            NamedCheck(f"{__name__}.small_steps:all_names"),
            hints=(
                "The header Link of the first page has the address of the next one.",
                'http.get(page.links["next"]["url"]) is that page; its JSON has a list under "repositories".',
                "Two lists become one with +: the names of the first page + the names of the second.",
            ),
            cell="answer-3-1",
            points=2,
        ),
        Exercise(
            "3.2",
            "A label in the config",
            NamedCheck(f"{__name__}.small_steps:label"),
            hints=(
                "From the tag to the manifest, from the manifest to the config: two GETs, as in the cell above.",
                "The manifest is at /v2/test/…/manifests/1, with the headers DOCKER; names has the whole name.",
                'The manifest\'s ["config"]["digest"] names the blob: /v2/test/…/blobs/sha256:…; read its JSON.',
            ),
            cell="answer-3-2",
            points=3,
        ),
        Exercise(
            "3.3",
            "A second tag with the same digest",
            NamedCheck(f"{__name__}.checks:second_tag"),
            hints=(
                "A tag is made by PUT of a manifest under that tag; the registry has the manifest already.",
                "JSON that is parsed and written again has other bytes: send reply.content as it came.",
                "GET with Accept, then PUT /v2/busybox/manifests/stable with the content-type of the answer.",
            ),
            cell="answer-3-3",
            points=3,
        ),
        Exercise(
            "3.4",
            "A blob in two requests",
            NamedCheck(f"{__name__}.small_steps:small_blob"),
            hints=(
                "The cell above does it for another repository and another text.",
                "POST to /v2/notes/blobs/uploads/, then PUT to the location of its answer.",
                'The address of the PUT ends in "&digest=" + digest_of(text); the text itself is its content.',
            ),
            cell="answer-3-4",
            points=2,
        ),
        Exercise(
            "3.5",
            "An upload that stopped half-way",
            NamedCheck(f"{__name__}.half_upload:finished"),
            hints=(
                "Ask first how much is there: GET place answers with the header Range.",
                "A Range of 0-99 means that 100 bytes are there; content[100:] is what is missing then.",
                "PATCH the rest to place, and PUT with the digest to the location of that answer.",
            ),
            cell="answer-3-5",
            points=3,
        ),
        Exercise(
            "3.7",
            "An image of your own, pushed by hand",
            NamedCheck(f"{__name__}.checks:own_image"),
            hints=(
                "Three things have to be in the repository: the layer, a config, and the manifest, in that order.",
                "Mount busybox's layer into mine/shout; its diff_ids are in busybox's own config.",
                'The config\'s "config" is {"Cmd": ["echo", …]}; upload it, then put_manifest as mine/shout:1.',
            ),
            cell="answer-3-7",
            points=6,
        ),
    ),
    questions=(
        Question(
            "3.6",
            "The config and one layer are in the repository. The other layer is in another repository of the same "
            "registry. What does the registry answer to a PUT of the manifest that lists all three?",
            choices={
                "a": "201: the registry has all the bytes.",
                "b": "400: a blob is missing in this repository.",
                "c": "201, and each pull fails until the layer is there.",
            },
            right="b",
            why={
                "a": "It has the bytes, and this repository has no link to them: what it lists must be in it.",
                "b": "The code is MANIFEST_BLOB_UNKNOWN. So the manifest goes last.",
                "c": "The registry looks before it takes a manifest, so that no tag leads to half an image.",
            },
            hints=("What did lesson 2 say that a repository holds?",),
            points=1,
        ),
    ),
)
