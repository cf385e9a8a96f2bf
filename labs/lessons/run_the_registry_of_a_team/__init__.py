"""The capstone: the registry of a team on a swarm of five, judged while it is attacked. Marked out of 100."""

from labs.lesson import Lesson

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
    draft=True,
)
