"""The capstone: the registry of a team on a swarm of five, judged while it is attacked. Marked out of 100."""

from labs.lesson import Exercise, Lesson, NamedCheck

LESSON = Lesson(
    number=60,
    slug="run-the-registry-of-a-team",
    title="Run the registry of a team",
    minutes=180,
    summary="Build a registry for a team on five nodes, and keep it serving while it is attacked. 100 points.",
    ports=(5000, 5001, 5002),
    managers=5,
    store=True,
    images=(
        "registry:2",
        "nginx:latest",
        "httpd:2",
        "haproxy:3",
        "busybox:latest",
        "hello-world:latest",
    ),
    loaded=("tools",),
    exercises=(
        Exercise(
            "60.1",
            "One address and TLS",
            NamedCheck(f"{__name__}.entrance:one_address"),
            hints=(
                "Lesson 5 has the authority and the certificate, lesson 7 how a service gets a port on all "
                "nodes.",
                "A service of nginx with `listen 5000 ssl`, certificate and key as files of `serve`, and "
                "lab.swarm.publish(…, port=5000). Behind a proxy in a swarm, `tasks.NAME` are the addresses "
                "of a service's tasks.",
            ),
            cell="answer-60-1",
            points=12,
        ),
        Exercise(
            "60.2",
            "The data are on S3",
            NamedCheck(f"{__name__}.custody:in_the_store"),
            hints=(
                "Lesson 7 keeps the settings of S3 in a file that is a secret; lesson 12 has all of them.",
                '`serve(…, "registry:2", "/run/secrets/registry.yml", files={"/run/secrets/registry.yml": '
                "…})`. Anything in `env` or in a config can be read.",
            ),
            cell="answer-60-2",
            points=8,
        ),
        Exercise(
            "60.3",
            "Readers and writers",
            NamedCheck(f"{__name__}.roles:roles"),
            hints=(
                "nginx can ask for a password, and for another file of passwords where the method is not GET:"
                " `limit_except`.",
                "Two files of passwords: one with both accounts, one with the writer's line alone. DELETE has"
                " to be allowed in the registry: delete: {enabled: true}.",
            ),
            cell="answer-60-3",
            points=14,
        ),
        Exercise(
            "60.4",
            "A push that is cut",
            NamedCheck(f"{__name__}.cut_push:cut_in_the_middle"),
            hints=(
                "Which setting do replicas share, so that one goes on with what another began? Lesson 7.",
                "A proxy has limits of its own: `client_max_body_size 0` in nginx, and "
                "`proxy_request_buffering off`.",
            ),
            cell="answer-60-4",
            points=6,
        ),
        Exercise(
            "60.5",
            "A cache of the hub",
            NamedCheck(f"{__name__}.hub_cut:without_the_hub"),
            hints=(
                "Lesson 10 has the cache and the setting of the engines. Two replicas with a copy each need "
                "the hub twice: where could they keep one?",
                "`proxy: {remoteurl: …}` in the file, its own `rootdirectory` in the store, and the hub's "
                "address instead of its name: getent hosts mirror, on a node.",
            ),
            cell="answer-60-5",
            points=10,
        ),
        Exercise(
            "60.6",
            "Old builds go by themselves",
            NamedCheck(f"{__name__}.retention:keeps_three"),
            hints=(
                "A service whose task loops: list repositories and tags, read dates and digests, delete by "
                "digest. Exercise 11.7 did that once, in Python.",
                "The image tools has busybox and skopeo: `skopeo inspect --format '{{.Created.Unix}} "
                "{{.Digest}}'`, `skopeo delete`. The nodes do not have that image; push it to your registry.",
            ),
            cell="answer-60-6",
            points=10,
        ),
        Exercise(
            "60.7",
            "A clean-up that loses nothing",
            NamedCheck(f"{__name__}.busy_clean_up:loses_nothing"),
            hints=(
                "As in exercise 11.8, a task that mounts the node's / at /host may run `chroot /host docker "
                "service scale …`.",
                "Scale to 0 what takes pushes, wait until `docker service ps` shows no task of it that still "
                "runs, collect, and scale up again. The name of a service is gone before its tasks are.",
            ),
            cell="answer-60-7",
            points=8,
        ),
        Exercise(
            "60.8",
            "Only what the team has signed",
            NamedCheck(f"{__name__}.deployments:signed_alone"),
            hints=(
                "Exercise 15.6 in a shell script: ask for the digest once, verify that, deploy that.",
                "`docker run --network host …/tools cosign verify --key … --insecure-ignore-tlog "
                "NAME@DIGEST`; SSL_CERT_FILE names an authority, /root/.docker has the login. "
                "`--with-registry-auth` hands the login on.",
            ),
            cell="answer-60-8",
            points=10,
        ),
        Exercise(
            "60.9",
            "A backup that was restored once",
            NamedCheck(f"{__name__}.restored_copy:restored"),
            hints=(
                "skopeo copies a repository to a folder, and a folder to a registry: exercise 15.8.",
                "`skopeo sync --all --preserve-digests --src docker --dest dir …`, and back with `--src dir "
                "--dest docker`. Publish as 127.0.0.1:5002:5000.",
            ),
            cell="answer-60-9",
            points=8,
        ),
        Exercise(
            "60.10",
            "Any two nodes",
            NamedCheck(f"{__name__}.losses:any_two_nodes"),
            hints=(
                "What runs once? What is tied to a node, by a constraint, by a volume, by an address?",
                "`docker service scale`; and a proxy that waits for a lost task makes all wait: "
                "proxy_connect_timeout 1s.",
            ),
            cell="answer-60-10",
            points=14,
        ),
    ),
    draft=False,
)
