"""A service whose image has an address that means another machine on each node."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="no-such-image",
    words="No such image: 127.0.0.1:5000/team/app:1",
    title="A service of a swarm runs on one node and never on the other",
    symptom=(
        "Rosa writes: node 1 and node 2 are a swarm, node 1 is its manager. The service web, mode global, has to run"
        " on both. On node 1 it runs. `docker service ps --no-trunc web` on node 1 has a new line for node 2 every"
        " five seconds, each Rejected, with\n"
        "  No such image: 127.0.0.1:5000/team/app:1\n"
        "But there is such an image: I pushed it to our registry, the container registry on node 1, and `docker pull"
        " 127.0.0.1:5000/team/app:1` on node 1 gets it. Next month node 3 joins, and a script makes new nodes: nothing"
        " that someone does on each node by hand, please, for each new image."
    ),
    hints=(
        "The engine of node 2 pulls the image of its task. Try `docker pull 127.0.0.1:5000/team/app:1` there: the swarm"
        " leaves the reason out.",
        "127.0.0.1 is each machine itself. Which address of the registry leads to node 1 from both nodes? Both engines"
        " take one as insecure: /etc/docker/daemon.json.",
        "On node 1: `docker service update --image registry.lab:5000/team/app:1 web`.",
    ),
    lesson="serve-a-swarm",
    swarm=True,
)
