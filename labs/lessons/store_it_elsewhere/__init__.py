"""Lesson 12: registries whose data are in S3 or Swift: their settings, errors and secrets, and a move from disk."""

from labs.lesson import Exercise, Lesson, NamedCheck, Question

LESSON = Lesson(
    number=12,
    slug="store-it-elsewhere",
    title="Store it elsewhere",
    minutes=60,
    summary="Keep a registry's data in S3 or Swift, repair what goes wrong there, and move one from its disk.",
    ports=(5000, 5001, 5002, 5003, 5004),
    store=True,
    images=("registry:2", "hello-world:latest", "busybox:latest"),
    exercises=(
        Exercise(
            "12.3",
            "Let node 1 pull what is in a hidden store",
            NamedCheck(f"{__name__}.checks:reaches_blobs"),
            hints=(
                "Two servers could do something about it: the registry, or the node whose engine is sent away.",
                "The registry sends the bytes itself if its redirect is off; or node 1 learns the name.",
                'run("registry", {**hidden, "REGISTRY_STORAGE_REDIRECT_DISABLE": "true"}, extra_hosts=known)',
            ),
            cell="answer-12-3",
            points=3,
        ),
        Exercise(
            "12.5",
            "Repair a registry that answers 5xx",
            NamedCheck(f"{__name__}.checks:is_repaired"),
            hints=(
                'Ask for /v2/_catalog, then read the last error in docker.containers.get("depot").logs().',
                "The word after s3aws: names the setting. Compare region, secret key and bucket with those of s3.",
                'run("depot", {**s3, "REGISTRY_STORAGE_S3_ROOTDIRECTORY": "/depot"}, 5002)',
            ),
            cell="answer-12-5",
            points=3,
        ),
        Exercise(
            "12.6",
            "A registry whose secret nobody is shown",
            NamedCheck(f"{__name__}.hidden_secret:hides_secret"),
            hints=(
                "What is given with -e, as an argument or as a label is shown. What is in a mounted file is not.",
                "Write a whole configuration file into the node, mode 0o600, and mount it over the registry's own.",
                'volumes=["/srv/vault/config.yml:/etc/docker/registry/config.yml:ro"], port 5001; then push.',
            ),
            cell="answer-12-6",
            points=3,
        ),
        Exercise(
            "12.7",
            "Move a registry from disk to S3, and lose nothing",
            NamedCheck(f"{__name__}.moved_archive:is_moved"),
            hints=(
                "First the old registry refuses pushes, then you copy, then the new one gets the port.",
                'For each repository of old.catalog() copy each of its tags; and copy("team/shop", pinned).',
                'run("archive", …, 5003, volumes=disk) with REGISTRY_STORAGE_MAINTENANCE, run("new", …, 5004), '
                'copy, then run("archive", …, 5003) with the settings of new.',
            ),
            cell="answer-12-7",
            points=5,
        ),
    ),
    questions=(
        Question(
            "12.1",
            "You run registry:2 with one more variable. Which one gives a registry that keeps its data in memory?",
            choices={
                "a": "REGISTRY_STORAGE_INMEMORY={}",
                "b": "REGISTRY_STORAGE=inmemory",
                "c": "REGISTRY_STORAGE_DRIVER=inmemory",
            },
            right="b",
            why={
                "a": "It adds a section beside the filesystem of the image's file: two drivers, and a panic.",
                "b": "The name alone takes the place of the whole section in the file.",
                "c": "The section storage has no setting called driver: each driver is a section of its own name.",
            },
            hints=("A registry has one driver, and the image's file names one already.",),
            points=2,
        ),
        Question(
            "12.2",
            "The layer of hello-world has about a megabyte. What does Swift's list of objects say of its `…/data`?",
            choices={
                "a": "About a megabyte, as in S3.",
                "b": "Size 0.",
                "c": "Five megabytes, the size of a chunk.",
            },
            right="b",
            why={
                "a": "With the s3 driver it does. The swift driver writes a blob in segments, elsewhere.",
                "b": "It is a large object: an empty one that says where its segments are. They have the bytes.",
                "c": "A chunk is the most that a segment has; the last one is as long as what is left.",
            },
            hints=("A large file reaches Swift in pieces. Where would the pieces be?",),
            points=2,
        ),
        Question(
            "12.4",
            "A registry on S3 has a wrong secret key. What happens in the first seconds?",
            choices={
                "a": "It ends with a panic that names the key.",
                "b": "It runs, and GET /v2/ answers 200.",
                "c": "It runs, and GET /v2/ answers 401.",
            },
            right="b",
            why={
                "a": "Settings that are missing or unknown are a panic. Whether a key is right, only the store knows.",
                "b": "It has not asked the store yet. What needs the store answers 500, and later all answers 503.",
                "c": "401 is about the client's password for the registry, not about the registry's for the store.",
            },
            hints=("When does a registry need its storage for the first time?",),
            points=2,
        ),
    ),
)
