"""Lesson 6: who may use a registry: password files, logins, and a door for those without one."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=6,
    slug="let-the-right-people-in",
    title="Let the right people in",
    minutes=60,
    summary="Give a registry members with passwords, log in, hear a password go by, and let everyone else read.",
    ports=(5000, 5001, 8080),
    nodes=2,
    images=("registry:2", "hello-world:latest", "httpd:2", "nginx:latest"),
    exercises=(
        Exercise(
            "6.2",
            "A line in a password file",
            NamedCheck(f"{__name__}.own_line:one_line"),
            hints=(
                "Which of the three ways you take does not matter. A line is user:hash.",
                'hashed("ada", "lovelace") of the cell above gives the whole line.',
                'lab.node().write_file("/srv/team/htpasswd", hashed("ada", "lovelace") + "\\n")',
            ),
            cell="answer-6-2",
            points=2,
        ),
        Exercise(
            "6.3",
            "A registry with two members",
            NamedCheck(f"{__name__}.checks:two_members"),
            hints=(
                "The password file has a line for each member. What its container sees of it, you decide with a mount.",
                "Three variables: REGISTRY_AUTH, REGISTRY_AUTH_HTPASSWD_REALM and REGISTRY_AUTH_HTPASSWD_PATH.",
                'volumes={"/srv/team": {"bind": "/auth", "mode": "ro"}}, and the path is /auth/htpasswd.',
            ),
            cell="answer-6-3",
            points=6,
        ),
        Exercise(
            "6.5",
            "One leaves, one joins, nobody is cut off",
            NamedCheck(f"{__name__}.checks:members_change"),
            hints=(
                "The registry reads its file again when the file is newer than what it read.",
                "Write the whole file once more: ada and linus, without grace.",
                'lab.node().write_file("/srv/team/htpasswd", …), and leave the container alone.',
            ),
            cell="answer-6-5",
            points=3,
        ),
        Exercise(
            "6.6",
            "A door for readers",
            NamedCheck(f"{__name__}.readers_door:door_for_readers"),
            hints=(
                "A login asks once, at /v2/. A door for readers must answer 200 there without a password.",
                "The proxy itself logs in: proxy_set_header Authorization. It passes on to 127.0.0.1:5001.",
                "The default of the map decides about writing. Without one: limit_except GET { deny all; } in it.",
            ),
            cell="answer-6-6",
            points=7,
        ),
    ),
    questions=(
        Question(
            "6.1",
            "A machine runs `htpasswd -Bbn moby gordon`. Who can read the password meanwhile?",
            choices={
                "a": "root alone.",
                "b": "Every user of the machine.",
                "c": "No one: bcrypt hides it.",
            },
            right="b",
            why={
                "a": "The words of a command are open to all users, unless the machine was told to hide them.",
                "b": "The words of a command are in /proc/<pid>/cmdline, and `ps` shows them to anyone.",
                "c": "bcrypt hides it in the line that comes out. The command line has it as you typed it.",
            },
            hints=("What does `ps aux` show?",),
            points=1,
        ),
        Question(
            "6.4",
            "You ran `docker login localhost:5000` and it succeeded. A push to `127.0.0.1:5000` says "
            "`no basic auth credentials`. What is wrong?",
            choices={
                "a": "The password in config.json is encrypted, and the engine has lost the key.",
                "b": "Credentials are kept under the host as you wrote it, and you wrote another one.",
                "c": "The registry has forgotten the login: log in again.",
            },
            right="b",
            why={
                "a": "Nothing is encrypted there: base64 can be read by everybody who can read the file.",
                "b": "No one compares addresses: localhost:5000 and 127.0.0.1:5000 are two entries.",
                "c": "A registry remembers no login. The password travels with the requests, each time.",
            },
            hints=("Which key has the entry in config.json?",),
            points=1,
        ),
    ),
)
