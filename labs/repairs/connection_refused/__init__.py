"""A registry whose port is published on its own machine's loopback address only."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="connection-refused",
    words="dial tcp …:5000: connect: connection refused",
    title="A registry answers on its own machine and on no other",
    symptom=(
        "Rosa writes: registry.lab runs on node 1, `docker ps` there shows it, and there I can push and pull "
        "at 127.0.0.1:5000.\n"
        "On my machine, node 2, `docker pull registry.lab:5000/team/app:1` says:\n"
        '  Get "http://registry.lab:5000/v2/": dial tcp …:5000: connect: connection refused\n'
        'Last week it worked. Since then a colleague has "made the registry more secure".'
    ),
    hints=(
        "The name was found and the machine answered: it has nothing that listens at this address and "
        "port.",
        "A port is published on all addresses of a machine or on one: the column PORTS of `docker ps` on "
        "node 1.",
        "A published address is fixed when a container is made. Run a new one with -p 5000:5000 on the "
        "same volume, registry-data, then pull on node 2.",
    ),
    lesson="share-it",
)
