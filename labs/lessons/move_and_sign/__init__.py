"""Lesson 15: images moved between registries and over a disk, signed, and run only if they verify."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=15,
    slug="move-and-sign",
    title="Move and sign",
    minutes=60,
    summary="Copy images between registries and over a disk, sign them, keep what belongs to them, run what verifies.",
    ports=(5000, 5001),
    images=("registry:2", "busybox:latest"),
    loaded=("tools",),
    exercises=(
        Exercise(
            "15.1",
            "All platforms",
            NamedCheck(f"{__name__}.checks:synced"),
            hints=(
                "The text before the exercise names two options that decide about digests.",
                'tool(*sync, "--all", …, …): from the same place, to f"{THERE}/team".',
            ),
            cell="answer-15-1",
            points=1,
        ),
        Exercise(
            "15.2",
            "Sign an image",
            NamedCheck(f"{__name__}.checks:signed"),
            hints=(
                'tool("cosign", "sign", …): first the options, each a text of its own, then what is signed.',
                'The options are "--key", "team.key", "--tlog-upload=false", "--yes"; what is signed is exact.',
            ),
            cell="answer-15-2",
            points=1,
        ),
        Exercise(
            "15.5",
            "Put a signature back",
            NamedCheck(f"{__name__}.checks:signed_again"),
            hints=(
                "A signature is an image under a tag of its own. What copies an image from THERE to HERE?",
                'tool("skopeo", "copy", *PLAIN, …, …), from docker://{THERE}/by-cosign/app to '
                "docker://{HERE}/team/app, both with the tag signature_tag.",
            ),
            cell="answer-15-5",
            points=1,
        ),
        Exercise(
            "15.6",
            "Verify before run",
            NamedCheck(f"{__name__}.checks:ran_verified"),
            hints=(
                "Three steps: the digest of the tag, asked once; verify by digest; run by digest.",
                'here.head("shop/web", tag).digest is the digest. verify(exact, "shop.pub") is "verified" or why not.',
                'exact = f"{HERE}/shop/web@{digest}", and docker.containers.run(exact) if it verified.',
            ),
            cell="answer-15-6",
            points=4,
        ),
        Exercise(
            "15.7",
            "Move a repository",
            NamedCheck(f"{__name__}.moved_shop:moved"),
            hints=(
                "The table of what travels has one line with yes three times.",
                "Two options of skopeo sync decide whether digests stay: one for an index, one for a layer that is "
                "not compressed.",
                'tool(*sync, "--all", "--preserve-digests", f"{HERE}/shop/tea", f"{THERE}/shop")',
            ),
            cell="answer-15-7",
            points=4,
        ),
        Exercise(
            "15.8",
            "What came on a stick",
            NamedCheck(f"{__name__}.moved_shop:taken_in"),
            hints=(
                "skopeo sync with --src dir --dest docker and --keep-going, to a repository that no one uses, in try.",
                'Then for each tag that arrived: verify(…, "shop.pub") by its digest, with the key that is in /srv.',
                'tool("cosign", "copy", …, f"{THERE}/school/tea:{tag}") takes the signature along.',
            ),
            cell="answer-15-8",
            points=5,
        ),
    ),
    questions=(
        Question(
            "15.3",
            "`team/app:1` has a signature by cosign and an SBOM attached by oras. You copy it with `skopeo copy "
            "docker://…/team/app:1 docker://…/by-skopeo/app:1`. What arrives?",
            choices={
                "a": "The image, its signature and its SBOM.",
                "b": "The image and its signature.",
                "c": "The image.",
            },
            right="c",
            why={
                "a": "Both are manifests of their own. The image's manifest does not name them; they name it.",
                "b": "The signature is under a tag of its own, and one tag was copied.",
                "c": "skopeo copies what the tag stands for. What points to it from elsewhere stays there.",
            },
            hints=("Which document names which: the image its signature, or the other way round?",),
            points=2,
        ),
        Question(
            "15.4",
            "`latest` is moved to image 1, which is older, has a known hole, and was signed with the same key. What "
            "does verify(…:latest) say?",
            choices={
                "a": "no signatures found: the tag was moved after signing.",
                "b": "verified.",
                "c": "no matching signatures: the claim names another tag.",
            },
            right="b",
            why={
                "a": "That is about a digest that no one has signed. The digest of image 1 is signed.",
                "b": "The claim names a repository and a digest. Which tags stood for it, and when, it does not say.",
                "c": "The claim names a repository and a digest, no tag, unless an annotation adds one.",
            },
            hints=("What does the claim of a signature name?",),
            points=2,
        ),
    ),
)
