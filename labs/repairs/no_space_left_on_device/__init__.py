"""A registry whose disk is full of uploads that were never finished."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="no-space-left-on-device",
    words="no space left on device",
    title="Pushes fail with a 500, and collecting garbage frees nothing",
    symptom=(
        "Rosa writes: every push to registry.lab:5000 fails after a minute, `received unexpected HTTP status:"
        " 500 Internal Server Error`. The log of the registry on node 1 says:\n"
        "  no space left on device\n"
        "Its data is on a small disk, /srv/disk of node 1. I ran the garbage collection: 0 blobs eligible for"
        " deletion. There is one small image in it, and still it is full! team/tool:1 has to get in from node"
        " 2, and team/app:1 has to stay."
    ),
    hints=(
        "What is on the disk? `du -ak /srv/disk | sort -n | tail` on node 1.",
        "An upload that was begun and not finished keeps its bytes below _uploads. Garbage collection "
        "looks at blobs, and these are none yet.",
        "Remove the folders in /srv/disk/docker/registry/v2/repositories/*/*/_uploads while no push is "
        "running, then push from node 2. (A larger disk, with the data copied, is as good.)",
    ),
    lesson="clean-up",
)
