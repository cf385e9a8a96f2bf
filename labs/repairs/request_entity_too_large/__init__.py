"""A proxy before a registry, with a limit that a layer exceeds."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="request-entity-too-large",
    words="413 Request Entity Too Large",
    title="Since there is a proxy before the registry, pulls work and pushes do not",
    symptom=(
        "Rosa writes: our registry is behind an nginx now, container proxy on node 1. Pulls work. `docker "
        "push registry.lab:5000/team/tool:1` on node 2 tries for a minute and fails:\n"
        "  unknown: <html> <head><title>413 Request Entity Too Large</title></head> …\n"
        "It has to get in through the proxy: that one writes the log which our audit reads. Next week we push"
        " images of some gigabytes."
    ),
    hints=(
        "The answer is HTML, and a registry speaks JSON: who wrote it?",
        "nginx takes bodies of 1 MB, unless its configuration says otherwise. It is "
        "/srv/proxy/registry.conf on node 1.",
        "`client_max_body_size 0;` in the server block: no limit. Then `docker exec proxy nginx -s "
        "reload`, and the push from node 2.",
    ),
    lesson="let-the-right-people-in",
    images=("registry:2", "hello-world:latest", "busybox:latest", "nginx:latest"),
)
