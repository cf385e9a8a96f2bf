"""A registry that was given a second storage."""

from labs.repairs.scenario import Scenario

SCENARIO = Scenario(
    slug="multiple-storage-drivers",
    words="panic: multiple storage drivers specified in configuration or environment",
    title="The registry starts, ends, starts and ends again",
    symptom=(
        "Rosa writes: we want to move our registry to object storage next month. A colleague has prepared "
        "that on node 1, and since then `docker ps` shows the registry as Restarting. Nothing answers at "
        "registry.lab:5000. The log is full of Go. Its beginning:\n"
        "  panic: multiple storage drivers specified in configuration or environment: …\n"
        "Please bring it back as it was, with all images. The move can wait. Node 2 needs team/app:1."
    ),
    hints=(
        "`docker logs registry` on node 1: the first line of the panic names two things. One of them is "
        "in the image's own configuration file.",
        "Each variable REGISTRY_STORAGE_<driver>_… names a driver. `docker inspect registry` shows them "
        "under Env.",
        "Run it again on the volume registry-data without the variables REGISTRY_STORAGE_S3_…, then pull "
        "on node 2.",
    ),
    lesson="store-it-elsewhere",
)
