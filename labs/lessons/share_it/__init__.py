"""Lesson 13: a hub before a registry: tokens, organizations, teams, a login for a program."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=13,
    slug="share-it",
    title="Share it",
    minutes=60,
    summary="Fetch a token by hand, let a team pull and not push, and give a robot a login that can be taken back.",
    ports=(),
    nodes=2,
    hub=True,
    images=("hello-world:latest", "busybox:latest"),
    exercises=(
        Exercise(
            "13.2",
            "A token by hand",
            NamedCheck(f"{__name__}.checks:token_for_push"),
            hints=(
                "The registry wrote a scope into its WWW-Authenticate. Which part of it has to be longer?",
                "The actions are at the end, with a comma between them: pull,push.",
            ),
            cell="answer-13-2",
            points=1,
        ),
        Exercise(
            "13.4",
            "A team that may push",
            NamedCheck(f"{__name__}.checks:team_may_push"),
            hints=(
                "A line of this cell gives the team `read`. The same call gives it another permission.",
                'ada.post(site, json={"group_id": developers, "permission": …})',
            ),
            cell="answer-13-4",
            points=1,
        ),
        Exercise(
            "13.6",
            "Delete an image",
            NamedCheck(f"{__name__}.checks:image_deleted"),
            hints=(
                "The image has two tags and one digest, which the cell has looked up already.",
                'ada.delete(f"{tools}/images/{digest}")',
            ),
            cell="answer-13-6",
            points=1,
        ),
        Exercise(
            "13.7",
            "A team that may pull",
            NamedCheck(f"{__name__}.studio:team_may_pull"),
            hints=(
                "The cell that made acme has all calls that you need. Make the repositories before you push.",
                "A team has a permission in one repository, and none in the others.",
                'The last call: ada.post("/v2/repositories/studio/site/groups", json={"group_id": …, "permission": '
                '"read"})',
            ),
            cell="answer-13-7",
            points=6,
        ),
        Exercise(
            "13.8",
            "A robot that pushes",
            NamedCheck(f"{__name__}.robot_login:robot_pushes"),
            hints=(
                "A token can do what its account may, at most. So first give the account robot what it needs.",
                "A second team, with robot in it and write in studio/site. linus' team keeps read.",
                'robot.post("/v2/access-tokens", json={"token_label": "night", "scopes": ["repo:write"]}), and its '
                "`token` into the file. Then log in with it on node 2 and push.",
            ),
            cell="answer-13-8",
            points=5,
        ),
    ),
    questions=(
        Question(
            "13.1",
            "ada pushed `ada/hello:1`, and made no settings. Who can pull it now?",
            choices={
                "a": "ada.",
                "b": "Everyone who has an account and is logged in.",
                "c": "Everyone who can reach the hub.",
            },
            right="c",
            why={
                "a": "That is a private repository. This one was made by a push.",
                "b": "For a public repository no one has to log in, as you pull from Docker Hub without an account.",
                "c": "A push makes a public repository, unless its namespace says otherwise.",
            },
            hints=("What do you pull from Docker Hub without an account?",),
            points=2,
        ),
        Question(
            "13.3",
            "linus is logged in. He pulls `ada/plans:1`, which is private, and `ada/never:1`, which does not exist. "
            "What does he see?",
            choices={
                "a": "For plans `denied`, for never `not found`.",
                "b": "The same message for both, but for the name.",
                "c": "For plans a demand to log in, for never `not found`.",
            },
            right="b",
            why={
                "a": "Then linus could find out which private repositories ada has, by trying names.",
                "b": "Another answer for what exists would tell that it exists.",
                "c": "He is logged in, and no login of his would help.",
            },
            hints=("What could linus learn from two different answers?",),
            points=2,
        ),
        Question(
            "13.5",
            "The access token is switched off. An engine holds a registry token that it fetched with it one minute "
            "ago, for `pull,push` in `acme/site`. What can it do?",
            choices={
                "a": "Nothing: the registry refuses it at once.",
                "b": "Pull from and push to `acme/site` until the registry token expires.",
                "c": "All that linus may, until linus changes his password.",
            },
            right="b",
            why={
                "a": "The registry would have to ask someone. It reads the signature and `exp`, and both are good.",
                "b": "What is signed is valid until `exp`, and a minute more for clocks that differ: about five more "
                "minutes.",
                "c": "A registry token is good for the repositories and actions in `access`, and not for the API.",
            },
            hints=("What does the registry look at, when it gets a token?",),
            points=2,
        ),
    ),
)
