"""Lesson 14: git push makes images: rules, hooks, links, triggers, and webhooks into a receiver that deploys."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=14,
    slug="build-on-push",
    title="Build on push",
    minutes=60,
    summary="Let git push build images, rebuild what depends on them, and deploy them by a signed webhook.",
    ports=(8080, 8081),
    nodes=2,
    hub=True,
    images=("busybox:latest",),
    exercises=(
        Exercise(
            "14.1",
            "A build rule",
            NamedCheck(f"{__name__}.checks:built_by_rule"),
            hints=(
                "What is the branch called that the first push has made? git's answer names it.",
                'rule("app", "branch", "main", "latest"), then git.push.',
            ),
            cell="answer-14-1",
            points=1,
        ),
        Exercise(
            "14.2",
            "Mend a build that fails",
            NamedCheck(f"{__name__}.checks:mended"),
            hints=(
                "The log names a file that does not exist. Which line of the Dockerfile asks for it?",
                'push("app", {**page, "Dockerfile": DOCKERFILE}, "the right folder")',
            ),
            cell="answer-14-2",
            points=1,
        ),
        Exercise(
            "14.3",
            "v1.2.3 makes 1.2.3, 1.2 and 1",
            NamedCheck(f"{__name__}.checks:version_tags"),
            hints=(
                'rule("tools", "tag", …) with an expression between slashes that begins with ^ and ends with $.',
                r"A group for each number: ([0-9]+). A dot that is only a dot: \. And {\1} is the first group.",
                r'r"/^v([0-9]+)\.([0-9]+)\.([0-9]+)$/" and r"{\1}.{\2}.{\3}, {\1}.{\2}, {\1}", then tag and push.',
            ),
            cell="answer-14-3",
            points=5,
        ),
        Exercise(
            "14.4",
            "An image that knows its commit",
            NamedCheck(f"{__name__}.checks:knows_commit"),
            hints=(
                "The Dockerfile copies the folder www. A hook that writes into it comes before that.",
                'push("app", {"hooks/pre_build": …}, "note the commit"); the hook is one line with echo and >.',
            ),
            cell="answer-14-4",
            points=1,
        ),
        Exercise(
            "14.6",
            "Nightly, by a trigger",
            NamedCheck(f"{__name__}.checks:nightly"),
            hints=(
                "docker_tag runs a build of that tag again, and there has been none.",
                'The body names what to build: {"source_type": "branch", "source_name": "main"}.',
            ),
            cell="answer-14-6",
            points=1,
        ),
        Exercise(
            "14.7",
            "Verify a signature",
            NamedCheck(f"{__name__}.checks:verified"),
            hints=(
                "hmac.new takes the key and the message, both as bytes, and the digest's function.",
                'return hmac.new(key, f"{time}.{body}".encode(), hashlib.sha256).hexdigest()',
            ),
            cell="answer-14-7",
            points=1,
        ),
        Exercise(
            "14.8",
            "Deploy what the hub tells",
            NamedCheck(f"{__name__}.checks:deployed"),
            hints=(
                "The order: read the body, calculate, compare, look at the time, answer, deploy.",
                'mac=$(printf \'%s\' "$time.$body" | openssl dgst -sha256 -hmac "$(cat secret)" -r | cut -c 1-64)',
                'if [ "$HTTP_X_HUB_SIGNATURE_256" != "sha256=$mac" ] || [ $(($(date +%s) - time)) -gt 300 ]; then '
                "printf 'Status: 403 Forbidden\\n\\n'; exit; fi",
            ),
            cell="answer-14-8",
            points=8,
        ),
    ),
    questions=(
        Question(
            "14.5",
            "The base's git repository gets a new commit, and the app's gets none. What does the hub build?",
            choices={
                "a": "The base. The app is built at its own next push.",
                "b": "The base and the app at once, when git has the commit.",
                "c": "The base, and when its image is in the registry, the app's last commit again.",
            },
            right="c",
            why={
                "a": "That is how it is without a link.",
                "b": "At that moment the registry still has the old base, and FROM would pull that one.",
                "c": "The link follows the image: the new one starts the app's builds.",
            },
            hints=("What does FROM pull, and when is that new?",),
            points=2,
        ),
    ),
)
