"""Lesson 16: one walk through three registries, and the questions that choose one."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=16,
    slug="choose-a-registry",
    title="Choose a registry",
    minutes=40,
    summary="Take the same walk through three registries, and choose one by questions in their order.",
    ports=(5000, 5001),
    hub=True,
    images=("registry:2", "hello-world:latest"),
    loaded=("crane",),
    exercises=(
        Exercise(
            "16.2",
            "A registry that deletes",
            NamedCheck(f"{__name__}.checks:deletes"),
            hints=(
                "Lesson 11 met the same answer, 405, in its first section, and a variable that changes it.",
                'serve(REGISTRY_STORAGE_DELETE_ENABLED="true")',
            ),
            cell="answer-16-2",
            points=3,
        ),
        Exercise(
            "16.4",
            "Pull without an account",
            NamedCheck(f"{__name__}.checks:open_to_strangers"),
            hints=(
                "A repository of the hub is private or public. Which one can a stranger pull from?",
                "The path is that of the repository, /v2/namespaces/ada/repositories/walk, and the field is_private.",
                'ada.patch("/v2/namespaces/ada/repositories/walk", json={"is_private": …})',
            ),
            cell="answer-16-4",
            points=4,
        ),
        Exercise(
            "16.5",
            "A registry for each team",
            NamedCheck(f"{__name__}.teams:matched"),
            hints=(
                "Take the questions in their order for one team, and stop at the first that leaves one registry.",
                "For the pipeline it is how long the images are needed, for the plant who can reach the registry, for "
                "the shop where its accounts are.",
            ),
            cell="answer-16-5",
            points=1,
        ),
        Exercise(
            "16.6",
            "An inventory of what is there",
            NamedCheck(f"{__name__}.inventory_file:complete"),
            hints=(
                "How many repositories does one answer of the catalog have? Print its headers too.",
                'A header Link names the next page. In httpx: answer.links.get("next"), with its "url".',
                "A loop: get a page, add its repositories, go on with the next page until there is none.",
            ),
            cell="answer-16-6",
            points=8,
        ),
    ),
    questions=(
        Question(
            "16.1",
            "`registry:2` runs as it comes. Which of the four categories will it refuse?",
            choices={
                "a": "Push: there is no login.",
                "b": "Content discovery: it has no web page.",
                "c": "Content management: nothing may be deleted.",
            },
            right="c",
            why={
                "a": "Where no one has to log in, everyone may push. Lesson 1 pushed like that.",
                "b": "The lists are answers of its API. A web page is not in the specification.",
                "c": "Each DELETE is answered with 405, until a variable allows it.",
            },
            hints=(
                "Which of these has a course registry refused before? Lesson 11 began with it.",
            ),
            points=2,
        ),
        Question(
            "16.3",
            "An image in crane has the tag `gone`. You send crane a DELETE with the digest of the image. What does a "
            "GET of the tag answer then?",
            choices={
                "a": "404, as the specification says.",
                "b": "200 and the whole manifest: crane keeps one for each name.",
                "c": "405: crane deletes nothing.",
            },
            right="b",
            why={
                "a": 'The specification says so, "and any tag pointing to that digest will return a 404", and '
                "crane does not. Walk there.",
                "b": "A push by tag keeps the manifest under the tag and under the digest, and this DELETE removes one "
                "of the two.",
                "c": "It deletes without a setting. The walk shows how much.",
            },
            hints=(
                "What is a tag in distribution, and does another program have to do it like that?",
            ),
            points=2,
        ),
    ),
)
