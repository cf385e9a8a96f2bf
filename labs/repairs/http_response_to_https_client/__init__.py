"""A registry without TLS, and a machine that expects TLS of it."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="http-response-to-https-client",
    words="http: server gave HTTP response to HTTPS client",
    title="One machine cannot pull from a registry that works on its own machine",
    symptom=(
        "Rosa writes: our new registry is at registry.lab:5000, on node 1. There I pushed team/app:1 and "
        "pulled it again, no problem.\n"
        "On my machine, node 2, `docker pull registry.lab:5000/team/app:1` says:\n"
        '  Get "https://registry.lab:5000/v2/": http: server gave HTTP response to HTTPS client\n'
        "I need the image on node 2, under that name."
    ),
    hints=(
        "The message has both sides in it: what the engine of node 2 sent, and what the registry "
        "answered.",
        "An engine speaks TLS with every registry but those on its own 127.0.0.0/8, unless it was told "
        "otherwise. Which engine has to be told?",
        "Either the registry gets a certificate, or `insecure-registries` in /etc/docker/daemon.json of "
        "node 2 names registry.lab:5000 and its engine reads the file again.",
    ),
    lesson="encrypt-it",
)
