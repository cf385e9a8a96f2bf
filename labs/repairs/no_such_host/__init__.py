"""A registry's name that the user's machine does not know."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="no-such-host",
    words="dial tcp: lookup registry.team.lab …: no such host",
    title="A registry is found by its name on one machine and not on another",
    symptom=(
        "Rosa writes: the registry of node 1 has a name of its own now, registry.team.lab:5000. On node 1, "
        "`docker pull registry.team.lab:5000/team/app:1` works. On my machine, node 2, it says:\n"
        '  Get "http://registry.team.lab:5000/v2/": dial tcp: lookup registry.team.lab on …: no such host\n'
        "Our name server will know the name next week, and I need the image today, under this name."
    ),
    hints=(
        "The engine of node 2 asked for the address of a name and got none. On node 1 something else than"
        " a name server knows it.",
        "`getent hosts registry.team.lab` in both nodes, and /etc/hosts in node 1. Which address has to "
        "be there on node 2?",
        "`getent hosts node1` in node 2 prints the address; add the line `ADDRESS registry.team.lab` to "
        "/etc/hosts in node 2; the engine reads the file again after five seconds at most; then pull.",
    ),
    lesson="encrypt-it",
)
