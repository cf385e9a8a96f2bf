"""Two containers that want one port of a machine; both are needed."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="port-is-already-allocated",
    words="Bind for 0.0.0.0:5000 failed: port is already allocated",
    title="After a restart of the machine, the registry does not come back",
    symptom=(
        "Rosa writes: node 1 was restarted for updates, and our registry is down since. `docker start "
        "registry` there says:\n"
        "  Error response from daemon: driver failed programming external connectivity on endpoint registry "
        "(…): Bind for 0.0.0.0:5000 failed: port is already allocated\n"
        "Please bring registry.lab:5000 back with what is in it: node 2 needs team/app:1. And do not break "
        "the page of our handbook, container docs: people read it too, at whatever port."
    ),
    hints=(
        "The registry's container is fine. Something else on node 1 has what it needs.",
        "`docker ps` on node 1, column PORTS: which container has port 5000, and does it have to be that "
        "one?",
        "Remove the container docs and run it again with -p 5001:80, `docker start registry`, pull on "
        "node 2.",
    ),
    lesson="run-a-registry",
)
