"""Lesson 4: what is pushed beside images: indexes, artifacts, referrers; and what docker push and pull say."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=4,
    slug="push-more-than-images",
    title="Push more than images",
    minutes=50,
    summary="See what docker push and pull say, push one tag for two platforms, and attach reports and signatures.",
    ports=(5000,),
    images=("registry:2", "busybox:latest"),
    exercises=(
        Exercise(
            "4.2",
            "An index with its platforms mixed up",
            NamedCheck(f"{__name__}.checks:right_platforms"),
            hints=(
                "GET shop/app:1 with INDEX as Accept: what does it say of each image, and what does the image's config "
                "say?",
                'Keep the entries and their digests; what changes is entry["platform"], by the config\'s architecture.',
                'put_manifest(http, "shop/app", "1", index) puts the changed index under the same tag.',
            ),
            cell="answer-4-2",
            points=4,
        ),
        Exercise(
            "4.3",
            "A header that reads everything",
            NamedCheck(f"{__name__}.checks:reads_all"),
            hints=(
                "Three kinds were pushed here: Docker's manifests, OCI's manifests, OCI's indexes.",
                "The types are in this lesson: DOCKER, INDEX, and the mediaType that an index lists for its images.",
                'One text with commas: ", ".join([…]) makes it from a list.',
            ),
            cell="answer-4-3",
            points=3,
        ),
        Exercise(
            "4.5",
            "A review attached to busybox",
            NamedCheck(f"{__name__}.referrers:review"),
            hints=(
                "Two manifests: the artifact with its subject, and the index that lists it beside what it lists now.",
                "The subject is the descriptor of busybox:latest; the fallback tag is its digest with - for :.",
                'listed(http, "busybox", digest) gives the entries; yours is what attach(…) returns.',
            ),
            cell="answer-4-5",
            points=6,
        ),
        Exercise(
            "4.7",
            "The signature that was lost",
            NamedCheck(f"{__name__}.lost_signature:both_found"),
            hints=(
                "The signature is still stored. What is missing is its entry in the list.",
                "`listed` gives what the list has now; add `signature` to that, and put the list back.",
                "A client that looks again does this in a loop: while its entry is not in the list.",
            ),
            cell="answer-4-7",
            points=4,
        ),
    ),
    questions=(
        Question(
            "4.1",
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
            hints=(
                "Where is a label kept: in a layer, or in a blob of its own? Exercise 3.2 read one.",
            ),
            points=1,
        ),
        Question(
            "4.4",
            "You attach a report to `busybox:latest`: a manifest whose `subject` is that image. What becomes of the "
            "image?",
            choices={
                "a": "Nothing: it keeps its bytes and its digest.",
                "b": "Its manifest lists the report, so it has a new digest.",
                "c": "It keeps its digest, and gets one more layer.",
            },
            right="a",
            why={
                "a": "The report points at the image, not the image at the report. A signature would be useless "
                "otherwise: it would change what it signs.",
                "b": "A digest that changes with each report could not be signed.",
                "c": "Layers are listed in the manifest, and one more would give it another digest.",
            },
            hints=("Which of the two documents holds a digest of the other one?",),
            points=1,
        ),
        Question(
            "4.6",
            "Two clients GET the same list, append an entry each, and PUT the list. What is in it then?",
            choices={
                "a": "Both entries.",
                "b": "The entry of the client whose PUT came last.",
                "c": "The entry of the first: the second PUT is refused.",
            },
            right="b",
            why={
                "a": "A PUT writes the whole document: the registry does not add two lists together.",
                "b": "And no client is told: both were answered with 201.",
                "c": "A tag may be moved at any time, so a PUT under the same tag is not refused.",
            },
            hints=("The list is under a tag. What did a second PUT to a tag do?",),
            points=1,
        ),
    ),
)
