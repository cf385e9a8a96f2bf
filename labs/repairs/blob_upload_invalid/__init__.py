"""Two registries behind one address, each with a secret of its own."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="blob-upload-invalid",
    words="404 BLOB_UPLOAD_INVALID: blob upload invalid",
    title="Since there are two registries behind one address, pushes fail, and pulls do not",
    symptom=(
        "Rosa writes: for safety we run two registries on node 1, replica1 and replica2. They share the "
        "volume registry-data, and an nginx (container proxy, /srv/proxy/registry.conf) gives requests to "
        "both in turn. Pulls work. `docker push registry.lab:5000/team/tool:1` on node 2 tries for a minute "
        "and says:\n"
        "  blob upload unknown\n"
        "In the replicas' logs it is `blob upload invalid`. If I stop one of them, pushes work, but we want "
        "to keep two. Please push team/tool:1 from node 2 when it is mended."
    ),
    hints=(
        "An upload is several requests. Which of them go to which replica, and what has one to know of "
        "the other?",
        "The address at which an upload goes on is signed by the replica that began it, with a secret "
        "that each makes up at its start, unless it is told one.",
        "Run both again with the same REGISTRY_HTTP_SECRET, everything else as it is: `docker inspect "
        "replica1` shows variables and volume. Then push from node 2.",
    ),
    lesson="serve-a-swarm",
    images=("registry:2", "hello-world:latest", "busybox:latest", "nginx:latest"),
)
